import type { Json, JsonObject } from "../base/json.ts";
import type { LoadedRun } from "../journal/ports.ts";
import { RunJournal } from "../journal/run-journal.ts";
import type { SealedRecord } from "../journal/record.ts";
import { SYSTEM } from "../workflow/history.ts";
import type { Parts } from "./parts.ts";
import type { Actor } from "./actor.ts";

/** A person's command on record: who, and why, and what `more` says of it. */
export async function commandRecord(
  parts: Parts,
  loaded: LoadedRun,
  name: string,
  actor: Pick<Actor, "name">,
  reason: string,
  more: JsonObject = {},
): Promise<SealedRecord> {
  const { journal } = await RunJournal.open(loaded, {
    keyring: parts.engine.keyring,
    store: parts.store,
    vocabulary: parts.workflows.get(loaded.run.workflow)?.vocabulary,
  });
  const now = parts.engine.clock.now();
  const detail: Json = { by: actor.name, reason, step: loaded.run.failure?.step ?? null, ...more };
  const base = { key: "", attempt: 1, status: "success", ends: true, startedAt: now, endedAt: now } as const;
  return journal.seal({ ...base, kind: "override", type: "override", name, body: { detail } });
}

export async function cancelRun(
  parts: Parts,
  runId: string,
  actor: Actor,
  reason: string,
): Promise<{ ok: boolean; message: string }> {
  const loaded = await parts.store.load(runId);
  if (loaded === null) return { ok: false, message: `There is no run ${runId}.` };
  const record = await commandRecord(parts, loaded, SYSTEM.cancel, actor, reason);
  const result = await parts.store.command({ runId, command: { do: "cancel" }, record });
  if (!result.ok) return { ok: false, message: `Run ${runId} has ended already.` };
  parts.events.changed(runId);
  parts.worker.drop(runId);
  await parts.engine.rates.forget(runId);
  return { ok: true, message: `Run ${runId} is cancelled.` };
}
