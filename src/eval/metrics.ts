import type { Target } from "./suite.ts";

export type Unit = "share" | "ms" | "usd" | "tokens";

/** What a target may say beside metric and bound. */
export type Operand = "field" | "positive" | "threshold";

export interface Metric {
  /** What a bound is given in. `share`: 0 to 1, also of scores. */
  unit: Unit;
  takes: readonly Operand[];
  /** Of `takes`, one of these has to be there. */
  requires: readonly Operand[];
  /** Counts cases, so that it has an exact interval. Of those that take field and positive: of a positive alone. */
  proportion: boolean;
  /** Counts of what the case says, never of what was answered, so that two answers to a case can be compared in pairs. */
  paired: boolean;
}

const OF_OUTPUT = { unit: "share", takes: ["field"], requires: [], proportion: true, paired: true } as const;
const OF_FIELD = { unit: "share", takes: ["field"], requires: ["field"], proportion: true, paired: true } as const;
const OF_CLASS = { unit: "share", takes: ["field", "positive"], requires: ["field", "positive"] } as const;
const OF_MODEL = { unit: "share", takes: [], requires: [], proportion: true, paired: true } as const;
const AVERAGE = { takes: [], requires: [], proportion: false, paired: false } as const;

/** The metrics there are beside custom scorers. Their definitions: docs/guides/evals.md. */
export const METRICS: Readonly<Record<string, Metric>> = {
  accuracy: OF_OUTPUT,
  exact_match: OF_OUTPUT,
  numeric_match: OF_FIELD,
  set_match: OF_FIELD,
  field_match: { ...OF_OUTPUT, proportion: false },
  text_similarity: { ...OF_FIELD, proportion: false },
  recall: { ...OF_CLASS, proportion: true, paired: true },
  precision: { ...OF_CLASS, proportion: true, paired: false },
  specificity: { ...OF_CLASS, proportion: true, paired: true },
  f1: { ...OF_CLASS, proportion: false, paired: false },
  valid_json_rate: OF_MODEL,
  schema_failure_rate: OF_MODEL,
  repair_rate: OF_MODEL,
  automation_rate: { unit: "share", takes: ["threshold"], requires: [], proportion: true, paired: true },
  automated_accuracy: { unit: "share", takes: ["field", "threshold"], requires: [], proportion: true, paired: false },
  pass_all: OF_OUTPUT,
  ece: { unit: "share", takes: ["field"], requires: [], proportion: false, paired: false },
  latency_avg: { unit: "ms", ...AVERAGE },
  latency_p50: { unit: "ms", ...AVERAGE },
  latency_p95: { unit: "ms", ...AVERAGE },
  tokens_avg: { unit: "tokens", ...AVERAGE },
  input_tokens_avg: { unit: "tokens", ...AVERAGE },
  output_tokens_avg: { unit: "tokens", ...AVERAGE },
  cost_avg: { unit: "usd", ...AVERAGE },
  cost_total: { unit: "usd", ...AVERAGE },
};

/** Null: no metric of ours, so a custom scorer. */
export function metricNamed(name: string): Metric | null {
  return Object.hasOwn(METRICS, name) ? (METRICS[name] ?? null) : null;
}

/**
 * Whether a target counts cases, so that it has an exact interval and may be critical. Of a custom scorer that is known only
 * from its figures: it does where all of them are 0 or 1.
 */
export function isProportion(target: Pick<Target, "metric" | "positive">): boolean {
  const metric = metricNamed(target.metric);
  if (metric === null) return true;
  return metric.proportion && (!metric.takes.includes("positive") || target.positive !== null);
}

/** Custom scorers have no unit of their own: their figures are shares, or scores from 0 to 1. */
export function unitOf(name: string): Unit {
  return metricNamed(name)?.unit ?? "share";
}
