import type { Json, JsonObject } from "../base/json.ts";
import type { Evidence, Subject, TargetResult, Verdict } from "../release/evidence.ts";
import type { ComparisonReport } from "./comparison.ts";
import type { CaseOutcome, ScoredCase } from "./result.ts";
import type { Comparison, Suite } from "./suite.ts";
import type { Unit } from "./metrics.ts";

/** Exact, two-sided, 95 %. */
export interface Interval {
  low: number;
  high: number;
}

/** A share with what it is a share of. Null value and interval: of no cases. */
export interface Share {
  value: number | null;
  hits: number;
  cases: number;
  interval: Interval | null;
}

export interface TargetRow extends TargetResult {
  field: string | null;
  positive: JsonObject | null;
  slice: JsonObject | null;
  unit: Unit;
  comparison: Comparison;
  bound: number;
}

/** A target's figures within one value of a slice. They show; only the targets themselves decide. */
export type SliceFigure = Pick<TargetResult, "name" | "value" | "interval" | "hits" | "cases" | "status">;

export interface SliceValue {
  /** Null: the cases that have no value there. */
  value: string | null;
  cases: number;
  /** Attempts, of which the whole output was as expected. */
  passing: Share;
  targets: readonly SliceFigure[];
}

export interface SliceTable {
  /** Path into the input, or `kind`: the kind of dataset. */
  by: string;
  values: readonly SliceValue[];
  /** Values, or kinds, that no case has: said to be absent. */
  absent: readonly string[];
  /** Cases of further values, beyond those the table has room for. */
  others: number;
}

export interface ClassRow {
  /** A value of the field, as text. */
  value: string;
  /** Cases that expect it, and attempts that answered it. */
  expected: number;
  answered: number;
  precision: Share;
  recall: Share;
  specificity: Share;
  f1: number | null;
}

/** What was answered where what was expected, of one field. Cases that expect a predicate there are not among them. */
export interface FieldTable {
  field: string;
  classes: readonly ClassRow[];
  /** `answered` null: no answer, or none in that field. Only pairs that occurred. */
  confusion: readonly { expected: string; answered: string | null; attempts: number }[];
  /** Attempts at cases whose value is a predicate, or is not named. */
  undetermined: number;
  /** Attempts at cases of further values, beyond those the table has room for. */
  others: number;
}

export interface ReliabilityBin {
  low: number;
  high: number;
  attempts: number;
  /** Mean of the bin; null: empty. */
  confidence: number | null;
  accuracy: Share;
}

export interface Calibration {
  /** Expected calibration error over ten bins of equal width; null: no confidence was given. */
  ece: number | null;
  bins: readonly ReliabilityBin[];
  /** Attempts without a confidence. */
  without: number;
}

/** Of those attempts that have the figure. */
export interface Spread {
  attempts: number;
  total: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
}

export interface Usage {
  latency_ms: Spread;
  input_tokens: Spread;
  output_tokens: Spread;
  cost_usd: Spread;
  /** Attempts that asked a model and whose price is unknown. */
  unpriced: number;
  cached: number;
}

/** Over repeats of the same cases. */
export interface Flakiness {
  /** Mean over all attempts. */
  mean: number | null;
  /** Share of cases of which k attempts drawn at random all pass: for k = 1 to the number of repeats. */
  pass: readonly { k: number; value: number | null }[];
  /** Cases with some attempts passing and some not. */
  flaky: number;
}

export interface FailingCase {
  case_id: string;
  dataset: string;
  kind: string;
  repeat: number;
  outcome: CaseOutcome;
  error: string | null;
  /** What of the expected was not so. `actual` is left out where the output has nothing there. */
  differences: readonly { pointer: string; expected: Json; actual?: Json }[];
}

export interface Totals {
  cases: number;
  attempts: number;
  /** Whole outputs as expected. */
  passing: Share;
  outcomes: Readonly<Record<CaseOutcome, number>>;
}

/** The report document: all that a report shows, in any form. Times apart, the same results give the same document. */
export interface Report {
  report_version: 1;
  eval_id: string;
  suite: { name: string; description: string; file: string; hash: string; scorers_hash: string };
  subject: Subject;
  datasets: Evidence["datasets"];
  repeat: number;
  verdict: Verdict;
  /** True where a model without instructions answered: the figures say nothing about instructions. */
  in_context: boolean;
  totals: Totals;
  targets: readonly TargetRow[];
  slices: readonly SliceTable[];
  fields: readonly FieldTable[];
  calibration: Calibration;
  usage: Usage;
  /** Null where each case was tried once. */
  flakiness: Flakiness | null;
  /** The first ones, in the order of the datasets. */
  failing: readonly FailingCase[];
  /** Against the baseline; null: there is none. */
  comparison: ComparisonReport | null;
  started_at: string | null;
  ended_at: string | null;
}

/** What a report says beside its figures. */
export interface ReportFacts {
  evalId: string;
  subject: Subject;
  datasets: Evidence["datasets"];
  scorersHash: string;
  inContext: boolean;
  comparison: ComparisonReport | null;
  /** Epoch ms. */
  startedAt: number | null;
  endedAt: number | null;
}

/**
 * Goes over the results of an eval run once, in the order of its cases, all attempts at one case after each other, and keeps
 * counts only. An attempt that never came has to be put in as one that failed; a case with fewer attempts than `repeat` throws.
 */
export interface Fold {
  accumulate(scored: ScoredCase): void;
  finish(facts: ReportFacts): Report;
}

/** Of a suite: what its figures are made from. */
export type FoldedSuite = Pick<Suite, "name" | "description" | "file" | "hash" | "targets" | "slices">;
