import type { Json } from "../base/json.ts";
import type { Unit } from "./metrics.ts";
import type { ScoredCase } from "./result.ts";

/** How one target moved between two results, on the cases both have. */
export interface ComparedTarget {
  name: string;
  metric: string;
  unit: Unit;
  before: { value: number | null; hits: number | null; cases: number };
  after: { value: number | null; hits: number | null; cases: number };
  /** Cases that got worse and better; null where the metric does not judge case by case. */
  worse: number | null;
  better: number | null;
  /** Of the exact paired test, two-sided; null where there is none. */
  p: number | null;
  /** `worse` and `better` are shown, at 5 %; else nothing is. */
  shown: "worse" | "better" | "nothing";
  note: string;
}

/** A case on which the two differ in passing. */
export interface ComparedCase {
  case_id: string;
  dataset: string;
  change: "worse" | "better";
  expected: Json;
  /** Outputs of the first attempts; null: none. */
  before: Json | null;
  after: Json | null;
}

/** Two results of one suite, case by case. */
export interface ComparisonReport {
  /** Eval runs: `before` is the baseline. */
  before: string;
  after: string;
  /** Cases both have, unchanged. */
  cases: number;
  only_before: number;
  only_after: number;
  /** Cases both have under one id, with other content: not compared. */
  changed: number;
  targets: readonly ComparedTarget[];
  /** The first ones, worse before better, in the order of the datasets. */
  rows: readonly ComparedCase[];
  rows_total: number;
}

/** Goes over the cases of two results once, in any one order. Either side may lack a case: then its list is empty. */
export interface ComparisonFold {
  accumulate(before: readonly ScoredCase[], after: readonly ScoredCase[]): void;
  finish(facts: { before: string; after: string }): ComparisonReport;
}
