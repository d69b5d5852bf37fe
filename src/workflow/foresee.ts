import type { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { ControlRow } from "../journal/ports.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { Run } from "../journal/run.ts";
import type { RunJournal } from "../journal/run-journal.ts";
import type { Pins } from "../release/release.ts";
import { divergenceIn } from "./divergence.ts";
import type { Engine } from "./engine.ts";
import { Frame } from "./frame.ts";
import type { FrameEnd } from "./frame.ts";
import { History, SYSTEM } from "./history.ts";
import { pinsOf } from "./open.ts";
import type { Deployed } from "./open.ts";
import { execute } from "./replay.ts";
import { assertNothingForgotten, notAskedFor } from "./step.ts";
import { StepFailed } from "./step-failed.ts";

/**
 * What present code would make of a run that has not ended. `safe`: it meets the whole record and goes on where the run
 * stands. `re-executes`: it goes on, but takes steps ahead of what is on record, or again. `type changed`: a step on record
 * is another one now. `missing`: a step on record is asked for no more, or what the run needs is gone. `fails`: the code
 * throws before it comes to where the run stands. `pinned`: the run waits for its own code. `unknown`: nobody can say.
 */
export type Verdict = "safe" | "re-executes" | "type changed" | "missing" | "fails" | "pinned" | "unknown";

export interface Foresight {
  verdict: Verdict;
  /** The steps it is about, by name. */
  steps: string[];
  /** In words; "" for what is safe. Redacted. */
  why: string;
  /** Of a divergence, both sides. */
  divergence: Json | null;
  /** The code came to no step, and was stopped. */
  cutOff?: true;
}

export interface ForeseeInput {
  /** Its determinism is `throw`; nothing of it is called that leaves or writes. */
  engine: Engine;
  deployed: Deployed;
  run: Run;
  control: ControlRow | null;
  journal: RunJournal;
  records: readonly JournalRecord[];
  /** Whether the source names a step; null: that cannot be told from it. */
  named(step: string): boolean | null;
  /** Code that comes to no step for so long is cut off. */
  limitMs: number;
}

/** Runs the code over the record, as far as that reaches: nothing is executed, nothing leaves, nothing is written. */
export async function foresee(input: ForeseeInput): Promise<Foresight> {
  const { engine, deployed, run, control, journal } = input;
  const lost = whatIsGone(input);
  if (lost !== null) return lost;
  const history = new History(asIfRedriven(run, input.records));
  const pins = pinsOf(run, control, deployed, history.event.body.output as JsonObject);
  const shared = { engine, workflow: deployed.workflow, run, pins, control, journal, history };
  const frame = new Frame({ ...shared, pinning: false, live: false, ahead: true });
  const end = await endOrStandstill(frame, input.limitMs);
  const found = judge(frame, end, input);
  return {
    ...found,
    why: journal.redactText(found.why),
    divergence: found.divergence === null ? null : journal.redact(found.divergence),
  };
}

export function foreseen(verdict: Verdict, why = "", steps: string[] = [], divergence: Json | null = null): Foresight {
  return { verdict, steps, why, divergence };
}

/** What a run needs of the project before its code is asked. */
function whatIsGone({ engine, deployed, run }: ForeseeInput): Foresight | null {
  const { eventType, contractVersion } = run;
  if (engine.contracts.contract(eventType, contractVersion) === undefined)
    return foreseen("missing", `Version ${contractVersion} of the contract ${eventType} is not in the project.`);
  if (run.pins === null) return null;
  const pinned = Object.entries((JSON.parse(run.pins) as Pins).prompts);
  for (const [slot, { prompt, version, hash }] of pinned) {
    if (deployed.workflow.prompts[slot] === undefined) continue;
    const spec = engine.prompts.find(prompt, version);
    const name = `${prompt}@${version}`;
    if (spec === undefined)
      return foreseen("missing", `Prompt ${name}, which it has pinned, is not in the project.`, [slot]);
    if (spec.hash !== hash)
      return foreseen("type changed", `Prompt ${name} has other content than when it was pinned.`, [slot]);
  }
  return null;
}

/** A dead run is looked at as if it were redriven. */
function asIfRedriven(run: Run, records: readonly JournalRecord[]): readonly JournalRecord[] {
  const last = records.at(-1);
  if (run.status !== "dead" || last === undefined) return records;
  const detail = { by: "", reason: "", step: run.failure?.step ?? null };
  const record = { kind: "override", type: "override", name: SYSTEM.redrive, key: "", attempt: 1 } as const;
  const at = { seq: last.seq + 1, startedAt: last.endedAt, endedAt: last.endedAt };
  return [...records, { ...last, ...record, ...at, status: "success", ends: true, body: { detail } }];
}

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const nextTurn = setImmediate;
const clock = performance.now.bind(performance);

/** What is answered from records follows within a turn of the event loop; a few are for what runs beside. */
const QUIET_TURNS = 3;

/** How the code ended; null where it waits for steps that are not on record; `hangs` where for something else. */
async function endOrStandstill(frame: Frame, limitMs: number): Promise<FrameEnd | "hangs" | null> {
  const ended = execute(frame);
  const began = clock();
  let quiet = 0;
  let seen = -1;
  while (!frame.over && (frame.reached.length === 0 || quiet < QUIET_TURNS) && clock() - began < limitMs) {
    await new Promise((resolve) => nextTurn(resolve));
    quiet = frame.calledCount === seen ? quiet + 1 : 0;
    seen = frame.calledCount;
  }
  if (frame.over) return await ended;
  const isStandstill = frame.reached.length > 0;
  frame.finish({ end: "incomplete", step: "" });
  return isStandstill ? null : "hangs";
}

function judge(frame: Frame, end: FrameEnd | "hangs" | null, input: ForeseeInput): Foresight {
  if (frame.fault !== null) return ofFailure(frame.fault);
  if (end === "hangs") {
    const why = `Its code waited for something other than a step for ${input.limitMs / 1_000} s and was cut off.`;
    return { ...foreseen("unknown", why), cutOff: true };
  }
  if (end === null) return atStandstill(frame, input);
  if (end.end === "threw") return ofThrown(frame, end.error);
  if (end.end !== "returned") return foreseen("safe");
  if (frame.decided === null) return foreseen("fails", "The code would end without ctx.decide.");
  try {
    assertNothingForgotten(frame);
    return afresh(frame, []);
  } catch (error) {
    return ofFailure(error as Failure);
  }
}

function ofThrown(frame: Frame, error: unknown): Foresight {
  // What had failed for good on record ends the run again, as it would have without the deploy.
  if (error instanceof StepFailed) return foreseen("safe");
  const known = error as Partial<Failure>;
  if (known.info !== undefined) return ofFailure(error as Failure);
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return foreseen(
    "fails",
    `The code throws ${said}`,
    frame.reached.map(({ name }) => name),
  );
}

const GONE = ["prompt_version_missing", "unknown_slot", "slot_not_pinned", "unknown_tool", "unknown_event"];

function ofFailure({ info }: Failure): Foresight {
  const { code, message, detail } = info;
  const found = divergenceIn(detail);
  if (found !== null) {
    const verdict = found.part === "not_asked_for" || found.part === "renamed_write" ? "missing" : "type changed";
    return foreseen(verdict, message, [found.step], detail ?? null);
  }
  if (GONE.includes(code)) return foreseen("missing", message);
  if (code === "nondeterminism") return foreseen("unknown", `It cannot be foreseen: ${message}`);
  return foreseen("fails", message);
}

/** The code waits for steps that are not on record. Whatever is on record has to have been asked for, or to come later. */
function atStandstill(frame: Frame, { named }: ForeseeInput): Foresight {
  const { history, reached } = frame;
  for (const { name, tool } of reached) {
    const other = tool === undefined ? undefined : frame.forgottenWrite(tool);
    if (other !== undefined && named(other.name) !== true) return ofFailure(notAskedFor(other, [name]));
  }
  const fresh = reached.filter(({ name, key }) => history.step(name, key) === undefined).map(({ name }) => name);
  const ahead: string[] = [];
  for (const step of history.finished()) {
    if (!frame.owes(step)) continue;
    const comes = named(step.name);
    if (comes === false) return ofFailure(notAskedFor(step, fresh));
    if (comes === null)
      return foreseen(
        "unknown",
        `Whether the code still asks for step "${step.name}", which is on record, cannot be told before ${list(fresh)} is executed.`,
        [step.name],
      );
    // A write may wait for no step on record: it stops the run in place of being made ahead of it.
    const write = reached.find(({ name, key, tool }) => tool !== undefined && history.step(name, key) === undefined);
    if (write !== undefined) return ofFailure(notAskedFor(step, [write.name]));
    ahead.push(step.name);
  }
  return afresh(frame, ahead.length === 0 ? [] : fresh, ahead);
}

/** Steps that are executed though the run is past them, or that may have been executed before. */
function afresh(frame: Frame, fresh: readonly string[], ahead: readonly string[] = []): Foresight {
  const claimed = frame.reached.filter(({ claimed: open }) => open).map(({ name }) => name);
  const again = frame.reached.filter(({ name, key }) => frame.history.finishedOnce(name, key)).map(({ name }) => name);
  const steps = [...new Set([...fresh, ...claimed, ...again])];
  if (steps.length === 0) return foreseen("safe");
  const why = [
    ...(fresh.length === 0
      ? []
      : [
          `${list(fresh)} ${fresh.length === 1 ? "is" : "are"} not on record, and would be executed ahead of ${list(ahead)}, which ${ahead.length === 1 ? "is" : "are"}.`,
        ]),
    ...(claimed.length === 0 ? [] : [`The call of ${list(claimed)} was cut off: what came of it is found out first.`]),
    ...(again.length === 0 ? [] : [`${list(again)} would be executed again.`]),
  ];
  return foreseen("re-executes", why.join(" "), steps);
}

function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `"${name}"`).join(", ");
}
