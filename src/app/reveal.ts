import { RunJournal } from "../journal/run-journal.ts";
import { traceOf } from "../journal/trace.ts";
import { originalsGone } from "./removed.ts";
import type { Parts } from "./parts.ts";
import type { Actor, Revealed } from "./sluice.ts";

/** A run with its originals. Nothing is shown before it is on record who looked and why; where that fails, nothing is. */
export async function revealRun(parts: Parts, runId: string, actor: Actor, reason: string): Promise<Revealed> {
  const { store, engine, workflows } = parts;
  const loaded = await store.load(runId);
  if (loaded === null) return { ok: false, code: "unknown_run", message: `There is no run ${runId}.` };
  const { run, wrappedKey } = loaded;
  if (wrappedKey === null) {
    const message = originalsGone(run) ?? "The key of this run is gone. What is left is the redacted trace.";
    return { ok: false, code: "key_destroyed", message };
  }
  const { keyring } = engine;
  const vocabulary = workflows.get(run.workflow)?.vocabulary;
  const { journal, records } = await RunJournal.open(loaded, { keyring, store, vocabulary });
  const revealed = {
    trace: traceOf(run, records),
    event: records[0]?.body.output ?? null,
    decision: run.decision === null ? null : journal.vault.restore(run.decision),
  };
  // Kept with the run for longer than its originals, so a reason that quotes them is kept redacted.
  await store.noteRunView(runId, actor.name, journal.redactText(reason));
  return { ok: true, ...revealed };
}
