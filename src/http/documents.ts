import { z } from "@hono/zod-openapi";
import type { Token } from "../base/access.ts";
import { isoTime } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { OpenEventWait } from "../journal/event-waits.ts";
import type { Paged } from "../journal/ports.ts";
import { TERMINAL } from "../journal/run.ts";
import type { Run, RunFailure, WaitKind } from "../journal/run.ts";
import { failureDocument } from "../journal/trace.ts";
import type { Pins } from "../release/release.ts";
import type { Preview, ReviewItem } from "../app/sluice.ts";
import type { Review } from "../review/ports.ts";
import { STAGES } from "../base/stage.ts";
import { DISPOSITIONS, FAILURE_CLASSES, STATUSES } from "./filter.ts";
import { ROLES } from "./roles.ts";

/** Documents as HTTP shows them: snake_case names, RFC 3339 times. */
export type Document = Record<string, unknown>;

export const WAITS: readonly WaitKind[] = ["review", "sleep", "event", "retry", "hold"];

const time = z.iso.datetime();
const maybeTime = time.nullable();
/** Any JSON value. Bodies come from a JSON parser, so all there is to check is that it is there. */
export const anyJson: z.ZodType<Json> = z
  .unknown()
  .refine((value) => value !== undefined, "is required") as z.ZodType<Json>;

/** Where in a document, and what is wrong there. */
export const PROBLEM_AT: z.ZodType = z.object({ pointer: z.string(), message: z.string() }).openapi("ProblemAt");

const FAILURE_FIELDS = {
  class: z.enum(FAILURE_CLASSES),
  code: z.string(),
  message: z.string(),
  errors: z.array(PROBLEM_AT).optional(),
  detail: anyJson.optional().describe("More about it, as data: of a divergence, both sides."),
  retry_after_ms: z.number().optional(),
};
/** Of one attempt. */
export const FAILURE: z.ZodType = z.object(FAILURE_FIELDS).openapi("Failure");

export const RUN_FAILURE: z.ZodType = z
  .object({ ...FAILURE_FIELDS, step: z.string().nullable().describe("Null outside of any step.") })
  .openapi("RunFailure");

export function runFailureDocument(failure: RunFailure): Document {
  return { ...failureDocument(failure), step: failure.step };
}

/** `schema`, or null: a reference cannot be nullable itself. */
export function orNull(schema: z.ZodType): z.ZodType {
  return z.union([schema, z.null()]);
}

const CODE_WAIT: z.ZodType = z
  .object({
    pinned: z.string(),
    present: z.string().nullable().describe("Null where the workflow is not in the project."),
  })
  .openapi("CodeWait");

const EVENT_WAIT: z.ZodType = z
  .object({
    step: z.string(),
    key: z.string(),
    event: z.string().describe("Its type."),
    since: time,
    until: maybeTime.describe("Null: until the run's deadline."),
  })
  .openapi("EventWait");

export const RUN: z.ZodType = z
  .object({
    run_id: z.string(),
    workflow: z.string(),
    event_type: z.string(),
    event_id: z.string(),
    contract_version: z.int(),
    status: z.enum(STATUSES),
    waiting_for: z.enum(WAITS).nullable(),
    wake_at: maybeTime,
    disposition: z.enum(DISPOSITIONS).nullable(),
    decision: anyJson.nullable(),
    prompt_versions: z.record(z.string(), z.string()).describe("By prompt name, as pinned."),
    release: z.int().nullable(),
    stage: z.enum(STAGES).nullable(),
    failure: orNull(RUN_FAILURE),
    fingerprint: z.string().nullable(),
    pinned_code: z.string().nullable().describe("Fingerprint of the only code that may resume it; null: any."),
    waits_for_code: orNull(CODE_WAIT).describe("Set where it has not ended and the workers here have other code."),
    cost_usd: z.number().nullable().describe("Null where a price is unknown."),
    priority: z.number(),
    created_at: time,
    updated_at: time,
    started_at: maybeTime,
    ended_at: maybeTime,
    deadline_at: maybeTime,
    originals_removed_at: maybeTime.describe("When its key was destroyed: what is redacted cannot be shown any more."),
    values_removed_at: maybeTime.describe("When retention took its values; ids, times, statuses and hashes stay."),
    restored_at: maybeTime.describe("When it came back from a backup unfinished."),
    waits_for_events: z
      .array(EVENT_WAIT)
      .optional()
      .describe("What `ctx.waitFor` waits for in it. Only where one run is shown."),
  })
  .openapi("Run");

