import type { Failure, FailureInfo } from "../base/failure.ts";
import { overrideMistakes } from "../base/failure-overrides.ts";
import type { Json } from "../base/json.ts";
import type { JournalRecord, RecordBody, RecordKind } from "../journal/record.ts";
import { inStep } from "./determinism.ts";
import { divergence, inputDivergence } from "./divergence.ts";
import { asRecorded, bug } from "./frame.ts";
import type { Entry, Frame } from "./frame.ts";
import { reviewState } from "./reviewing.ts";
import { RECONCILE_FAILED, newRecord, saidOf } from "./step-call.ts";
import type { StepCall } from "./step-call.ts";
import { afterFailure, attemptFailure } from "./step-failure.ts";
import type { Tried } from "./step-failure.ts";
import { StepFailed } from "./step-failed.ts";
import { reviewNameOf } from "./history.ts";
import type { StepHistory } from "./history.ts";
import { SiblingFailed } from "./underway.ts";

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const startTimer = setTimeout;

/** Answers from the record, or executes the step and puts it on record. Never settles where the run has to wait. */
export async function takeStep(frame: Frame, call: StepCall): Promise<Json> {
  frame.enter(call.name, call.key);
  assertOverrides(call);
  const override = frame.history.override(call.name, call.key);
  const step = frame.history.step(call.name, call.key);
  assertSameStep(frame, call, step);
  if (override !== undefined) {
    frame.virtualNow = Math.max(frame.virtualNow, step?.records.at(-1)?.endedAt ?? 0);
    return override.output;
  }
  const inputHash = call.input === undefined ? undefined : frame.journal.vault.fingerprint(call.input);
  const finished = step?.records.findLast((record) => record.ends);
  if (finished !== undefined) {
    const answer = answerFromRecord(frame, call, finished, inputHash);
    if (answer !== undefined) return await answer;
  }
  const review = reviewState(frame, reviewNameOf(call.name), call.key);
  if (review.answer?.action === "correct" && call.reviewOf === null) return review.answer.output;
  const claim = openClaim(step?.records ?? [], review.answer?.seq ?? 0);
  if (claim !== undefined && claim.body.inputHash !== inputHash && !mayDiffer(frame, claim))
    throw otherInput(frame, call, claim);
  if (!frame.live) return await incomplete(frame, reachedBy(call, claim));
  if (review.open) return await review.park();
  const since = Math.max(
    frame.history.attemptsSince(call.name, call.key),
    review.answer?.seq ?? 0,
    staleSeq(frame, finished),
  );
  const past = (step?.records ?? []).filter((record) => record.seq > since);
  const retryAt = past.at(-1)?.body.retryAt;
  if (retryAt !== undefined && retryAt > frame.now()) return await frame.underway.park("retry", retryAt);
  if (past.at(-1)?.body.error?.code === SIBLING_FAILED) await frame.underway.setAside();
  return await tryOnce(frame, call, past, inputHash, claim);
}

function assertOverrides({ name, failures }: StepCall): void {
  const [mistake] = overrideMistakes(failures);
  if (mistake !== undefined)
    throw bug(
      "wrong_failures",
      `Step "${name}" changes the failure table wrongly: ${mistake.message} ${mistake.fix}`.trimEnd(),
    );
}

function reachedBy(call: StepCall, claim: JournalRecord | undefined): Parameters<typeof incomplete>[1] {
  const { tool, effect } = saidOf(call, 0);
  return { name: call.name, key: call.key, tool: effect === "write" ? tool : undefined, claimed: claim !== undefined };
}

