import type { JsonObject } from "../base/json.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { Run } from "../journal/run.ts";
import type { RunJournal } from "../journal/run-journal.ts";
import type { Pins } from "../release/release.ts";
import type { Engine } from "./engine.ts";
import { Frame } from "./frame.ts";
import type { FrameEnd } from "./frame.ts";
import { History, answerOf, reviewNameOf } from "./history.ts";
import type { Instead } from "./instead.ts";
import type { Deployed } from "./open.ts";
import { execute } from "./replay.ts";

export interface RecomputeInput {
  engine: Engine;
  deployed: Deployed;
  run: Run;
  journal: RunJournal;
  records: readonly JournalRecord[];
  /** Versions that are asked in place of what is on record, by slot. */
  prompts?: Instead["prompts"];
  /** In place of those the run has pinned. */
  thresholds?: Record<string, number>;
  signal: AbortSignal;
}

/** What a run comes to without any person's answer. Original values. */
export interface Recomputed {
  /** Null where it comes to none by itself. */
  decision: JsonObject | null;
  /** Each time the code, a rule or the check of an answer would have asked a person. Where there is a decision, it stands if they approve. */
  asked: readonly { step: string; why: string }[];
  /** The step it stopped at, for want of a record; null: none. */
  incompleteAt: string | null;
  /** What the code failed with; null: nothing. */
  failure: string | null;
}

/**
 * The workflow's function over the recorded reads of a run, as if nobody had answered its reviews, with other prompt versions
 * or thresholds. Nothing but those prompts is asked, nothing is executed, nothing is written.
 */
export async function recompute(input: RecomputeInput): Promise<Recomputed> {
  const { engine, deployed, run, journal, signal } = input;
  const pins = JSON.parse(run.pins ?? "null") as Pins | null;
  if (pins === null) return { decision: null, asked: [], incompleteAt: null, failure: "The run has not begun." };
  const instead: Instead = { prompts: input.prompts ?? new Map(), asked: [] };
  const frame = new Frame({
    engine,
    workflow: deployed.workflow,
    run,
    pins: { ...pins, thresholds: { ...pins.thresholds, ...input.thresholds } },
    pinning: false,
    control: null,
    journal,
    history: new History([...withoutAnswers(input.records), openToChange(run)]),
    live: false,
    instead,
  });
  const stop = (): void => frame.finish({ end: "incomplete", step: "" });
  signal.addEventListener("abort", stop, { once: true });
  try {
    const end = await execute(frame);
    signal.throwIfAborted();
    return outcomeOf(frame, end, instead);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function outcomeOf(frame: Frame, end: FrameEnd, { asked }: Instead): Recomputed {
  const none = { decision: null, asked, incompleteAt: null, failure: null };
  if (frame.fault !== null) return { ...none, failure: frame.fault.info.message };
  switch (end.end) {
    case "returned":
      return frame.decided === null
        ? { ...none, failure: "The code ends without ctx.decide." }
        : { ...none, decision: frame.decided.decision };
    case "incomplete":
      // An answer that was turned down on record would be a person's to put right.
      if (isTurnedDown(frame, end.step)) asked.push({ step: end.step, why: "invalid_output" });
      return { ...none, incompleteAt: asked.some(({ step }) => step === end.step) ? null : end.step };
    case "threw":
      return { ...none, failure: end.error instanceof Error ? end.error.message : String(end.error) };
    default:
      return { ...none, failure: `The code would have ${end.end}.` };
  }
}

function isTurnedDown({ history }: Frame, name: string): boolean {
  return history.standing.some(
    (record) => record.kind === "prompt" && record.name === name && record.status === "error",
  );
}

/** The record without what people said to the model's answers and to the decision; what they said of tools stands in for those. */
function withoutAnswers(records: readonly JournalRecord[]): JournalRecord[] {
  const tools = new Set(records.filter(({ kind }) => kind === "tool").map(({ name }) => reviewNameOf(name)));
  const dropped = new Set<string>();
  const kept = records.filter((record) => {
    if (record.kind !== "review" || tools.has(record.name)) return true;
    if (record.ends) dropped.add(answerOf(record).reviewId);
    return false;
  });
  return kept.filter(({ kind, body }) => {
    const { review_id: answered } = (body.detail ?? {}) as { review_id?: string };
    return kind !== "override" || answered === undefined || !dropped.has(answered);
  });
}

/** A record after which steps may be given other input than they were: no step can have its name. */
function openToChange(run: Run): JournalRecord {
  const at = run.updatedAt;
  const place = { runId: run.runId, seq: run.nextSeq, epoch: 0, key: "", attempt: 1, startedAt: at, endedAt: at };
  return { ...place, kind: "override", type: "override", name: "\n", status: "success", ends: true, body: {} };
}

/** What people made of a run. */
export interface PersonSaid {
  action: "approve" | "correct" | "reject";
  by: string;
}

/** The last answer that a person gave in this run; null where nobody was asked, or nobody has answered. */
export function personSaid(records: readonly JournalRecord[]): PersonSaid | null {
  const answers = new History(records).answers;
  const last = answers.findLast(({ action }) => action === "reject") ?? answers.at(-1);
  if (last === undefined) return null;
  const corrected = last.action !== "reject" && answers.some(({ action }) => action === "correct");
  return { action: corrected ? "correct" : last.action, by: last.by };
}
