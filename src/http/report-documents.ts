import { z } from "@hono/zod-openapi";
import { anyJson, orNull } from "./documents.ts";

const share = z.number().min(0).max(1);
const fields = z.record(z.string(), anyJson);

export const VERDICT: z.ZodType = z.enum(["PASS", "FAIL", "INCONCLUSIVE"]);

const INTERVAL: z.ZodType = z
  .object({ low: z.number(), high: z.number() })
  .openapi("Interval", { description: "Exact, two-sided, 95 %." });

const SHARE: z.ZodType = z
  .object({ value: share.nullable(), hits: z.number(), cases: z.number(), interval: orNull(INTERVAL) })
  .openapi("Share");

const FIGURE = {
  name: z.string(),
  value: z.number().nullable().describe("In the metric's own unit; null: nothing could be measured."),
  interval: orNull(INTERVAL),
  hits: z.number().nullable(),
  cases: z.number().describe("With repeats a case counts once, so that this may be a part of one."),
  status: VERDICT,
};

const TARGET: z.ZodType = z
  .object({
    ...FIGURE,
    metric: z.string(),
    target: z.string().describe("As written: >= 98%."),
    critical: z.boolean(),
    note: z.string().describe("Why it is no PASS, or what bounds it."),
    needed: z.int().nullable().describe("So many more cases without an error would decide."),
    field: z.string().nullable(),
    positive: orNull(fields),
    slice: orNull(fields),
    unit: z.enum(["share", "ms", "usd", "tokens"]),
    comparison: z.enum([">=", ">", "<=", "<", "="]),
    bound: z.number(),
  })
  .openapi("TargetRow");

const SLICES: z.ZodType = z
  .object({
    by: z.string(),
    values: z.array(
      z.object({
        value: z.string().nullable(),
        cases: z.int(),
        passing: SHARE,
        targets: z.array(z.object(FIGURE)),
      }),
    ),
    absent: z.array(z.string()),
    others: z.int(),
  })
  .openapi("SliceTable");

const FIELD: z.ZodType = z
  .object({
    field: z.string(),
    classes: z.array(
      z.object({
        value: z.string(),
        expected: z.int(),
        answered: z.int(),
        precision: SHARE,
        recall: SHARE,
        specificity: SHARE,
        f1: z.number().nullable(),
      }),
    ),
    confusion: z.array(z.object({ expected: z.string(), answered: z.string().nullable(), attempts: z.int() })),
    undetermined: z.int(),
    others: z.int(),
  })
  .openapi("FieldTable");

const CALIBRATION: z.ZodType = z
  .object({
    ece: z.number().nullable(),
    bins: z.array(
      z.object({
        low: z.number(),
        high: z.number(),
        attempts: z.int(),
        confidence: z.number().nullable(),
        accuracy: SHARE,
      }),
    ),
    without: z.int(),
  })
  .openapi("Calibration");

const SPREAD: z.ZodType = z
  .object({
    attempts: z.int(),
    total: z.number(),
    avg: z.number().nullable(),
    p50: z.number().nullable(),
    p95: z.number().nullable(),
  })
  .openapi("Spread");

const USAGE: z.ZodType = z
  .object({
    latency_ms: SPREAD,
    input_tokens: SPREAD,
    output_tokens: SPREAD,
    cost_usd: SPREAD,
    unpriced: z.int().describe("Attempts whose price is unknown."),
    cached: z.int(),
  })
  .openapi("EvalUsage");

export const DIFFERENCE: z.ZodType = z
  .object({ pointer: z.string(), expected: anyJson, actual: anyJson.optional() })
  .openapi("CaseDifference");

const FAILING: z.ZodType = z
  .object({
    case_id: z.string(),
    dataset: z.string(),
    kind: z.string(),
    repeat: z.int(),
    outcome: z.string(),
    error: z.string().nullable(),
    differences: z.array(DIFFERENCE),
  })
  .openapi("FailingCase");

const SIDE = z.object({ value: z.number().nullable(), hits: z.number().nullable(), cases: z.number() });

export const COMPARISON: z.ZodType = z
  .object({
    before: z.string(),
    after: z.string(),
    cases: z.int().describe("That both have, unchanged."),
    only_before: z.int(),
    only_after: z.int(),
    changed: z.int(),
    targets: z.array(
      z.object({
        name: z.string(),
        metric: z.string(),
        unit: z.string(),
        before: SIDE,
        after: SIDE,
        worse: z.int().nullable(),
        better: z.int().nullable(),
        p: z.number().nullable().describe("Of the exact paired test, two-sided."),
        shown: z.enum(["worse", "better", "nothing"]),
        note: z.string(),
      }),
    ),
    rows: z.array(
      z.object({
        case_id: z.string(),
        dataset: z.string(),
        change: z.enum(["worse", "better"]),
        expected: anyJson,
        before: orNull(anyJson),
        after: orNull(anyJson),
      }),
    ),
    rows_total: z.int(),
  })
  .openapi("EvalComparison");

export const SUBJECT: z.ZodType = z
  .union([
    z.object({
      kind: z.literal("prompt"),
      prompt: z.string(),
      version: z.string(),
      hash: z.string(),
      model: z.string(),
    }),
    z.object({
      kind: z.literal("workflow"),
      workflow: z.string(),
      code: z.string(),
      prompts: z.record(
        z.string(),
        z.object({ prompt: z.string(), version: z.string(), hash: z.string(), model: z.string() }),
      ),
      thresholds: z.record(z.string(), z.number()),
      tools: z.record(z.string(), z.string()),
    }),
  ])
  .openapi("EvalSubject");

export const EVAL_DATASETS: z.ZodType = z.array(
  z.object({ name: z.string(), kind: z.string(), version: z.int(), hash: z.string(), cases: z.int() }),
);

export const REPORT: z.ZodType = z
  .object({
    report_version: z.literal(1),
    eval_id: z.string(),
    suite: z.object({
      name: z.string(),
      description: z.string(),
      file: z.string(),
      hash: z.string(),
      scorers_hash: z.string(),
    }),
    subject: SUBJECT,
    datasets: EVAL_DATASETS,
    repeat: z.int(),
    verdict: VERDICT,
    in_context: z.boolean().describe("A model without instructions answered: the figures say nothing about them."),
    totals: z.object({
      cases: z.int(),
      attempts: z.int(),
      passing: SHARE,
      outcomes: z.record(z.string(), z.int()),
    }),
    targets: z.array(TARGET),
    slices: z.array(SLICES),
    fields: z.array(FIELD),
    calibration: CALIBRATION,
    usage: USAGE,
    flakiness: orNull(
      z.object({
        mean: z.number().nullable(),
        pass: z.array(z.object({ k: z.int(), value: z.number().nullable() })),
        flaky: z.int(),
      }),
    ),
    failing: z
      .array(FAILING)
      .describe("The first ones. Without what was expected and answered for a viewer or reviewer."),
    comparison: orNull(COMPARISON),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
  })
  .openapi("EvalReport");
