import { UsageError } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { LoadedRun } from "../journal/ports.ts";
import type { JournalRecord } from "../journal/record.ts";
import { RESTART, openReviewIds, setAside } from "../journal/restart.ts";
import type { Restart } from "../journal/restart.ts";
import type { Run } from "../journal/run.ts";
import { RunJournal } from "../journal/run-journal.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import { History } from "../workflow/history.ts";
import { proposedKey } from "../workflow/steps/approved-write.ts";
import type { Parts } from "./parts.ts";
import type { RestartReport, RestartRequest } from "./restart-report.ts";
import type { Actor } from "./actor.ts";

/** Reviews and workers write to a run at any time: as often as this the restart is worked out anew. */
const ATTEMPTS = 5;

/**
 * Sends a run back to a step: that step and all that was recorded after it are set aside, claimed writes excepted.
 * Throws `UsageError`: `unknown_run`, `unknown_step`, `which_key`, `not_restartable`, `nothing_to_do`.
 */
export async function restartRun(
  parts: Parts,
  runId: string,
  request: RestartRequest,
  actor: Actor,
): Promise<RestartReport> {
  for (let attempt = 1; ; attempt++) {
    const loaded = await parts.store.load(runId);
    if (loaded === null)
      throw new UsageError("unknown_run", `There is no run ${JSON.stringify(runId)}.`, { status: 404 });
    refuseState(loaded.run);
    const { journal, records } = await RunJournal.open(loaded, {
      keyring: parts.engine.keyring,
      store: parts.store,
      vocabulary: parts.workflows.get(loaded.run.workflow)?.vocabulary,
    });
    const planned = plan(loaded, records, request, actor);
    if (request.dryRun) return planned.report;
    const now = parts.engine.clock.now();
    const result = await parts.store.restart({
      runId,
      record: journal.seal(restartRecord(planned.restart, now)),
      expectedNextSeq: loaded.run.nextSeq,
      withdraw: planned.report.withdrawnReviews,
      waits: planned.waits,
      unpin: request.unpin,
    });
    if (result.ok) {
      parts.events.changed(runId);
      parts.worker.poke();
      return { ...planned.report, dryRun: false };
    }
    if (attempt === ATTEMPTS)
      throw new UsageError("not_restartable", `Run ${runId} keeps changing (${result.refusal}); try again.`, {
        status: 409,
      });
  }
}

function refuseState({ runId, status, originalsRemovedAt }: Run): void {
  const refuse = (message: string): never => {
    throw new UsageError("not_restartable", message, { status: 409 });
  };
  if (status === "running")
    refuse(`Run ${runId} is being worked on. Wait until it waits or ends, or cancel it: sluice runs cancel ${runId}.`);
  if (status === "completed" || status === "stopped" || status === "cancelled")
    refuse(
      `Run ${runId} is ${status}: it has ended for good and cannot be restarted. Send its event anew under another event_id.`,
    );
  if (originalsRemovedAt !== null)
    refuse(`The original values of run ${runId} were removed, and without them no step can be executed again.`);
}

interface Plan {
  restart: Restart;
  report: RestartReport;
  waits: string[];
}

function plan(
  { run }: LoadedRun,
  records: readonly JournalRecord[],
  { from, key, unpin, reason }: RestartRequest,
  actor: Actor,
): Plan {
  const history = new History(records);
  if (history.answers.some(({ action }) => action === "reject"))
    throw new UsageError("not_restartable", `A reviewer has rejected run ${run.runId}; it ends with that.`, {
      status: 409,
    });
  if (from === undefined && !unpin)
    throw new UsageError("nothing_to_do", "Say from which step, or that the run is no longer pinned to its code.");
  const cut = from === undefined ? null : cutAt(history, from, key);
  const dead = run.status === "dead";
  const restart: Restart = {
    by: actor.name,
    reason,
    from: from ?? null,
    key: key ?? "",
    cut,
    redrives: dead,
    step: run.failure?.step ?? null,
    unpinned: unpin,
  };
  const taken = takenBack(run, records, restart);
  return { restart, report: reportOf(run, records, taken, restart), waits: waitIds(taken) };
}

/** Number of the first record of a step that the run goes by. */
function cutAt({ standing }: History, from: string, key: string | undefined): number {
  const steps = standing.filter(({ kind, name }) => kind !== "event" && kind !== "override" && !name.startsWith("@"));
  const named = steps.filter(({ name }) => name === from);
  if (named.length === 0) {
    const names = [...new Set(steps.map(({ name }) => name))];
    const hint = names.length === 0 ? "No step is on record yet." : didYouMean(from, names);
    throw new UsageError("unknown_step", `The run has no step ${JSON.stringify(from)} on record. ${hint}`, {
      status: 404,
    });
  }
  const keys = [...new Set(named.map((record) => proposedKey(record.key)))];
  if (key === undefined && keys.length > 1)
    throw new UsageError(
      "which_key",
      `Step "${from}" was called ${keys.length} times; say which with a key: ${keys.join(", ")}.`,
    );
  const first = named.find((record) => key === undefined || proposedKey(record.key) === key);
  if (first === undefined)
    throw new UsageError(
      "unknown_step",
      `Step "${from}" has no call of key ${JSON.stringify(key)}. ${didYouMean(key ?? "", keys)}`,
      { status: 404 },
    );
  return first.seq;
}

/** What the restart sets aside, as the replay will see it. */
function takenBack(run: Run, records: readonly JournalRecord[], restart: Restart): JournalRecord[] {
  const record: JournalRecord = { ...restartRecord(restart, 0), runId: run.runId, seq: run.nextSeq, epoch: run.epoch };
  const aside = setAside([...records, record]);
  return records.filter(({ seq }) => aside.get(seq) === run.nextSeq);
}

function waitIds(taken: readonly JournalRecord[]): string[] {
  const ids = taken
    .filter(({ kind }) => kind === "wait")
    .map(({ body }) => (body.detail as { waitId?: string } | undefined)?.waitId);
  return [...new Set(ids.filter((id) => id !== undefined))];
}

function reportOf(
  run: Run,
  records: readonly JournalRecord[],
  taken: readonly JournalRecord[],
  restart: Restart,
): RestartReport {
  const kept = records.filter(({ seq, body }) => seq >= (restart.cut ?? Infinity) && body.phase === "claim");
  const settled = new Set(
    records.filter(({ body }) => body.phase === "settle").map(({ name, key }) => `${name}\n${key}`),
  );
  // Death has withdrawn what was asked; of a run that waits, what is set aside is withdrawn with it.
  const withdrawn = run.status === "dead" ? [] : openReviewIds(taken);
  return {
    setAside: [...new Set(taken.filter(({ name }) => !name.startsWith("@")).map(({ name }) => name))],
    kept: kept.map(({ name, key, body }) => ({
      step: name,
      tool: body.tool ?? "",
      settled: settled.has(`${name}\n${key}`),
    })),
    withdrawnReviews: withdrawn,
    unpinned: restart.unpinned,
    dryRun: true,
  };
}

function restartRecord(restart: Restart, now: number): NewRecord {
  const base = { key: "", attempt: 1, status: "success", ends: true, startedAt: now, endedAt: now } as const;
  const detail = { ...restart } as unknown as Json;
  return { ...base, kind: "override", type: "override", name: RESTART, body: { detail } };
}
