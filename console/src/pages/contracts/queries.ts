import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

export const driftQuery = queryOptions({
  queryKey: ["drift"],
  queryFn: ({ signal }) => call("GET /v1/drift", { signal }),
});

/** The newest that are kept. */
export const quarantineQuery = queryOptions({
  queryKey: ["quarantine", "newest"],
  queryFn: ({ signal }) => call("GET /v1/quarantine", { query: { limit: 500 }, signal }),
});

/** All of them, a page at a time. */
export const quarantinePages = infiniteQueryOptions({
  queryKey: ["quarantine", "pages"],
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam: cursor }) =>
    call("GET /v1/quarantine", { query: { limit: 200, ...(cursor === null ? {} : { cursor }) }, signal }),
  getNextPageParam: ({ next_cursor: next }) => next,
});
