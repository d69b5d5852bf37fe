import type { FailureInfo } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { TraceStep } from "../journal/trace.ts";
import type { PlacedCase } from "./case.ts";

/**
 * How one attempt at a case ended. `answered`: with a valid output (or a decision). `review`: the workflow would have asked a
 * person. Everything but `answered` is wrong in every metric of correctness; nothing leaves a denominator.
 */
export type CaseOutcome = "answered" | "invalid" | "refused" | "review" | "failed" | "timed_out";

/** One attempt at one case. Of an attempt that asked no model the figures about models are null. */
export interface CaseResult {
  caseId: string;
  /** Hash of the case as it was evaluated. */
  caseHash: string;
  dataset: string;
  /** From 1 to `--repeat`. */
  repeat: number;
  outcome: CaseOutcome;
  /** The valid output, or the decision; of a path that stopped for review the proposal it would have shown. Null where there is none. */
  output: Json | null;
  confidence: number | null;
  /** Whether the first answer was JSON; null where no answer came. */
  validJson: boolean | null;
  /** Whether the first answer satisfied schema and rules. */
  validFirst: boolean | null;
  /** Whether a repair was asked for, whatever came of it. */
  repaired: boolean;
  latencyMs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** Null where the price is unknown. */
  costUsd: number | null;
  error: FailureInfo | null;
  /** Figures of custom scorers, by name; a scorer that threw is null and counts as 0. */
  scores: Record<string, number | null>;
  /** True where it was answered from the cache. */
  cached: boolean;
  /** What happened, step by step, as the trace of a run shows it. */
  trace: readonly TraceStep[];
}

/** A case with what became of it: what metrics are computed from. */
export interface ScoredCase {
  case: PlacedCase;
  result: CaseResult;
  /** Value of each slice path in the case's input; null where it has none. */
  slices: Record<string, string | null>;
}
