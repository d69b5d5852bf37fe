import { z } from "@hono/zod-openapi";
import { STAGES } from "../base/stage.ts";
import { FAILURE, RUN_FAILURE, VALIDATION, anyJson, orNull } from "./documents.ts";
import { DISPOSITIONS, STATUSES } from "./filter.ts";

const USAGE = z
  .object({
    input_tokens: z.int(),
    output_tokens: z.int(),
    cached_input_tokens: z.int().optional(),
    reasoning_tokens: z.int().optional(),
  })
  .openapi("Usage");

const GUARD = z
  .object({
    verdict: z.enum(["execute", "propose", "block", "deny"]),
    reason: z.string().describe("`ok` where nothing stood in the way."),
    checks: z.array(z.object({ check: z.string(), passed: z.boolean(), detail: z.string().optional() })),
  })
  .openapi("Guard");

/** Values in it are redacted. Members that do not apply to a step of this type are absent. */
export const TRACE_STEP: z.ZodType = z
  .object({
    workflow_run_id: z.string(),
    event_id: z.string(),
    step: z.int().describe("From 1, in the order of the journal."),
    type: z.enum([
      "trigger",
      "model_call",
      "validation",
      "repair",
      "rule",
      "tool_call",
      "agent_step",
      "code",
      "review",
      "wait",
      "decision",
      "override",
    ]),
    name: z.string(),
    key: z.string().optional().describe("Tells apart calls of the same name."),
    tool: z.string().optional(),
    prompt: z.string().optional(),
    prompt_version: z.string().optional(),
    model: z.string().optional().describe("As it was asked for, PROVIDER/MODEL."),
    provider_model: z.string().optional().describe("As the provider says that it answered."),
    settings: z.record(z.string(), anyJson).optional().describe("Temperature and limits of the call."),
    input: anyJson.nullable(),
    output: anyJson.nullable(),
    raw: z.string().optional().describe("The answer of provider or tool, as it came."),
    validation: VALIDATION.optional(),
    usage: USAGE.optional(),
    cost_usd: z.number().nullable().optional().describe("Null where the price is unknown."),
    latency_ms: z.number(),
    status: z.enum(["success", "error", "blocked", "waiting"]),
    attempt: z.int(),
    values_removed_at: z.iso.datetime().optional().describe("When retention took its values."),
    started_at: z.iso.datetime(),
    error: FAILURE.optional(),
    fallback: z.string().optional().describe("The model or tool that the step went on with after this failed attempt."),
    phase: z
      .enum(["result", "claim", "settle", "proposed", "blocked", "denied", "simulated"])
      .optional()
      .describe("Where in its life a write stands; a read has `result` only."),
    guard: GUARD.optional(),
    idempotency_key: z.string().optional(),
    finish_reason: z.string().optional(),
    request_id: z.string().optional(),
    release: z.int().optional(),
    stage: z.enum(STAGES).optional(),
    detail: anyJson.optional(),
    set_aside_by: z
      .int()
      .optional()
      .describe("Number of the restart's step: this one stays on record, and a replay passes it over."),
  })
  .openapi("TraceStep");

export const STEP_MESSAGES: z.ZodType = z
  .object({
    step: z.int(),
    messages: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() })),
    exact: z.boolean().describe("These are the very texts that were sent."),
    note: z.string().nullable().describe("How they differ; null where they do not."),
  })
  .openapi("StepMessages");

const WHY_ANSWER = z
  .object({
    id: z.enum(["prompt", "input", "tools", "validation", "evals", "rollback", "corrections"]),
    question: z.string(),
    answered: z.boolean().describe("False where nothing on record answers it; `answer` then says what is missing."),
    answer: z.array(z.string()).describe("One fact per line."),
    commands: z.array(z.string()).describe("Commands that show more or act."),
  })
  .openapi("WhyAnswer");

export const WHY: z.ZodType = z
  .object({
    run_id: z.string(),
    workflow: z.string(),
    event_id: z.string(),
    status: z.enum(STATUSES),
    disposition: z.enum(DISPOSITIONS).nullable(),
    stage: z.enum(STAGES).nullable(),
    release: z.int().nullable(),
    decision: anyJson.nullable(),
    failure: orNull(RUN_FAILURE),
    questions: z.array(WHY_ANSWER),
  })
  .openapi("Why");
