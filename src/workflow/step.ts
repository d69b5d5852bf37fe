import type { FailureClass, FailureInfo, FailurePolicy } from "../base/failure.ts";
import { FAILURE_POLICY, Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { JournalRecord, RecordBody, RecordKind, RecordStatus, TraceType } from "../journal/record.ts";
import type { Mark } from "../journal/redact.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import { failureFrom } from "../tool/failures.ts";
import { inStep } from "./determinism.ts";
import { asRecorded, asRunFailure, bug, divergence } from "./frame.ts";
import type { Entry, Frame } from "./frame.ts";
import { openReview, reviewState } from "./reviewing.ts";
import type { ReviewSubject } from "./reviewing.ts";
import { StepFailed } from "./step-failed.ts";
import { reviewNameOf } from "./history.ts";
import { SiblingFailed } from "./underway.ts";

/** What one attempt of a step gave: its output, and the records that say so; the last of them ends the step. */
export interface StepDone {
  output: Json;
  entries: Entry[];
}

/** The step waits outside this process: what it waits for is on record, and nothing of it executes any more. */
export interface StepWaits {
  park(): Promise<never>;
}

export interface Attempt {
  number: number;
  startedAt: number;
  signal: AbortSignal;
  /** What is on record of this step since its attempts were last reset, oldest first. */
  past: readonly JournalRecord[];
  inputHash: string | undefined;
  /** Of a write: its claim, where nobody knows whether the call that followed it did something. */
  claim: JournalRecord | undefined;
}

/** A step by name and key. */
export interface StepName {
  name: string;
  key: string;
}

/** One named step as a verb describes it. */
export interface StepCall {
  kind: RecordKind;
  type: TraceType;
  name: string;
  key: string;
  /** Compared on resume. Undefined where the step takes none. */
  input?: Json;
  inputMarks?: readonly Mark[];
  /** What a record of a failed attempt says besides the failure: the tool it was, or the prompt. */
  about?: RecordBody;
  /** Whether the body may be stopped when another step fails for good. Writes may not. */
  abortable: boolean;
  /** A finished write: its record answers even where a correction changed what it is asked for now. */
  keepsOutcome?: boolean;
  failures?: Partial<Record<FailureClass, Partial<FailurePolicy>>> | undefined;
  /** Whose output a reviewer corrects when this step ends up in review; null: the step's own result. */
  reviewOf: StepName | null;
  execute(attempt: Attempt): Promise<StepDone | StepWaits>;
}

/** Thrown by a step's body with the records of the failed attempt. */
export class AttemptFailed extends Error {
  readonly info: FailureInfo;
  readonly entries: Entry[];
  constructor(info: FailureInfo, entries: Entry[]) {
    super(info.message);
    this.info = info;
    this.entries = entries;
  }
}

/** Answers from the record, or executes the step and puts it on record. Never settles where the run has to wait. */
export async function takeStep(frame: Frame, call: StepCall): Promise<Json> {
  frame.enter(call.name, call.key);
  const override = frame.history.override(call.name, call.key);
  const step = frame.history.step(call.name, call.key);
  if (override !== undefined) {
    frame.virtualNow = Math.max(frame.virtualNow, step?.records.at(-1)?.endedAt ?? 0);
    return override.output;
  }
  if (step !== undefined && step.kind !== call.kind)
    throw divergence(call.name, `a ${step.kind} step`, `a ${call.kind} step`);
  const inputHash = call.input === undefined ? undefined : frame.journal.vault.fingerprint(call.input);
  const finished = step?.records.findLast((record) => record.ends);
  if (finished !== undefined) {
    const answer = answerFromRecord(frame, call, finished, inputHash);
    if (answer !== undefined) return await answer;
  }
  const review = reviewState(frame, reviewNameOf(call.name), call.key);
  if (review.answer?.action === "correct" && call.reviewOf === null) return review.answer.output;
  if (!frame.live) return await incomplete(frame, call.name);
  if (review.open) return await review.park();
  const since = Math.max(frame.history.redriveSeq, review.answer?.seq ?? 0, staleSeq(frame, finished));
  const past = (step?.records ?? []).filter((record) => record.seq > since);
  const retryAt = past.at(-1)?.body.retryAt;
  if (retryAt !== undefined && retryAt > frame.now()) return await frame.underway.park("retry", retryAt);
  if (past.at(-1)?.body.error?.code === SIBLING_FAILED) await frame.underway.setAside();
  const claim = openClaim(step?.records ?? [], review.answer?.seq ?? 0);
  return await tryOnce(frame, call, past, inputHash, claim);
}

/** The claim of a write of which nobody knows whether it happened. Only a person's answer or a settle ends it, no redrive. */
function openClaim(records: readonly JournalRecord[], answeredSeq: number): JournalRecord | undefined {
  const claim = records.findLast(({ body }) => body.phase === "claim");
  if (claim === undefined || claim.seq < answeredSeq) return undefined;
  const later = records.filter(({ seq }) => seq > claim.seq);
  // A settle ends it, and so does an answer that turned the call away before it was looked at.
  const known = later.some(
    ({ ends, status, body }) => (ends && status !== "error") || body.error?.class === "rate_limited",
  );
  return known ? undefined : claim;
}

/** In a preview: the way ends at a step that is not on record. */
export function incomplete(frame: Frame, step: string): Promise<never> {
  frame.finish({ end: "incomplete", step });
  return new Promise(() => {});
}

function answerFromRecord(
  frame: Frame,
  call: StepCall,
  finished: JournalRecord,
  inputHash: string | undefined,
): Promise<Json> | undefined {
  const failed = finished.status === "error";
  if (failed && frame.history.isRedriven(finished)) return undefined;
  if (finished.body.inputHash !== inputHash && !(call.keepsOutcome === true && !failed)) {
    // A correction upstream changes what later steps are given; anything else is other code than ran before.
    if (finished.seq < frame.history.lastOverrideSeq) return undefined;
    throw divergence(call.name, `input ${finished.body.inputHash ?? "none"}`, `input ${inputHash ?? "none"}`);
  }
  frame.virtualNow = Math.max(frame.virtualNow, finished.endedAt);
  if (failed) return failAgain(frame, call, finished.body.error as FailureInfo);
  return Promise.resolve(finished.body.output ?? null);
}

/** As on the first pass: siblings that were started beside the failed step are stopped before it rejects. */
async function failAgain(frame: Frame, call: StepCall, info: FailureInfo): Promise<never> {
  if (frame.live) await frame.underway.calledTogether();
  if (frame.live) await frame.underway.abortSiblings();
  throw new StepFailed(call.name, info);
}

function staleSeq(frame: Frame, finished: JournalRecord | undefined): number {
  return finished !== undefined && finished.seq < frame.history.lastOverrideSeq ? finished.seq : 0;
}

async function tryOnce(
  frame: Frame,
  call: StepCall,
  past: readonly JournalRecord[],
  inputHash: string | undefined,
  claim: JournalRecord | undefined,
): Promise<Json> {
  const number = past.filter((record) => record.status === "error" && record.body.retryAt !== undefined).length + 1;
  const startedAt = frame.now();
  const failed = await frame.underway.execute(call.abortable, async (signal) => {
    try {
      const done = await inStep(() => call.execute({ number, startedAt, signal, past, inputHash, claim }));
      if ("park" in done) return { goOn: () => done.park() };
      const output = asRecorded(done.output);
      await frame.commit(done.entries);
      const last = done.entries.at(-1)?.record;
      frame.virtualNow = Math.max(frame.virtualNow, last?.endedAt ?? 0);
      if (last?.body.phase === "settle") await frame.engine.probe("write_settled");
      return { output };
    } catch (error) {
      if (frame.signal.aborted || frame.over) return { gone: true as const };
      if (signal.aborted && signal.reason instanceof SiblingFailed)
        return { goOn: await afterAbort(frame, call, { number, startedAt, inputHash }, signal.reason) };
      return {
        goOn: await afterFailure(frame, call, attemptFailure(frame, call, error, number, startedAt, inputHash), number),
      };
    }
  });
  if ("output" in failed) return failed.output;
  if ("gone" in failed) return await new Promise(() => {});
  return await failed.goOn();
}

/** What the record of a step says that a sibling's failure stopped. Not an attempt of its own. */
const SIBLING_FAILED = "sibling_failed";

async function afterAbort(
  frame: Frame,
  call: StepCall,
  attempt: Pick<Attempt, "number" | "startedAt" | "inputHash">,
  reason: SiblingFailed,
): Promise<() => Promise<Json>> {
  const error: FailureInfo = { class: "transient", code: SIBLING_FAILED, message: reason.message };
  const record = newRecord(frame, call, { ...attempt, status: "error", body: { ...call.about, error } });
  await frame.commit([{ record, marks: { input: call.inputMarks ?? [] } }]);
  return async () => {
    await frame.underway.setAside();
    const past = [{ ...record, runId: frame.run.runId, seq: 0, epoch: frame.run.epoch }];
    return await tryOnce(frame, call, past, attempt.inputHash, undefined);
  };
}

function attemptFailure(
  frame: Frame,
  call: StepCall,
  error: unknown,
  number: number,
  startedAt: number,
  inputHash: string | undefined,
): AttemptFailed {
  if (error instanceof AttemptFailed) return error;
  const info =
    error instanceof Failure ? error.info : failureFrom(error, `The step "${call.name}"`, frame.engine.clock).info;
  const record = newRecord(frame, call, {
    number,
    startedAt,
    inputHash,
    status: "error",
    body: { ...call.about, error: info },
  });
  return new AttemptFailed(info, [{ record, marks: { input: call.inputMarks ?? [] } }]);
}

/** A record of this step's attempt; `body` is added to what every record of a step says. */
export function newRecord(
  frame: Frame,
  call: Pick<StepCall, "kind" | "type" | "name" | "key" | "input">,
  attempt: {
    number: number;
    startedAt: number;
    inputHash?: string | undefined;
    status: RecordStatus;
    ends?: boolean;
    type?: TraceType;
    body: NewRecord["body"];
  },
): NewRecord {
  const { kind, name, key } = call;
  const { number, startedAt, inputHash, status, ends = false, body } = attempt;
  return {
    kind,
    type: attempt.type ?? call.type,
    name,
    key,
    attempt: number,
    status,
    ends,
    startedAt,
    endedAt: frame.now(),
    body: {
      ...(call.input === undefined ? {} : { input: call.input }),
      ...(inputHash === undefined ? {} : { inputHash }),
      release: frame.pins.release,
      stage: frame.stage,
      ...body,
    },
  };
}

/** Puts a failed attempt on record and says what follows: another attempt, a review, or the end of the step. */
async function afterFailure(
  frame: Frame,
  call: StepCall,
  failed: AttemptFailed,
  number: number,
): Promise<() => Promise<Json>> {
  const { info, entries } = failed;
  const last = entries.at(-1) as Entry;
  const policy = policyOf(frame, call, info.class);
  if (number < policy.attempts) {
    const retryAt = frame.now() + retryDelay(policy, number, info);
    last.record.body.retryAt = retryAt;
    await frame.commit(entries);
    return () => frame.underway.park("retry", retryAt);
  }
  if (policy.then === "review") return await toReview(frame, call, info, entries);
  last.record.ends = true;
  await frame.commit(entries);
  return async () => {
    await frame.underway.abortSiblings();
    throw new StepFailed(call.name, info);
  };
}

async function toReview(
  frame: Frame,
  call: StepCall,
  info: FailureInfo,
  entries: Entry[],
): Promise<() => Promise<Json>> {
  if (frame.stage === "shadow") {
    const failure = asRunFailure(info, call.name);
    frame.finish({ end: "stopped", disposition: "shadowed", failure, records: entries });
    return () => new Promise(() => {});
  }
  const subject: ReviewSubject = {
    name: reviewNameOf(call.name),
    key: call.key,
    of: call.reviewOf?.name ?? null,
    ofKey: call.reviewOf?.key ?? "",
    why: info.class,
    reason: info.message,
    detail: { failure: info as unknown as Json },
  };
  const parked = await openReview(frame, subject, entries);
  return parked;
}

function policyOf(frame: Frame, call: StepCall, failureClass: FailureClass): FailurePolicy {
  return {
    ...FAILURE_POLICY[failureClass],
    ...frame.workflow.failures[failureClass],
    ...call.failures?.[failureClass],
  };
}

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const random = Math.random;

/** Exponential with full jitter; what the other side asked for wins where it is longer. */
export function retryDelay(policy: FailurePolicy, attempt: number, info: FailureInfo): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return Math.max(Math.round(ceiling * (0.5 + random() / 2)), info.retryAfterMs ?? 0);
}

/** Steps that present code no longer asks for, though nothing was corrected: other code than ran before. */
export function assertNothingForgotten(frame: Frame): void {
  for (const step of frame.history.finished()) {
    if (step.seq < frame.history.lastOverrideSeq || frame.wasCalled(step.name, step.key)) continue;
    if (frame.history.answers.length > 0 && step.kind === "review") continue;
    const present = frame.calledUnrecorded();
    const now =
      present.length === 0 ? "" : ` It took ${present.map((name) => `"${name}"`).join(", ")}, which was not on record.`;
    throw bug(
      "divergence",
      `Step "${step.name}" (${step.kind}) is on record, and present code decided without it.${now}`,
    );
  }
}
