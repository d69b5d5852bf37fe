import type { Json } from "../base/json.ts";
import type { JournalStore, LoadedRun, OutsideCommand } from "../journal/ports.ts";
import type { RunFilter } from "../journal/run-filter.ts";
import { deathFingerprint } from "../journal/run.ts";
import type { Run } from "../journal/run.ts";
import { RunJournal } from "../journal/run-journal.ts";
import type { SealedRecord } from "../journal/record.ts";
import { SYSTEM } from "../workflow/history.ts";
import { originalsGone } from "./removed.ts";
import type { Parts } from "./parts.ts";
import type { Actor, DeadGroup, RedriveReport, RedriveRequest } from "./sluice.ts";

const MAX_DEAD = 10_000;
const PAGE = 500;

/** A person's command on record: who, and why. */
export async function commandRecord(
  parts: Parts,
  loaded: LoadedRun,
  name: string,
  actor: Actor,
  reason: string,
): Promise<SealedRecord> {
  const { journal } = await RunJournal.open(loaded, {
    keyring: parts.engine.keyring,
    store: parts.store,
    vocabulary: parts.workflows.get(loaded.run.workflow)?.vocabulary,
  });
  const now = parts.engine.clock.now();
  const detail: Json = { by: actor.name, reason, step: loaded.run.failure?.step ?? null };
  const base = { key: "", attempt: 1, status: "success", ends: true, startedAt: now, endedAt: now } as const;
  return journal.seal({ ...base, kind: "override", type: "override", name, body: { detail } });
}

async function act(
  parts: Parts,
  runId: string,
  doing: "cancel" | "redrive",
  actor: Actor,
  reason: string,
): Promise<{ ok: true } | { ok: false; why: string }> {
  const loaded = await parts.store.load(runId);
  if (loaded === null) return { ok: false, why: "unknown_run" };
  const gone = doing === "redrive" ? originalsGone(loaded.run) : null;
  if (gone !== null) return { ok: false, why: `it cannot go on without them. ${gone}` };
  const record = await commandRecord(parts, loaded, SYSTEM[doing], actor, reason);
  const command: OutsideCommand = { runId, command: { do: doing }, record };
  const result = await parts.store.command(command);
  if (!result.ok) return { ok: false, why: result.refusal };
  if (doing === "redrive") await parts.engine.probe("redriven");
  parts.events.changed(runId);
  return { ok: true };
}

export async function cancelRun(
  parts: Parts,
  runId: string,
  actor: Actor,
  reason: string,
): Promise<{ ok: boolean; message: string }> {
  const result = await act(parts, runId, "cancel", actor, reason);
  if (result.ok) {
    parts.worker.drop(runId);
    return { ok: true, message: `Run ${runId} is cancelled.` };
  }
  const message = result.why === "unknown_run" ? `There is no run ${runId}.` : `Run ${runId} has ended already.`;
  return { ok: false, message };
}

async function deadRuns(store: JournalStore, filter: RunFilter, limit: number): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list(
      { ...filter, status: "dead" },
      { limit: Math.min(PAGE, limit - runs.length), ...(cursor === undefined ? {} : { cursor }) },
    );
    runs.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && runs.length < limit);
  return runs;
}

/** Dead letters that died alike, the largest group first; over the newest 10,000. */
export async function deadGroups(store: JournalStore, filter: RunFilter): Promise<DeadGroup[]> {
  const groups = new Map<string, DeadGroup>();
  for (const run of await deadRuns(store, filter, MAX_DEAD)) {
    const { failure } = run;
    if (failure === null) continue;
    const fingerprint = run.fingerprint ?? deathFingerprint(run.workflow, failure);
    const at = run.endedAt ?? run.updatedAt;
    const group = groups.get(fingerprint);
    if (group === undefined) {
      const { class: failureClass, code, message, step } = failure;
      const first = { count: 1, example: run.runId, firstAt: at, lastAt: at };
      groups.set(fingerprint, {
        fingerprint,
        workflow: run.workflow,
        step,
        class: failureClass,
        code,
        message,
        ...first,
      });
    } else {
      group.count++;
      group.firstAt = Math.min(group.firstAt, at);
      group.lastAt = Math.max(group.lastAt, at);
    }
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** Sends dead runs back to work, from the step that failed. Settled writes stay settled. */
export async function redriveRuns(parts: Parts, request: RedriveRequest, actor: Actor): Promise<RedriveReport> {
  const { runId, ...filter } = request.filter;
  const one = runId === undefined ? null : await parts.store.run(runId);
  const matched =
    runId !== undefined ? (one?.status === "dead" ? [one] : []) : await deadRuns(parts.store, filter, request.limit);
  const report: RedriveReport = { matched: matched.length, redriven: [], refused: [], dryRun: request.dryRun };
  if (runId !== undefined && one !== null && one.status !== "dead")
    report.refused.push({ runId, why: `it is ${one.status}, not dead` });
  if (runId !== undefined && one === null) report.refused.push({ runId, why: "there is no such run" });
  if (request.dryRun) return report;
  for (const run of matched) {
    const result = await act(parts, run.runId, "redrive", actor, request.reason);
    if (result.ok) report.redriven.push(run.runId);
    else report.refused.push({ runId: run.runId, why: result.why });
  }
  parts.worker.poke();
  return report;
}
