/** Names a list of runs is filtered by: those of `GET /v1/runs`, kept in the address. */
export const RUN_FILTERS = [
  "workflow",
  "status",
  "disposition",
  "stage",
  "release",
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
