import { isoTime } from "../base/clock.ts";
import type { FailureInfo } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { JournalRecord, RecordBody, RecordStatus, TraceType } from "./record.ts";
import { setAside } from "./restart.ts";
import type { Run } from "./run.ts";

/** One step as the outside sees it: the golden trace document. Redacted. */
export interface TraceStep {
  workflow_run_id: string;
  event_id: string;
  /** From 1, in the order of the journal. */
  step: number;
  type: TraceType;
  name: string;
  key?: string;
  tool?: string;
  prompt?: string;
  prompt_version?: string;
  /** True where it is a live candidate that took the place of the version that serves the others. */
  candidate?: true;
  model?: string;
  provider_model?: string;
  settings?: Json;
  input: Json;
  output: Json;
  raw?: string;
  validation?: Json;
  usage?: Json;
  cost_usd?: number | null;
  latency_ms: number;
  status: RecordStatus;
  attempt: number;
  started_at: string;
  error?: Json;
  /** The model or tool that the step went on with after this failed attempt. */
  fallback?: string;
  phase?: string;
  guard?: Json;
  idempotency_key?: string;
  finish_reason?: string;
  request_id?: string;
  release?: number;
  stage?: string;
  detail?: Json;
  /** Number of the step that set this one aside: a restart. It stays on record, and a replay passes it over. */
  set_aside_by?: number;
  /** When retention took its values; what it kept of the step is all there is. */
  values_removed_at?: string;
}

/** What a step of the trace is made of. */
interface StepRecords {
  first: JournalRecord;
  /** Of a write whose claim is `first`. */
  settle: JournalRecord | null;
}

/** The trace of a run. A write's claim and settle are one step; a claim alone is a step that waits. */
export function traceOf(run: Run, records: readonly JournalRecord[]): TraceStep[] {
  const steps = stepsOf(records);
  const aside = setAside(records);
  const numbers = new Map(steps.map(({ first }, index) => [first.seq, index + 1]));
  return steps.map(({ first, settle }, index) => {
    const step = stepOf(run, first, index + 1);
    const by = numbers.get(aside.get(first.seq) ?? 0);
    if (by !== undefined) step.set_aside_by = by;
    return settle === null ? step : settled(step, settle);
  });
}

/** The record that step `step` of the trace begins with, and those before it; null where there is no such step. */
export function recordOfStep(
  records: readonly JournalRecord[],
  step: number,
): { record: JournalRecord; before: JournalRecord[] } | null {
  const record = stepsOf(records)[step - 1]?.first;
  return record === undefined ? null : { record, before: records.filter(({ seq }) => seq < record.seq) };
}

function stepsOf(records: readonly JournalRecord[]): StepRecords[] {
  const steps: StepRecords[] = [];
  const claims = new Map<string, StepRecords>();
  for (const record of records) {
    const id = `${record.name}\n${record.key}`;
    const claim = record.body.phase === "settle" ? claims.get(id) : undefined;
    if (claim !== undefined) {
      claim.settle = record;
      claims.delete(id);
      continue;
    }
    const step: StepRecords = { first: record, settle: null };
    if (record.body.phase === "claim") claims.set(id, step);
    steps.push(step);
  }
  return steps;
}

function stepOf(run: Run, record: JournalRecord, step: number): TraceStep {
  const { body } = record;
  return {
    workflow_run_id: run.runId,
    event_id: run.eventId,
    step,
    type: record.type,
    name: record.name,
    ...(record.key === "" ? {} : { key: record.key }),
    ...sourceOf(body),
    input: body.input ?? null,
    output: outputOf(body),
    ...evidenceOf(body),
    latency_ms: Math.max(0, record.endedAt - record.startedAt),
    status: record.status,
    attempt: record.attempt,
    started_at: isoTime(record.startedAt),
    ...(body.error === undefined ? {} : { error: failureDocument(body.error) }),
    ...(body.fallback === undefined ? {} : { fallback: body.fallback }),
    ...circumstancesOf(body),
  };
}

function settled(claim: TraceStep, settle: JournalRecord): TraceStep {
  const { body } = settle;
  return {
    ...claim,
    output: outputOf(body),
    latency_ms: Math.max(0, settle.endedAt - Date.parse(claim.started_at)),
    status: settle.status,
    attempt: settle.attempt,
    phase: "settle",
  };
}

/** A write's record holds its outcome; a trace shows what the tool answered. */
function outputOf({ phase, output = null }: RecordBody): Json {
  if (phase === undefined || phase === "result") return output;
  return isObject(output) ? (output["result"] ?? null) : null;
}

/** A failure as the outside sees it. */
export function failureDocument({
  class: failureClass,
  code,
  message,
  errors,
  detail,
  retryAfterMs,
}: FailureInfo): JsonObject {
  return {
    class: failureClass,
    code,
    message,
    ...(errors === undefined
      ? {}
      : { errors: errors.map(({ pointer, message: what }) => ({ pointer, message: what })) }),
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  };
}

function sourceOf(body: RecordBody): Partial<TraceStep> {
  return {
    ...(body.tool === undefined ? {} : { tool: body.tool }),
    ...(body.prompt === undefined ? {} : { prompt: body.prompt }),
    ...(body.promptVersion === undefined ? {} : { prompt_version: body.promptVersion }),
    ...(body.candidate === undefined ? {} : { candidate: body.candidate }),
    ...(body.model === undefined ? {} : { model: body.model }),
    ...(body.providerModel === undefined ? {} : { provider_model: body.providerModel }),
    ...(body.settings === undefined ? {} : { settings: body.settings }),
  };
}

function evidenceOf(body: RecordBody): Partial<TraceStep> {
  return {
    ...(body.raw === undefined ? {} : { raw: body.raw }),
    ...(body.validation === undefined ? {} : { validation: body.validation as unknown as Json }),
    ...(body.usage === undefined ? {} : { usage: usageOf(body.usage) }),
    ...(body.costUsd === undefined ? {} : { cost_usd: body.costUsd }),
    ...(body.finishReason === undefined ? {} : { finish_reason: body.finishReason }),
    ...(body.requestId === undefined ? {} : { request_id: body.requestId }),
  };
}

function usageOf(usage: NonNullable<RecordBody["usage"]>): Json {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    ...(usage.cachedInputTokens === undefined ? {} : { cached_input_tokens: usage.cachedInputTokens }),
    ...(usage.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens }),
  };
}

function circumstancesOf(body: RecordBody): Partial<TraceStep> {
  return {
    ...(body.phase === undefined ? {} : { phase: body.phase }),
    ...(body.guard === undefined ? {} : { guard: body.guard }),
    ...(body.idempotencyKey === undefined ? {} : { idempotency_key: body.idempotencyKey }),
    ...(body.release === undefined ? {} : { release: body.release }),
    ...(body.stage === undefined ? {} : { stage: body.stage }),
    ...(body.detail === undefined ? {} : { detail: body.detail }),
    ...(body.removed === undefined ? {} : { values_removed_at: isoTime(body.removed.at) }),
  };
}
