import { queryOptions } from "@tanstack/react-query";
import { call } from "./client.ts";
import type { Datasets, EvalSuites, Evidence } from "./schema.gen.ts";

const staleTime = 15_000;

export const suitesQuery = queryOptions({
  queryKey: ["project", "suites"],
  queryFn: ({ signal }) => call("GET /v1/evals/suites", { signal }),
  staleTime,
});

export const datasetsQuery = queryOptions({
  queryKey: ["project", "datasets"],
  queryFn: ({ signal }) => call("GET /v1/datasets", { signal }),
  staleTime,
});

/** What has changed since an evaluation; empty: it is of the suite and the datasets as they are. */
export function changedSince(
  {
    suite,
    suite_hash: hash,
    datasets,
  }: Pick<Evidence, "suite" | "suite_hash"> & { datasets: readonly { name: string; version: number }[] },
  suites: EvalSuites["items"],
  known: Datasets["items"],
): string[] {
  const present = suites.find(({ name }) => name === suite);
  const newer = datasets.flatMap(({ name, version }) => {
    const latest = known.find((each) => each.name === name)?.version ?? version;
    return latest > version ? [`${name} is at version ${latest}, this was version ${version}`] : [];
  });
  if (present === undefined) return [`the suite ${suite} is not there any more`, ...newer];
  return present.hash === hash ? newer : [`the suite ${suite} has changed`, ...newer];
}