/** `served`: the project this process runs, where the run may find other code than its own. */
export function runDocument(run: Run, served: Served): Document {
  return {
    run_id: run.runId,
    workflow: run.workflow,
    event_type: run.eventType,
    event_id: run.eventId,
    contract_version: run.contractVersion,
    status: run.status,
    waiting_for: run.wait,
    wake_at: timeOrNull(run.wakeAt),
    disposition: run.disposition,
    decision: run.decision,
    prompt_versions: promptVersions(run),
    release: run.release,
    stage: run.stage,
    failure: run.failure === null ? null : runFailureDocument(run.failure),
    fingerprint: run.fingerprint,
    pinned_code: run.codePin,
    waits_for_code: codeWait(run, served),
    cost_usd: run.costUsd,
    priority: run.priority,
    created_at: isoTime(run.createdAt),
    updated_at: isoTime(run.updatedAt),
    started_at: timeOrNull(run.startedAt),
    ended_at: timeOrNull(run.endedAt),
    deadline_at: timeOrNull(run.deadlineAt),
    originals_removed_at: timeOrNull(run.originalsRemovedAt),
    values_removed_at: timeOrNull(run.valuesRemovedAt),
    restored_at: timeOrNull(run.restoredAt),
  };
}

/** A run as it is shown by itself: with the events it waits for. */
export function wholeRunDocument(run: Run, served: Served, waits: readonly OpenEventWait[]): Document {
  const events = waits.map(({ step, key, eventType, openedAt, expiresAt }) => ({
    step,
    key,
    event: eventType,
    since: isoTime(openedAt),
    until: timeOrNull(expiresAt),
  }));
  return { ...runDocument(run, served), waits_for_events: events };
}

/** Workflows by name, as this process runs them. */
export interface Served {
  readonly workflows: ReadonlyMap<string, { code: string }>;
}

function codeWait({ codePin, status, workflow }: Run, { workflows }: Served): Document | null {
  const present = workflows.get(workflow)?.code ?? null;
  if (codePin === null || codePin === present || TERMINAL.includes(status)) return null;
  return { pinned: codePin, present };
}

/** Versions the run pinned, by prompt name; empty until it is first claimed. */
export function promptVersions(run: Run): Record<string, string> {
  if (run.pins === null) return {};
  const grants = Object.values((JSON.parse(run.pins) as Pins).prompts);
  return Object.fromEntries(grants.map(({ prompt, version }) => [prompt, version]));
}

export const REVIEW: z.ZodType = z
  .object({
    review_id: z.string(),
    run_id: z.string(),
    workflow: z.string(),
    step: z.string(),
    key: z.string(),
    of: z.string().nullable().describe("The prompt step whose output is in question."),
    why: z.string(),
    reason: z.string(),
    team: z.string().nullable(),
    priority: z.number(),
    status: z.enum(["open", "answered", "expired", "withdrawn"]),
    created_at: time,
    expires_at: maybeTime,
    escalated_at: maybeTime,
    claimed_by: z.string().nullable(),
    claim_until: maybeTime,
    answered_by: z.string().nullable(),
    answered_at: maybeTime,
    action: z.enum(["approve", "correct", "reject"]).nullable(),
  })
  .openapi("Review");

export function reviewDocument(review: Review): Document {
  return {
    review_id: review.reviewId,
    run_id: review.runId,
    workflow: review.workflow,
    step: review.step,
    key: review.key,
    of: review.of,
    why: review.why,
    reason: review.reason,
    team: review.team,
    priority: review.priority,
    status: review.status,
    created_at: isoTime(review.createdAt),
    expires_at: timeOrNull(review.expiresAt),
    escalated_at: timeOrNull(review.escalatedAt),
    claimed_by: review.claimedBy,
    claim_until: timeOrNull(review.claimUntil),
    answered_by: review.answeredBy,
    answered_at: timeOrNull(review.answeredAt),
    action: review.action,
  };
}

const effect = z.object({ step: z.string(), tool: z.string(), payload: anyJson }).openapi("Effect");

export const OUTCOME: z.ZodType = z
  .object({
    decision: anyJson.nullable(),
    incomplete_at: z.string().nullable().describe("The step the recomputation stopped at; null where it is complete."),
    writes: z.array(effect).describe("What the answer would send, exactly, in order."),
    withdrawn: z.array(effect).describe("Proposed before, and not made any more."),
    done: z.array(effect).describe("Settled already; they stay."),
    problems: z.array(PROBLEM_AT),
    outcome_hash: z.string().describe("Send it with the decision: another outcome by then refuses."),
  })
  .openapi("Outcome");

export function outcomeDocument(preview: Preview): Document {
  const { decision, incompleteAt, writes, withdrawn, done, problems, hash } = preview;
  return { decision, incomplete_at: incompleteAt, writes, withdrawn, done, problems, outcome_hash: hash };
}

/** What the checks say of a model's answer. */
export const VALIDATION: z.ZodType = z
  .object({
    verdict: z.enum(["valid", "invalid", "refused"]),
    code: z.string().optional(),
    errors: z.array(PROBLEM_AT).optional(),
  })
  .openapi("Validation");

