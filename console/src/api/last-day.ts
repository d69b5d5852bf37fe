import { queryOptions } from "@tanstack/react-query";
import { call } from "./client.ts";

/** Values of one facet that the server names at most. */
const MOST = 50;

/** Runs of the last 24 hours, counted by what they went through. */
export const lastDayQuery = queryOptions({
  queryKey: ["runs", "facets", { since: "24h" }],
  queryFn: ({ signal }) => call("GET /v1/runs/facets", { query: { since: "24h" }, signal }),
});

/** How many of the facet's runs have a value that `is` says yes to; undefined where the facet does not name all. */
export function counted(
  facet: readonly { value: string; count: number }[] | undefined,
  is: (value: string) => boolean,
): number | undefined {
  if (facet === undefined) return undefined;
  const found = facet.filter(({ value }) => is(value));
  if (found.length === 0 && facet.length >= MOST) return undefined;
  return found.reduce((sum, { count }) => sum + count, 0);
}
