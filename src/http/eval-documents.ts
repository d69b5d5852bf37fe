import { z } from "@hono/zod-openapi";
import type { EvalView } from "../app/evals.ts";
import { isoTime } from "../base/clock.ts";
import type { PlacedCase } from "../eval/case.ts";
import { mismatches } from "../eval/expected.ts";
import type { EvalRun } from "../eval/ports.ts";
import type { Report } from "../eval/report.ts";
import type { CaseOutcome, CaseResult, ScoredCase } from "../eval/result.ts";
import { failureDocument } from "../journal/trace.ts";
import { FAILURE, anyJson, orNull } from "./documents.ts";
import type { Document } from "./documents.ts";
import { DIFFERENCE, EVAL_DATASETS, REPORT, SUBJECT, VERDICT } from "./report-documents.ts";
import { TRACE_STEP } from "./trace-documents.ts";

const time = z.iso.datetime();

const EVAL_STATUS = ["queued", "running", "done", "failed", "cancelled"] as const;
export const OUTCOMES: readonly [CaseOutcome, ...CaseOutcome[]] = [
  "answered",
  "invalid",
  "refused",
  "review",
  "failed",
  "timed_out",
];

const EVAL_FIELDS = {
  eval_id: z.string(),
  suite: z.string(),
  subject: SUBJECT,
  status: z.enum(EVAL_STATUS),
  repeat: z.int(),
  concurrency: z.int(),
  budget_usd: z.number().nullable(),
  fresh: z.boolean(),
  datasets: EVAL_DATASETS,
  suite_hash: z.string(),
  scorers_hash: z.string(),
  baseline: z.string().nullable().describe("Eval run of the version it is compared with."),
  baseline_of: z.string().nullable().describe("Eval run that it was made for."),
  total: z.int().describe("Cases times repeats; with a baseline, of both."),
  done: z.int(),
  cached: z.int().describe("Of those: answered before, and not asked again."),
  cost_usd: z.number().nullable().describe("Spent so far; null where a price is unknown."),
  unpriced: z.int().describe("Attempts asked for whose price is unknown."),
  seconds_left: z.int().nullable(),
  verdict: orNull(VERDICT),
  failure: orNull(FAILURE),
  created_by: z.string(),
  created_at: time,
  started_at: time.nullable(),
  ended_at: time.nullable(),
};

export const EVAL: z.ZodType = z.object(EVAL_FIELDS).openapi("Eval");

export const EVAL_WITH_REPORT: z.ZodType = z
  .object({ ...EVAL_FIELDS, report: orNull(REPORT).describe("Null until it is done.") })
  .openapi("EvalWithReport");

export const EVAL_STARTED: z.ZodType = z
  .object({ ...EVAL_FIELDS, resumed: z.boolean().describe("The same request had begun it before.") })
  .openapi("EvalStarted");

export const EVAL_CASE: z.ZodType = z
  .object({
    case_id: z.string(),
    dataset: z.string(),
    kind: z.string(),
    repeat: z.int(),
    outcome: z.enum(OUTCOMES),
    passing: z.boolean(),
    expected: anyJson,
    output: orNull(anyJson),
    differences: z.array(DIFFERENCE),
    confidence: z.number().nullable(),
    valid_json: z.boolean().nullable(),
    valid_first: z.boolean().nullable(),
    repaired: z.boolean(),
    latency_ms: z.number().nullable(),
    input_tokens: z.int().nullable(),
    output_tokens: z.int().nullable(),
    cost_usd: z.number().nullable(),
    scores: z.record(z.string(), z.number().nullable()),
    cached: z.boolean(),
    slices: z.record(z.string(), z.string().nullable()),
    error: orNull(FAILURE),
  })
  .openapi("EvalCaseResult");

export const EVAL_CASE_DETAIL: z.ZodType = z
  .object({
    eval_id: z.string(),
    case: z.object({
      id: z.string(),
      dataset: z.string(),
      kind: z.string(),
      input: anyJson,
      expected: anyJson,
      tags: z.array(z.string()),
      source: z.string().nullable(),
      tools: orNull(anyJson),
    }),
    attempts: z.array(z.object({ result: EVAL_CASE, trace: z.array(TRACE_STEP) })),
  })
  .openapi("EvalCaseDetail");

