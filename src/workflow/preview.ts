import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { ControlRow } from "../journal/ports.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { Run } from "../journal/run.ts";
import type { RunJournal } from "../journal/run-journal.ts";
import type { Engine } from "./engine.ts";
import { Frame } from "./frame.ts";
import { History } from "./history.ts";
import { enteredIn } from "./off.ts";
import { pinsOf } from "./open.ts";
import type { Deployed } from "./open.ts";
import { outcomeHash } from "./outcome.ts";
import type { ProposedWrite } from "./outcome.ts";
import { execute } from "./replay.ts";
import { proposedKey } from "./steps/approved-write.ts";
import { StepFailed } from "./step-failed.ts";

/** What would follow an answer: recomputed from the records, with nothing executed and nothing written. Original values. */
export interface Preview {
  /** Null where the run would not reach a decision without a step that is not on record yet. */
  decision: JsonObject | null;
  /** The step the recomputation stopped at; null where it is complete. */
  incompleteAt: string | null;
  /** Writes that are not settled and would be made, or proposed, in call order. */
  writes: ProposedWrite[];
  /** Settled already; they stay. */
  done: ProposedWrite[];
  problems: Problem[];
  /** Of decision and proposed writes; null where there is no decision. */
  hash: string | null;
}

export interface PreviewInput {
  engine: Engine;
  deployed: Deployed;
  run: Run;
  control: ControlRow | null;
  journal: RunJournal;
  records: readonly JournalRecord[];
  /** Records the answer would add. */
  extra: readonly JournalRecord[];
}

export async function previewRun(input: PreviewInput): Promise<Preview> {
  const { engine, deployed, run, control, journal } = input;
  const history = new History([...input.records, ...input.extra]);
  const pins = pinsOf(run, control, deployed, history.event.body.output as JsonObject);
  const frame = new Frame({
    engine,
    workflow: deployed.workflow,
    run,
    pins,
    pinning: false,
    control,
    journal,
    history,
    live: false,
  });
  const entered = enteredIn(history);
  if (entered !== null) {
    // A person decides in the workflow's place: its code is not asked, and nothing is written.
    const hash = outcomeHash(journal, entered, []);
    return { decision: entered, incompleteAt: null, writes: [], done: settledWrites(history), problems: [], hash };
  }
  const end = await execute(frame);
  const done = settledWrites(history);
  const decision = end.end === "returned" ? (frame.decided?.decision ?? null) : null;
  return {
    decision,
    incompleteAt: end.end === "incomplete" ? end.step : null,
    writes: writesOf(frame, done),
    done,
    problems: end.end === "threw" ? [problemOf(end.error)] : [],
    hash: decision === null ? null : outcomeHash(journal, decision, frame.proposed),
  };
}

/** What has happened in this run, whether or not the code would ask for it now: with the arguments it happened with. */
function settledWrites(history: History): ProposedWrite[] {
  return history.records
    .filter(({ body }) => body.phase === "settle")
    .map(({ name, key, body }) => ({
      step: name,
      key: proposedKey(key),
      tool: body.tool ?? "",
      payload: body.input ?? null,
    }));
}

/** Proposals on record and writes that would come, each once and none that has happened. */
function writesOf(frame: Frame, done: readonly ProposedWrite[]): ProposedWrite[] {
  const coming = frame.previewed.filter(({ verdict }) => verdict === "execute" || verdict === "propose");
  const seen = new Set(coming.map(({ step, key }) => `${step}\n${key}`));
  for (const { step, key } of done) seen.add(`${step}\n${key}`);
  const proposed = frame.proposed.filter(({ step, key }) => !seen.has(`${step}\n${key}`));
  return [...proposed, ...coming.map(({ step, key, tool, payload }) => ({ step, key, tool, payload }))];
}

function problemOf(error: unknown): Problem {
  const message = error instanceof StepFailed || error instanceof Error ? error.message : String(error);
  return { pointer: "", message };
}

/** Writes in `before` that `after` no longer makes, or makes with another payload. */
export function withdrawnWrites(before: readonly ProposedWrite[], after: readonly ProposedWrite[]): ProposedWrite[] {
  const kept = new Set(after.map(writeText));
  return before.filter((write) => !kept.has(writeText(write)));
}

function writeText({ step, key, tool, payload }: ProposedWrite): string {
  return JSON.stringify([step, key, tool, payload satisfies Json]);
}