/** What a step is may not change under its record: its kind, its prompt, its tool. */
function assertSameStep(frame: Frame, call: StepCall, step: StepHistory | undefined): void {
  if (step === undefined) return;
  const { name, key } = call;
  if (step.kind !== call.kind)
    throw divergence({
      step: name,
      key,
      part: "kind",
      recorded: `a ${step.kind} step`,
      present: `a ${call.kind} step`,
    });
  // After a correction another branch may use another tool or prompt here; what was claimed is that tool's for good.
  const stale = (record: JournalRecord): boolean =>
    record.seq < frame.history.lastOverrideSeq && record.body.phase !== "claim";
  for (const part of ["prompt", "tool"] as const) {
    // The first one: what a step falls back to is on record after what it was.
    const recorded = step.records.find((record) => record.body[part] !== undefined && !stale(record));
    const [before, now] = [recorded?.body[part], saidOf(call, 0)[part]];
    if (before === undefined || before === now) continue;
    const present = now === undefined ? `no ${part}` : `${part} ${now}`;
    throw divergence({ step: name, key, part, recorded: `${part} ${before}`, present });
  }
}

/** The claim of a write of which nobody knows whether it happened. Only a person's answer or a settle ends it, no redrive. */
function openClaim(records: readonly JournalRecord[], answeredSeq: number): JournalRecord | undefined {
  const claim = records.findLast(({ body }) => body.phase === "claim");
  if (claim === undefined || claim.seq < answeredSeq) return undefined;
  const later = records.filter(({ seq }) => seq > claim.seq);
  // A settle ends it, and so does an answer that turned the call away before it was looked at.
  const known = later.some(
    ({ ends, status, body: { error } }) =>
      (ends && status !== "error") || (error?.class === "rate_limited" && error.code !== RECONCILE_FAILED),
  );
  return known ? undefined : claim;
}

/** In a preview: the way ends at a step that is not on record; a look ahead goes on beside it. */
export function incomplete(
  frame: Frame,
  { name, key, tool, claimed = false }: { name: string; key: string; tool?: string | undefined; claimed?: boolean },
): Promise<never> {
  if (frame.ahead) frame.reached.push({ name, key, tool, claimed });
  else frame.finish({ end: "incomplete", step: name });
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
  const keeps = call.keepsOutcome === true && !failed && mayDiffer(frame, finished);
  if (finished.body.inputHash !== inputHash && !keeps) {
    // A correction upstream changes what later steps are given; anything else is other code than ran before.
    if (finished.seq < frame.history.lastOverrideSeq) return undefined;
    throw otherInput(frame, call, finished);
  }
  frame.virtualNow = Math.max(frame.virtualNow, finished.endedAt);
  if (failed) return failAgain(frame, call, finished.body.error as FailureInfo);
  return Promise.resolve(finished.body.output ?? null);
}

/** Whether a correction or a restart since may have changed what this step is given. */
function mayDiffer({ history }: Frame, { name, key, seq }: JournalRecord): boolean {
  return seq < Math.max(history.lastOverrideSeq, history.restartSeq(name, key));
}

