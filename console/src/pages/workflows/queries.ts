import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import type { Traffic, WorkflowGraph } from "../../api/schema.gen.ts";
import type { Window } from "./search.ts";

/** The picture follows the source; a window that is over does not change any more. */
const REFRESH_MS = 4_000;

export function graphQuery(name: string) {
  return queryOptions<WorkflowGraph>({
    queryKey: ["project", "graph", name],
    queryFn: ({ signal }) => call("GET /v1/workflows/{name}/graph", { params: { name }, signal }),
    staleTime: 15_000,
  });
}

/** Counted anew every few seconds and no oftener, however busy the server is. */
export function trafficQuery(name: string, { since, until }: Window, isLive: boolean) {
  return queryOptions<Traffic>({
    queryKey: ["traffic", name, since, until ?? null],
    queryFn: ({ signal }) =>
      call("GET /v1/workflows/{name}/traffic", {
        params: { name },
        query: { since, ...(until === undefined ? {} : { until }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: isLive && until === undefined ? REFRESH_MS : false,
  });
}
