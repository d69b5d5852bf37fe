import type { ClaimedRun, ControlRow } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { pinsFrom } from "../release/pin.ts";
import { readRelease } from "../release/release.ts";
import type { Pins } from "../release/release.ts";
import type { Workflow } from "./define.ts";
import type { Engine } from "./engine.ts";
import { Frame } from "./frame.ts";
import { History } from "./history.ts";

/** A workflow as this process runs it: the definition, the fingerprint of its code, its own words. */
export interface Deployed {
  workflow: Workflow;
  code: string;
  /** See `vocabularyOf`; it grows when a prompt version is published. */
  vocabulary: Set<string>;
}

/** What the run goes by: its pins, or what it would pin now. */
export function pinsOf(run: Run, control: ControlRow | null, { workflow, code }: Deployed): Pins {
  if (run.pins !== null) return JSON.parse(run.pins) as Pins;
  return pinsFrom(readRelease(control?.body ?? "null"), run.contractVersion, code, workflow.pinned);
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
  const pins = pinsOf(run, control, deployed);
  const history = new History(records);
  return new Frame({
    engine,
    workflow: deployed.workflow,
    run,
    pins,
    pinning,
    control,
    journal,
    history,
    reserved,
    live: true,
  });
}
