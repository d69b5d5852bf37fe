import { queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import type { Eval } from "../../api/schema.gen.ts";

/** An eval may be begun by anybody at any time, from a shell too. */
const LOOK_MS = 5_000;
/** While one is under way it is watched. */
const WATCH_MS = 1_000;

export function isOpen({ status }: Pick<Eval, "status">): boolean {
  return status === "queued" || status === "running";
}

export const suitesQuery = queryOptions({
  queryKey: ["evals", "suites"],
  queryFn: ({ signal }) => call("GET /v1/evals/suites", { signal }),
  refetchInterval: LOOK_MS,
});

export const evalsQuery = (suite: string | undefined) =>
  queryOptions({
    queryKey: ["evals", "list", suite ?? null],
    queryFn: ({ signal }) =>
      call("GET /v1/evals", { query: { limit: 100, ...(suite === undefined ? {} : { suite }) }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isOpen) === true ? WATCH_MS : LOOK_MS),
  });

export const evalQuery = (evalId: string) =>
  queryOptions({
    queryKey: ["evals", "one", evalId],
    queryFn: ({ signal }) => call("GET /v1/evals/{eval_id}", { params: { eval_id: evalId }, signal }),
    refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data) ? WATCH_MS : false),
  });

/** Failing attempts, a page at a time. */
export function failingPage(evalId: string, cursor: string | undefined, signal: AbortSignal) {
  return call("GET /v1/evals/{eval_id}/cases", {
    params: { eval_id: evalId },
    query: { failing: "true", limit: 50, ...(cursor === undefined ? {} : { cursor }) },
    signal,
  });
}

export const caseQuery = (evalId: string, caseId: string, dataset: string | undefined) =>
  queryOptions({
    queryKey: ["evals", "case", evalId, dataset ?? null, caseId],
    queryFn: ({ signal }) =>
      call("GET /v1/evals/{eval_id}/cases/{case_id}", {
        params: { eval_id: evalId, case_id: caseId },
        query: dataset === undefined ? {} : { dataset },
        signal,
      }),
  });

export const compareQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ["evals", "compare", a, b],
    queryFn: ({ signal }) => call("GET /v1/evals/compare", { query: { a, b }, signal }),
  });
