import type { Json, JsonObject } from "../base/json.ts";
import type { CaseResult, ScoredCase } from "./result.ts";
import type { Target } from "./suite.ts";

/** For tests: a case, what was answered, and what else is to be otherwise than usual. */
export function made(
  expected: Json,
  output: Json | null,
  over: { case?: Partial<ScoredCase["case"]>; result?: Partial<CaseResult>; slices?: ScoredCase["slices"] } = {},
): ScoredCase {
  const id = over.case?.id ?? "case";
  return {
    case: { id, input: {}, expected, tags: [], dataset: "golden", kind: "golden", hash: id, ...over.case },
    result: {
      caseId: id,
      caseHash: id,
      dataset: "golden",
      repeat: 1,
      outcome: output === null ? "failed" : "answered",
      output,
      confidence: null,
      validJson: output === null ? null : true,
      validFirst: output === null ? null : true,
      repaired: false,
      latencyMs: 100,
      inputTokens: 10,
      outputTokens: 5,
      costUsd: 0.001,
      error: null,
      scores: {},
      cached: false,
      trace: [],
      ...over.result,
    },
    slices: over.slices ?? {},
  };
}

/** For tests: a target, with what is to be otherwise than usual. */
export function madeTarget(metric: string, over: Partial<Target> & { positive?: JsonObject | null } = {}): Target {
  return {
    name: metric,
    metric,
    field: null,
    positive: null,
    slice: null,
    threshold: null,
    comparison: ">=",
    bound: 0.95,
    target: ">= 95%",
    critical: false,
    minCases: 0,
    ...over,
  };
}
