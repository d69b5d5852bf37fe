/** Names a list of runs is filtered by: those of `GET /v1/runs`, kept in the address. */
export const RUN_FILTERS = [
  "workflow",
  "status",
  "disposition",
  "stage",
  "release",
  "prompt",
  "prompt_version",
  "model",
  "tool",
  "failure_class",
  "fingerprint",
  "edge_from",
  "edge_to",
  "since",
  "until",
  "q",
] as const;

export type RunFilterName = (typeof RUN_FILTERS)[number];

export type RunsSearch = { [name in RunFilterName]?: string };

/** Reads the filters of an address; what is no filter is left out. */
export function runsSearch(search: Record<string, unknown>): RunsSearch {
  const given: RunsSearch = {};
  for (const name of RUN_FILTERS) {
    const value = search[name];
    if (typeof value === "string" ? value !== "" : typeof value === "number") given[name] = String(value);
  }
  return given;
}

/** The filters, and the runs chosen among those that match: `all`, or their ids with points between. */
export type RunsPageSearch = RunsSearch & { selected?: string };

export function runsPageSearch(search: Record<string, unknown>): RunsPageSearch {
  const { selected } = search;
  return { ...runsSearch(search), ...(typeof selected === "string" && selected !== "" ? { selected } : {}) };
}

/** `search` with other filters; what was selected among the runs of the present ones is not any more. */
export function withFilters(
  search: RunsPageSearch,
  change: { [name in RunFilterName]?: string | undefined },
): RunsSearch {
  return runsSearch({ ...search, ...change });
}

/** The filters that are set, in the order they are shown. */
export function filtersOf(search: RunsSearch): [RunFilterName, string][] {
  return RUN_FILTERS.flatMap((name) => {
    const value = search[name];
    return value === undefined ? [] : [[name, value] as [RunFilterName, string]];
  });
}
