import { Failure } from "../base/failure.ts";
import type { FailureInfo } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { DECISION } from "../journal/names.ts";
import { deathFingerprint } from "../journal/run.ts";
import type { RunStatus } from "../journal/run.ts";
import type { RunCommand } from "../journal/transition.ts";
import { underGuard } from "./determinism.ts";
import { asRunFailure } from "./frame.ts";
import type { CommitExtra, Entry, Frame, FrameEnd } from "./frame.ts";
import { whileOff } from "./off.ts";
import type { Ruling } from "./outcome.ts";
import { assertNothingForgotten } from "./step.ts";
import { StepFailed } from "./step-failed.ts";
import { verbsOf } from "./verbs.ts";

/** Runs the workflow function from its start; recorded steps answer from the journal. Resolves when the frame has ended. */
export async function execute(frame: Frame): Promise<FrameEnd> {
  const event = frame.history.event.body.output as JsonObject;
  const warn = (message: string): void =>
    frame.engine.log("warn", message, { run_id: frame.run.runId, workflow: frame.workflow.name });
  const stray = (error: unknown): void => void endByStray(frame, error);
  underGuard({ mode: frame.engine.determinism, warn, stray }, () => {
    void runToEnd(frame, event);
  });
  return await frame.ended;
}

async function runToEnd(frame: Frame, event: JsonObject): Promise<void> {
  try {
    const value = await frame.workflow.run(structuredClone(event), verbsOf(frame));
    if (frame.underway.pending > 0) throw notAwaited();
    frame.finish({ end: "returned", value });
  } catch (error) {
    // What is under way may be a write: it ends and goes on record before the run does.
    await frame.underway.abortSiblings();
    frame.finish({ end: "threw", error });
  }
}

/** The code let something fail that nobody waited for. Nothing that follows from it can be relied on. */
async function endByStray(frame: Frame, cause: unknown): Promise<void> {
  const { message: said } = infoOf(cause);
  const message = `Nobody waited for what failed in the workflow's code; await every promise. ${said}`;
  if (frame.live && frame.over) {
    const data = { run_id: frame.run.runId, workflow: frame.workflow.name };
    frame.engine.log("error", frame.journal.redactText(message), data);
    return;
  }
  await frame.underway.abortSiblings();
  frame.finish({ end: "threw", error: new Failure({ class: "bug", code: "unhandled_failure", message }) });
}

/** One claimed run, as far as it goes now: to its end or to its next wait. Answers the status it was left in; null when fenced. */
export async function advance(frame: Frame): Promise<RunStatus | null> {
  const early = beforehand(frame) ?? (await whileOff(frame));
  const end = early ?? (await execute(frame));
  return await settle(frame, end);
}

/** Ends the run where its time is over while it executes: what is under way is stopped, writes are let finish. */
export async function enforceDeadline(frame: Frame): Promise<void> {
  if (frame.deadlineAt === null || frame.deadlineAt > frame.now()) return;
  await frame.underway.abortSiblings();
  frame.finish({ end: "threw", error: deadlineOver() });
}

function deadlineOver(): Failure {
  return new Failure({ class: "timeout", code: "deadline", message: "The run did not end within its deadline." });
}

/** What ends a run before its code is asked. */
function beforehand(frame: Frame): FrameEnd | null {
  const rejected = frame.history.answers.find(({ action }) => action === "reject");
  if (rejected !== undefined) return { end: "stopped", disposition: "rejected", failure: null, records: [] };
  const { deadlineAt } = frame;
  if (deadlineAt === null || deadlineAt > frame.now()) return null;
  return { end: "threw", error: deadlineOver() };
}

async function settle(frame: Frame, end: FrameEnd): Promise<RunStatus | null> {
  switch (end.end) {
    case "fenced":
    case "incomplete":
      return null;
    case "unstored":
      throw end.error;
    case "parked":
      return await park(frame, end);
    case "stopped":
      return await leave(
        frame,
        end.records,
        { do: "stop", disposition: end.disposition, failure: redactedFailure(frame, end.failure) },
        end.expired === undefined ? {} : { reviewChanges: [end.expired] },
      );
    case "returned":
      return await complete(frame);
    case "threw":
      return await die(frame, end.error);
  }
}

