/** Which window the figures are of, which node is open, and how it is shown; kept in the address. */
export interface WorkflowSearch {
  /** An age such as `7d`, or a moment; the last 24 hours unless given. */
  since?: string;
  until?: string;
  node?: string;
  view?: "table";
  /** Ways that nobody wrote and nobody took are left out. */
  failures?: "off";
}

export function workflowSearch(search: Record<string, unknown>): WorkflowSearch {
  const given: WorkflowSearch = {};
  for (const name of ["since", "until", "node"] as const) {
    const value = search[name];
    if (typeof value === "string" && value !== "") given[name] = value;
  }
  if (search["view"] === "table") given.view = "table";
  if (search["failures"] === "off") given.failures = "off";
  return given;
}

/** What a window is asked for, of the API as of the list of runs. */
export type Window = Pick<WorkflowSearch, "since" | "until"> & { since: string };

export function windowOf({ since = "24h", until }: WorkflowSearch): Window {
  return { since, ...(until === undefined ? {} : { until }) };
}
