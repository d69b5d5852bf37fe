import { describe, expect, test } from "vitest";
import { changedSince } from "./evals.ts";
import type { Datasets, EvalSuites } from "./schema.gen.ts";

const SUITES = [{ name: "regression", hash: "aa" }] as unknown as EvalSuites["items"];
const DATASETS = [{ name: "golden", version: 3 }] as unknown as Datasets["items"];
const dataset = (version: number) => ({ name: "golden", kind: "golden", version, hash: "x", cases: 10 });

describe("evidence", () => {
  test("is fresh while suite and datasets are those it was made with", () => {
    const evidence = { suite: "regression", suite_hash: "aa", datasets: [dataset(3)] };
    expect(changedSince(evidence, SUITES, DATASETS)).toEqual([]);
  });

  test("is stale once the suite says something else, or a newer version of a dataset is published", () => {
    const evidence = { suite: "regression", suite_hash: "bb", datasets: [dataset(2)] };
    expect(changedSince(evidence, SUITES, DATASETS)).toEqual([
      "the suite regression has changed",
      "golden is at version 3, this was version 2",
    ]);
    expect(changedSince({ ...evidence, suite: "gone" }, SUITES, DATASETS)[0]).toBe(
      "the suite gone is not there any more",
    );
  });
});