async function park(frame: Frame, { wait, wakeAt }: Extract<FrameEnd, { end: "parked" }>): Promise<RunStatus | null> {
  const status = await leave(frame, [], { do: "park", wait, wakeAt, seenSeq: frame.seenSeq });
  await frame.engine.probe("parked");
  return status;
}

async function complete(frame: Frame): Promise<RunStatus | null> {
  const failure = whyNotComplete(frame);
  if (failure !== null) return await die(frame, failure);
  const { decision, disposition, controlVersion, ruling } = frame.decided as NonNullable<Frame["decided"]>;
  const now = frame.now();
  const body = {
    output: decision,
    release: frame.pins.release,
    stage: frame.stage,
    detail: { disposition, ...detailOf(ruling) },
  };
  const base = { key: "", attempt: 1, status: "success", ends: true, startedAt: now, endedAt: now } as const;
  const entry: Entry = {
    record: { ...base, kind: "decide", type: "decision", name: DECISION, body },
    marks: { output: frame.workflow.decision?.sensitive(decision) ?? [] },
  };
  await frame.engine.probe("before_decision");
  const shown = frame.journal.redactBody(body, entry.marks ?? {}).output as Json;
  const extra = { decision: JSON.stringify(shown), controlVersion };
  const status = await leave(frame, [entry], { do: "complete", disposition }, extra);
  await frame.engine.probe("decided");
  return status;
}

/** In shadow, too: what would have become of the decision. */
function detailOf(ruling: Ruling | null): JsonObject {
  return {
    would: ruling === null ? "apply" : "review",
    ...(ruling === null ? {} : { why: ruling.why, because: ruling.reason }),
  };
}

function notAwaited(): Failure {
  const message = "The workflow ended while a step was still under way; await every step.";
  return new Failure({ class: "bug", code: "step_not_awaited", message });
}

function whyNotComplete(frame: Frame): Failure | null {
  if (frame.fault !== null) return frame.fault;
  if (frame.decided === null)
    return new Failure({ class: "bug", code: "no_decision", message: "The workflow ended without ctx.decide." });
  if (frame.decided.entered === true) return null;
  try {
    assertNothingForgotten(frame);
    return null;
  } catch (error) {
    return error as Failure;
  }
}

async function die(frame: Frame, error: unknown): Promise<RunStatus | null> {
  const info: FailureInfo = infoOf(error);
  const step = error instanceof StepFailed ? error.step : null;
  const failure = redactedFailure(frame, asRunFailure(info, step));
  const fingerprint = deathFingerprint(frame.workflow.name, failure);
  if (failure.code === "divergence") {
    const { message, detail = null } = failure;
    frame.engine.log("error", message, { run_id: frame.run.runId, workflow: frame.workflow.name, detail });
  }
  return await leave(frame, [], { do: "die", failure }, { fingerprint });
}

/** Ends a run that cannot be advanced, whatever its code does: what it died of is ours to mend. */
export async function endByError(frame: Frame, error: unknown): Promise<RunStatus | null> {
  const said = error instanceof Error ? error.message : "an error without a message";
  const message = `This run could not be advanced: ${said}. Nothing of what it did last is on record.`;
  return await die(frame, new Failure({ class: "bug", code: "not_advanced", message }));
}

function infoOf(error: unknown): FailureInfo {
  if (error instanceof StepFailed || error instanceof Failure) return error.info;
  return { class: "bug", code: "exception", message: `The workflow's code threw ${thrownText(error)}` };
}

/** What is thrown may be anything, also what cannot be made text: the run has to end all the same. */
function thrownText(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "something that cannot be shown";
  }
}

function redactedFailure<T>(frame: Frame, failure: T): T {
  return frame.journal.redact(failure as Json) as T;
}

async function leave(
  frame: Frame,
  entries: readonly Entry[],
  command: RunCommand,
  extra: Omit<CommitExtra, "command"> = {},
): Promise<RunStatus | null> {
  return await frame.leave(entries, { command, ...extra });
}