const UNKNOWN_OUTCOME: z.ZodType = z
  .object({
    step: z.string(),
    key: z.string(),
    tool: z.string(),
    payload: anyJson.describe("Exactly what it was called with."),
    idempotency_key: z.string(),
    claimed_at: time,
    attempt: z.int(),
    epoch: z.int().describe("Of the lease under which it was called."),
    worker: z.string().nullable(),
    look_up: z
      .object({
        said: z.enum(["none", "unknown", "failed"]).describe("The tool has none, it does not know, or it failed."),
        class: z.string().optional(),
        code: z.string().optional(),
        message: z.string().optional(),
      })
      .describe("What the tool's reconcile gave."),
  })
  .openapi("UnknownOutcome");

export const REVIEW_ITEM: z.ZodType = z
  .object({
    review: REVIEW,
    run: RUN,
    event: anyJson,
    proposal: anyJson.nullable(),
    draft: anyJson.nullable().describe("What a correction starts from where the model gave no valid output."),
    output_schema: anyJson.nullable().describe("Of what a correction enters."),
    correctable: z.boolean().describe("Whether there is an output that a correction could replace."),
    confidence: z.number().nullable(),
    validation: orNull(VALIDATION),
    unknown_outcome: orNull(UNKNOWN_OUTCOME).describe(
      "Of a write that was cut off. Approve: it is called again; correct: its result is what you enter; reject: the run ends.",
    ),
    approval: z
      .enum(["possible", "needs_reason", "impossible"])
      .describe("An approval that overrides a rule needs a reason; one of no valid output is refused."),
    outcome: orNull(OUTCOME).describe("If it is approved; null where it cannot be, or is over."),
    answer: z
      .object({
        action: z.enum(["approve", "correct", "reject"]),
        by: z.string(),
        at: time,
        reason: z.string().nullable(),
        original_output: anyJson.optional().describe("With corrected_output; of a correction only."),
        corrected_output: anyJson.optional(),
      })
      .nullable(),
    revealed: z
      .array(z.string())
      .describe("Paths into the event of the sensitive fields that are shown here in the clear."),
    views: z
      .array(z.object({ by: z.string(), at: time, fields: z.array(z.string()) }))
      .optional()
      .describe("Each time somebody was shown sensitive fields. For operators."),
  })
  .openapi("ReviewItem");

export function reviewItemDocument(item: ReviewItem, served: Served): Document {
  return {
    review: reviewDocument(item.review),
    run: runDocument(item.run, served),
    event: item.event,
    proposal: item.proposal,
    draft: item.draft,
    output_schema: item.outputSchema,
    correctable: item.correctable,
    confidence: item.confidence,
    validation: item.validation,
    unknown_outcome: item.unknownOutcome === null ? null : unknownDocument(item.unknownOutcome),
    approval: item.approval,
    outcome: item.outcome === null ? null : outcomeDocument(item.outcome),
    answer: item.answer === null ? null : answerDocument(item.answer),
    revealed: item.revealed,
    ...(item.views === null
      ? {}
      : { views: item.views.map(({ by, at, fields }) => ({ by, at: isoTime(at), fields })) }),
  };
}

function unknownDocument(found: NonNullable<ReviewItem["unknownOutcome"]>): Document {
  const { idempotencyKey, claimedAt, lookUp, ...same } = found;
  return { ...same, idempotency_key: idempotencyKey, claimed_at: isoTime(claimedAt), look_up: lookUp };
}

function answerDocument({ action, by, at, reason, correction }: NonNullable<ReviewItem["answer"]>): Document {
  const { original, corrected } = correction ?? {};
  const outputs = correction === null ? {} : { original_output: original, corrected_output: corrected };
  return { action, by, at: isoTime(at), reason, ...outputs };
}

export const TOKEN: z.ZodObject = z
  .object({
    token_id: z.string(),
    kind: z
      .enum(["bearer", "login", "session"])
      .describe("A program's token, a login code that was not redeemed yet, or a person at the console."),
    name: z.string(),
    role: z.enum(ROLES),
    created_by: z.string().nullable().describe("Null where that was not noted."),
    created_at: time,
    expires_at: maybeTime,
    revoked_at: maybeTime,
  })
  .openapi("Token");

export function tokenDocument(token: Token): Document {
  return {
    token_id: token.tokenId,
    kind: token.kind,
    name: token.name,
    role: token.role,
    created_by: token.createdBy,
    created_at: isoTime(token.createdAt),
    expires_at: timeOrNull(token.expiresAt),
    revoked_at: timeOrNull(token.revokedAt),
  };
}

/** A page of `item`: `next_cursor` is null on the last one. */
export function pageOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** All of them in one answer. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item) });
}

export function pageDocument<T>(page: Paged<T>, show: (item: T) => Document): Document {
  return { items: page.items.map(show), next_cursor: page.next };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
