/** What of the queue is looked at; kept in the address, also while an item is open. */
export interface ReviewsSearch {
  workflow?: string;
  team?: string;
  why?: string;
  status?: "open" | "answered" | "expired" | "withdrawn" | "any";
}

const STATUSES = ["open", "answered", "expired", "withdrawn", "any"] as const;

export function reviewsSearch(search: Record<string, unknown>): ReviewsSearch {
  const given: ReviewsSearch = {};
  for (const name of ["workflow", "team", "why"] as const) {
    const value = search[name];
    if (typeof value === "string" && value !== "") given[name] = value;
  }
  const status = STATUSES.find((each) => each === search["status"]);
  return status === undefined ? given : { ...given, status };
}
