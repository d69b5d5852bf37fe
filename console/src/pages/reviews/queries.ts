import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import type { Review } from "../../api/schema.gen.ts";
import type { ReviewsSearch } from "./search.ts";

/** Of the queue: what narrows it. */
export type QueueFilter = Pick<ReviewsSearch, "workflow" | "team" | "why">;

export function queueFilter({ workflow, team, why }: ReviewsSearch): QueueFilter {
  return {
    ...(workflow === undefined ? {} : { workflow }),
    ...(team === undefined ? {} : { team }),
    ...(why === undefined ? {} : { why }),
  };
}

const PAGE = 200;

export const listQuery = (filter: QueueFilter, status: NonNullable<ReviewsSearch["status"]>) =>
  infiniteQueryOptions({
    // Not among what every change of the queue makes stale: the list decides how often it asks for all of its pages.
    queryKey: ["review-list", filter, status],
    queryFn: ({ pageParam, signal }) =>
      call("GET /v1/reviews", {
        query: { ...filter, status, limit: PAGE, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor: next }) => next ?? undefined,
    staleTime: 0,
  });

export const countsQuery = (filter: QueueFilter) =>
  queryOptions({
    queryKey: ["reviews", "counts", filter],
    queryFn: ({ signal }) => call("GET /v1/reviews/counts", { query: filter, signal }),
  });

/** What was answered since `since` (epoch ms), the newest first; at most 500 of them. */
export const answeredQuery = (since: number) =>
  queryOptions({
    queryKey: ["reviews", "answered", since],
    queryFn: async ({ signal }) => {
      const { items } = await call("GET /v1/reviews", { query: { status: "answered", limit: 500 }, signal });
      return items.filter(({ answered_at: at }) => at !== null && Date.parse(at) >= since);
    },
  });

/**
 * The whole item. It is asked for when somebody opens it and not again with each change of the queue: whoever is shown
 * hidden values is put on record each time, and that has to stay the number of times somebody looked.
 */
export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: ["review", id],
    queryFn: ({ signal }) => call("GET /v1/reviews/{id}", { params: { id }, signal }),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

/** How the review stands, without its contents: this is what is kept live. */
export const standingKey = (id: string) => ["reviews", "standing", id] as const;

export async function standingOf(id: string, runId: string, signal: AbortSignal): Promise<Review> {
  const { items } = await call("GET /v1/reviews", { query: { run_id: runId, status: "any", limit: 500 }, signal });
  const found = items.find(({ review_id: each }) => each === id);
  if (found === undefined) throw new Error(`The run ${runId} has no review ${id}.`);
  return found;
}
