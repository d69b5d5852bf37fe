import type { JsonObject } from "../base/json.ts";
import type { ClaimedRun, ControlRow } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { pinsFrom } from "../release/pin.ts";
import { readRelease } from "../release/release.ts";
import type { Pins, Release } from "../release/release.ts";
import type { Workflow } from "./define.ts";
import type { Engine } from "./engine.ts";
import { Frame } from "./frame.ts";
import { History } from "./history.ts";
import { usedIn } from "./used-versions.ts";
import { repinRecord, repins } from "./withdrawn.ts";

/** A workflow as this process runs it: the definition, the fingerprint of its code, its own words. */
export interface Deployed {
  workflow: Workflow;
  code: string;
  /** See `vocabularyOf`; it grows when a prompt version is published. */
  vocabulary: Set<string>;
}

/** What the run goes by: its pins, or what it would pin now. `event`: as its first record holds it. */
export function pinsOf(run: Run, control: ControlRow | null, deployed: Deployed, event: JsonObject): Pins {
  if (run.pins !== null) return JSON.parse(run.pins) as Pins;
  return pinsNow(run, readRelease(control?.body ?? "null"), deployed, event);
}

function pinsNow({ contractVersion }: Run, release: Release, { workflow, code }: Deployed, event: JsonObject): Pins {
  // A threshold that the code has come to have since the release is at its default: undefined would hold back nothing.
  const thresholds = { ...workflow.thresholds, ...release.thresholds };
  return pinsFrom({ ...release, thresholds }, { event, contractVersion, code, pinned: workflow.pinned });
}

/** A claimed run, put together again: records restored, pinned where it is new. */
export async function openFrame(engine: Engine, deployed: Deployed, claimed: ClaimedRun): Promise<Frame> {
  const { run, control, reserved } = claimed;
  const { journal, records } = await RunJournal.open(claimed, {
    keyring: engine.keyring,
    store: engine.store,
    vocabulary: deployed.vocabulary,
    fresh: engine.recent.take(run.runId),
  });
  const pinning = run.pins === null;
  if (pinning && control === null) throw new Error(`Workflow ${run.workflow} is under no release.`);
  const history = new History(records);
  const event = history.event.body.output as JsonObject;
  const pins = pinsOf(run, control, deployed, event);
  const shared = { engine, workflow: deployed.workflow, run, control, journal, history, reserved, live: true };
  const present = control === null || pinning ? null : engine.controls.take(control).release;
  if (present === null || !repins(engine, { pins, used: usedIn(history.standing) }, present))
    return new Frame({ ...shared, pins, pinning });
  const after = pinsNow(run, present, deployed, event);
  const frame = new Frame({ ...shared, pins: after, pinning: true });
  await frame.commit([{ record: repinRecord(pins, after, frame.now()) }]);
  return frame;
}
