import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { UseMutationResult } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

/** A release may be changed by anybody at any time, from a shell too. */
const LOOK_MS = 5_000;
/** While a change is on its way to the workers it is watched. */
const WATCH_MS = 1_000;

export const releasesQuery = queryOptions({
  queryKey: ["releases"],
  queryFn: ({ signal }) => call("GET /v1/releases", { signal }),
  refetchInterval: LOOK_MS,
});

export const releaseQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["releases", workflow, "present"],
    queryFn: ({ signal }) => call("GET /v1/releases/{workflow}", { params: { workflow }, signal }),
    refetchInterval: LOOK_MS,
  });

export const historyQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["releases", workflow, "history"],
    queryFn: ({ signal }) => call("GET /v1/releases/{workflow}/history", { params: { workflow }, signal }),
    refetchInterval: LOOK_MS,
  });

export const servedQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["releases", workflow, "served"],
    queryFn: ({ signal }) => call("GET /v1/releases/{workflow}/served", { params: { workflow }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.workers.every(({ in_force: isThere }) => isThere) === true ? 2_000 : WATCH_MS,
  });

export const proposalsQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["releases", workflow, "proposals"],
    queryFn: ({ signal }) => call("GET /v1/releases/{workflow}/proposals", { params: { workflow }, signal }),
    refetchInterval: LOOK_MS,
  });

export const candidatesQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["releases", workflow, "candidates"],
    queryFn: ({ signal }) => call("GET /v1/releases/{workflow}/candidates", { params: { workflow }, signal }),
    refetchInterval: LOOK_MS,
  });

export const curveQuery = (workflow: string, threshold: string) =>
  queryOptions({
    queryKey: ["releases", workflow, "curve", threshold],
    queryFn: ({ signal }) =>
      call("GET /v1/releases/{workflow}/curve", {
        params: { workflow },
        query: { threshold },
        signal,
      }),
    staleTime: 60_000,
  });

/** A call that changes a release; afterwards everything about releases is asked anew. */
export function useReleaseChange<In, Out>(
  change: (input: In) => Promise<Out>,
  done: (answer: Out) => void,
): UseMutationResult<Out, Error, In> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (answer) => {
      await client.invalidateQueries({ queryKey: ["releases"] });
      await client.invalidateQueries({ queryKey: ["project"] });
      done(answer);
    },
  });
}