/** Both inputs, redacted: a person sees which fields differ, and no original. */
export function otherInput(frame: Frame, call: StepCall, recorded: JournalRecord): Failure {
  const marks = { input: call.inputMarks ?? [] };
  const shown = (body: RecordBody): Json | undefined => frame.journal.redactBody(body, marks).input;
  const given = call.input === undefined ? {} : { input: call.input };
  // The record that ends a step may be a later hop of it; the input stands in its first one.
  const { records = [recorded] } = frame.history.step(call.name, call.key) ?? {};
  const said = records.findLast(
    ({ type, body }) => type !== "repair" && body.input !== undefined && body.inputHash === recorded.body.inputHash,
  );
  const before = said?.body.input === undefined ? {} : { input: said.body.input };
  return inputDivergence({ step: call.name, key: call.key }, shown(before), shown(given));
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

/** One attempt, with all that is on record of the step since its attempts were last reset. */
async function tryOnce(
  frame: Frame,
  call: StepCall,
  before: readonly JournalRecord[],
  inputHash: string | undefined,
  claim: JournalRecord | undefined,
): Promise<Json> {
  // A fallback begins a call of its own, so it is looked at before each.
  if (frame.held) return await frame.parkHeld();
  const { route, past } = routeOf(call, before);
  const number = past.filter((record) => record.status === "error" && record.body.retryAt !== undefined).length + 1;
  const tried: Tried = { number, route, startedAt: frame.now(), inputHash };
  const goOn = (made: readonly Entry[]): Promise<Json> =>
    tryOnce(frame, call, [...before, ...made.map((entry) => asPast(frame, entry))], inputHash, undefined);
  const failed = await frame.underway.execute(call.abortable, async (signal) => {
    try {
      const done = await inStep(() => call.execute({ ...tried, signal, past, claim }));
      if ("park" in done) return { goOn: () => done.park() };
      const output = asRecorded(done.output);
      await frame.commit(done.entries, done.extra);
      const last = done.entries.at(-1)?.record;
      frame.virtualNow = Math.max(frame.virtualNow, last?.endedAt ?? 0);
      if (last?.body.phase === "settle") await frame.engine.probe("write_settled");
      return { output };
    } catch (error) {
      if (frame.signal.aborted || frame.over) return { gone: true as const };
      if (signal.aborted && signal.reason instanceof SiblingFailed)
        return { goOn: await afterAbort(frame, call, tried, signal.reason, goOn) };
      const attempt = attemptFailure(frame, call, error, tried);
      return { goOn: await afterFailure(frame, call, attempt, tried, goOn) };
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
  tried: Tried,
  reason: SiblingFailed,
  goOn: (made: readonly Entry[]) => Promise<Json>,
): Promise<() => Promise<Json>> {
  const error: FailureInfo = { class: "transient", code: SIBLING_FAILED, message: reason.message };
  const body = { ...saidOf(call, tried.route), error };
  const entry = {
    record: newRecord(frame, call, { ...tried, status: "error", body }),
    marks: { input: call.inputMarks ?? [] },
  };
  await frame.commit([entry]);
  return async () => {
    await frame.underway.setAside();
    return await goOn([entry]);
  };
}

/** The route that the step has come to, and what is on record of that one. */
function routeOf(
  { routes = [] }: StepCall,
  before: readonly JournalRecord[],
): { route: number; past: readonly JournalRecord[] } {
  const left = before.filter(({ body }) => body.fallback !== undefined);
  const last = before.findLastIndex(({ body }) => body.fallback !== undefined);
  return { route: Math.max(0, Math.min(left.length, routes.length - 1)), past: before.slice(last + 1) };
}

/** A record just made, as the next attempt finds it. */
function asPast(frame: Frame, { record }: Entry): JournalRecord {
  return { ...record, runId: frame.run.runId, seq: 0, epoch: frame.run.epoch };
}

/** Steps that present code no longer asks for, though nothing was corrected: other code than ran before. */
export function assertNothingForgotten(frame: Frame): void {
  const step = [...frame.history.finished()].find((each) => frame.owes(each));
  if (step !== undefined) throw notAskedFor(step, frame.calledUnrecorded());
}

const LONGEST_LOOK_MS = 250;
const BETWEEN_LOOKS_MS = 10;

/**
 * The same before a write that has not been made: nothing reaches the world by code that passes over what is on record. What
 * stands beside this step may have to compute something before it asks for its own.
 */
export async function assertNothingForgottenYet(frame: Frame): Promise<void> {
  for (let ms = 0; ms < LONGEST_LOOK_MS; ms += BETWEEN_LOOKS_MS) {
    if (![...frame.history.finished()].some((step) => frame.owes(step))) return;
    await new Promise((resolve) => void startTimer(resolve, BETWEEN_LOOKS_MS));
  }
  assertNothingForgotten(frame);
}

/** A step on record that present code does without; `instead`: what it took that was not on record. */
export function notAskedFor(
  step: { name: string; key: string; kind: RecordKind },
  instead: readonly string[],
): Failure {
  const taken = instead.map((name) => `"${name}"`).join(", ");
  return divergence({
    step: step.name,
    key: step.key,
    part: "not_asked_for",
    recorded: `a ${step.kind} step`,
    present: taken === "" ? "the code does without it" : `the code does without it and takes ${taken} instead`,
  });
}
