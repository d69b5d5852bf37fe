/** What of the dead letters is looked at; kept in the address. */
export interface DeadSearch {
  workflow?: string;
  failure_class?: string;
  since?: string;
}

export function deadSearch(search: Record<string, unknown>): DeadSearch {
  const given: DeadSearch = {};
  for (const name of ["workflow", "failure_class", "since"] as const) {
    const value = search[name];
    if (typeof value === "string" && value !== "") given[name] = value;
  }
  return given;
}