export const SUITE: z.ZodType = z
  .object({
    name: z.string(),
    description: z.string(),
    file: z.string(),
    prompt: z.string().nullable(),
    workflow: z.string().nullable(),
    hash: z.string(),
    datasets: z.array(z.object({ name: z.string(), file: z.string(), kind: z.string() })),
    slices: z.array(z.string()),
    targets: z.array(z.object({ name: z.string(), metric: z.string(), target: z.string(), critical: z.boolean() })),
    last: orNull(EVAL).describe("The newest eval run of it."),
  })
  .openapi("EvalSuite");

/** One run alone, without what is known of its pace. */
export function evalDocument(run: EvalRun): Document {
  const { total, done, cached, costUsd, unpriced } = run;
  return viewDocument({ run, total, done, cached, costUsd, unpriced, secondsLeft: null });
}

export function viewDocument(view: EvalView): Document {
  const { run, total, done, cached, costUsd, unpriced, secondsLeft } = view;
  const { plan, failure } = run;
  return {
    eval_id: run.evalId,
    suite: plan.suite,
    subject: plan.subject,
    status: run.status,
    repeat: plan.repeat,
    concurrency: plan.concurrency,
    budget_usd: plan.budgetUsd,
    fresh: plan.fresh,
    datasets: plan.datasets,
    suite_hash: plan.suiteHash,
    scorers_hash: plan.scorersHash,
    baseline: plan.baseline,
    baseline_of: plan.baselineOf,
    total,
    done,
    cached,
    cost_usd: unpriced > 0 ? null : costUsd,
    unpriced,
    seconds_left: secondsLeft,
    verdict: run.verdict,
    failure: failure === null ? null : failureDocument(failure),
    created_by: run.createdBy,
    created_at: isoTime(run.createdAt),
    started_at: timeOf(run.startedAt),
    ended_at: timeOf(run.endedAt),
  };
}

function timeOf(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}

/** As somebody sees it who may not see cases: without what single ones expect and came to. */
export function withoutCases(report: Report): Report {
  const { comparison } = report;
  return {
    ...report,
    failing: report.failing.map((each) => ({ ...each, error: null, differences: [] })),
    comparison:
      comparison === null
        ? null
        : {
            ...comparison,
            rows: comparison.rows.map((row) => ({ ...row, expected: null, before: null, after: null })),
          },
  };
}

export function caseDocument({ case: placed, result, slices }: ScoredCase): Document {
  const differences = differencesOf(placed, result);
  return {
    case_id: placed.id,
    dataset: placed.dataset,
    kind: placed.kind,
    repeat: result.repeat,
    outcome: result.outcome,
    passing: result.outcome === "answered" && differences.length === 0,
    expected: placed.expected,
    output: result.output,
    differences,
    confidence: result.confidence,
    valid_json: result.validJson,
    valid_first: result.validFirst,
    repaired: result.repaired,
    latency_ms: result.latencyMs,
    input_tokens: result.inputTokens,
    output_tokens: result.outputTokens,
    cost_usd: result.costUsd,
    scores: result.scores,
    cached: result.cached,
    slices,
    error: result.error === null ? null : failureDocument(result.error),
  };
}

function differencesOf({ expected }: PlacedCase, { output }: CaseResult): Document[] {
  return mismatches(expected, output ?? undefined).map(({ pointer, expected: wanted, actual }) => ({
    pointer,
    expected: wanted,
    ...(actual === undefined ? {} : { actual }),
  }));
}

export function caseDetail(evalId: string, attempts: readonly ScoredCase[]): Document {
  const [first] = attempts;
  const { id, dataset, kind, input, expected, tags, source, tools } = (first as ScoredCase).case;
  return {
    eval_id: evalId,
    case: { id, dataset, kind, input, expected, tags, source: source ?? null, tools: tools ?? null },
    attempts: attempts.map((each) => ({
      result: caseDocument(each),
      // An answer that was used again was got by another eval, of a case by another name perhaps.
      trace: each.result.trace.map((step) => ({ ...step, workflow_run_id: evalId, event_id: id })),
    })),
  };
}
