import type { ClaimedRun } from "../journal/ports.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { pinsFrom } from "../release/pin.ts";
import type { Pins, Release } from "../release/release.ts";
import type { Workflow } from "./define.ts";
import type { Engine } from "./engine.ts";
import { Frame } from "./frame.ts";
import { History } from "./history.ts";

/** A workflow as this process runs it: the definition, the fingerprint of its code, its own words. */
export interface Deployed {
  workflow: Workflow;
  code: string;
  /** See `vocabularyOf`. */
  vocabulary: ReadonlySet<string>;
}

/** A claimed run, put together again: records restored, pinned where it is new. */
export async function openFrame(engine: Engine, deployed: Deployed, claimed: ClaimedRun): Promise<Frame> {
  const { run, control } = claimed;
  const { journal, records } = await RunJournal.open(claimed, {
    keyring: engine.keyring,
    store: engine.store,
    vocabulary: deployed.vocabulary,
    fresh: engine.recent.take(run.runId),
  });
  const pinning = run.pins === null;
  if (pinning && control === null) throw new Error(`Workflow ${run.workflow} is under no release.`);
  const pins: Pins = pinning
    ? pinsFrom(JSON.parse((control as NonNullable<typeof control>).body) as Release, run.contractVersion, deployed.code)
    : (JSON.parse(run.pins as string) as Pins);
  const history = new History(records);
  return new Frame({ engine, workflow: deployed.workflow, run, pins, pinning, control, journal, history, live: true });
}
