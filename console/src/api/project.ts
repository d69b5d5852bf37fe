import { queryOptions } from "@tanstack/react-query";
import { call } from "./client.ts";

/** What is deployed changes with a deploy; `dev` reloads it when a file is saved. */
const staleTime = 15_000;

export const workflowsQuery = queryOptions({
  queryKey: ["project", "workflows"],
  queryFn: ({ signal }) => call("GET /v1/workflows", { signal }),
  staleTime,
  // Anybody may put a workflow on hold, and how its release goes is watched.
  refetchInterval: ({ state }) => (state.data?.items.some(({ hold }) => hold !== null) === true ? 2_000 : staleTime),
});

export const promptsQuery = queryOptions({
  queryKey: ["project", "prompts"],
  queryFn: ({ signal }) => call("GET /v1/prompts", { signal }),
  staleTime,
});

export const contractsQuery = queryOptions({
  queryKey: ["project", "contracts"],
  queryFn: ({ signal }) => call("GET /v1/contracts", { signal }),
  staleTime,
});

export const toolsQuery = queryOptions({
  queryKey: ["project", "tools"],
  queryFn: ({ signal }) => call("GET /v1/tools", { signal }),
  staleTime,
});
