import { queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

// Keys begin with ["run", its id]: whatever happens to the run makes them stale.

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "head"],
    queryFn: ({ signal }) => call("GET /v1/runs/{id}", { params: { id }, signal }),
  });

export const traceQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "trace"],
    queryFn: ({ signal }) => call("GET /v1/runs/{id}/trace", { params: { id }, signal }),
  });

export const whyQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "why"],
    queryFn: ({ signal }) => call("GET /v1/runs/{id}/why", { params: { id }, signal }),
  });

export const reviewsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "reviews"],
    queryFn: ({ signal }) => call("GET /v1/reviews", { query: { run_id: id, status: "any", limit: 100 }, signal }),
  });

/** The messages of a model call or repair. */
export const messagesQuery = (id: string, step: number) =>
  queryOptions({
    queryKey: ["run", id, "messages", step],
    queryFn: ({ signal }) => call("GET /v1/runs/{id}/messages", { params: { id }, query: { step }, signal }),
  });

/** Who was shown the originals. */
export const viewsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "views"],
    queryFn: ({ signal }) => call("GET /v1/runs/{id}/views", { params: { id }, signal }),
  });
