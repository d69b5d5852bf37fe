import { z } from "@hono/zod-openapi";
import { isoTime } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { CandidateAnswer, CandidateTotals } from "../release/candidates.ts";
import { anyJson } from "./documents.ts";
import type { Document } from "./documents.ts";

const time = z.iso.datetime();
const VERSION = {
  slot: z.string(),
  prompt: z.string(),
  version: z.string(),
  hash: z.string(),
  model: z.string(),
};

export const CANDIDATE_TOTALS: z.ZodType = z
  .object({
    ...VERSION,
    total: z.int(),
    valid: z.int(),
    invalid: z.int(),
    failed: z.int(),
    skipped: z.int(),
    repaired: z.int(),
    skipped_why: z.record(z.string(), z.int()),
    compared: z.int().describe("Where the served version and the candidate both gave an output."),
    agreed: z.int().describe("Of those, where both decide the same: free text and confidence count for nothing."),
    judged: z.int().describe("Where a person decided."),
    candidate_right: z.int().describe("Of those, where the candidate says what the person said."),
    served_right: z.int().describe("Of those, where the served version does."),
    fields: z.record(z.string(), z.object({ compared: z.int(), agreed: z.int() })),
    cost_usd: z.number().describe("Of the calls whose price is known."),
    unknown_costs: z.int().describe("Answers whose price is not known."),
    latency_avg_ms: z.number().nullable(),
    latency_p95_ms: z.number().nullable(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    first_at: time,
    last_at: time,
  })
  .openapi("CandidateTotals");

export const CANDIDATE_ANSWER: z.ZodType = z
  .object({
    ...VERSION,
    run_id: z.string(),
    key: z.string(),
    release: z.int(),
    status: z.enum(["valid", "invalid", "failed", "skipped"]),
    code: z.string().nullable(),
    repaired: z.boolean(),
    output: anyJson.describe("Redacted; null where there is none, or retention took it."),
    agrees: z.boolean().nullable(),
    agrees_with_person: z.boolean().nullable(),
    served_agrees_with_person: z.boolean().nullable(),
    fields: z.record(z.string(), z.boolean()).nullable(),
    cost_usd: z.number().nullable(),
    latency_ms: z.number().nullable(),
    asked_at: time,
  })
  .openapi("CandidateAnswer");

export function totalsDocument(totals: CandidateTotals): Document {
  const { slot, prompt, version, hash, model, total, valid, invalid, failed, skipped, repaired } = totals;
  const same = { slot, prompt, version, hash, model, total, valid, invalid, failed, skipped, repaired };
  return {
    ...same,
    skipped_why: totals.skippedWhy,
    compared: totals.compared,
    agreed: totals.agreed,
    judged: totals.judged,
    candidate_right: totals.candidateRight,
    served_right: totals.servedRight,
    fields: totals.fields,
    cost_usd: totals.costUsd,
    unknown_costs: totals.unknownCosts,
    latency_avg_ms: totals.latencyAvgMs,
    latency_p95_ms: totals.latencyP95Ms,
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    first_at: isoTime(totals.firstAt),
    last_at: isoTime(totals.lastAt),
  };
}

export function answerDocument(answer: CandidateAnswer): Document {
  const { slot, prompt, version, hash, model, key, release, status, code, repaired, agrees, fields } = answer;
  const same = { slot, prompt, version, hash, model, key, release, status, code, repaired, agrees, fields };
  return {
    ...same,
    run_id: answer.runId,
    output: answer.output === null ? null : (JSON.parse(answer.output) as Json),
    agrees_with_person: answer.agreesWithPerson,
    served_agrees_with_person: answer.servedAgreesWithPerson,
    cost_usd: answer.costUsd,
    latency_ms: answer.latencyMs,
    asked_at: isoTime(answer.askedAt),
  };
}
