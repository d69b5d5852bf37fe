import { UsageError } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { LoadedRun } from "../journal/ports.ts";
import { MAX_REDRIVEN } from "../journal/redrive.ts";
import type { Redrive, RedriveItem, RedrivePlan, RedriveResult, RedriveTurn } from "../journal/redrive.ts";
import type { RunFilter } from "../journal/run-filter.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { pinsFrom } from "../release/pin.ts";
import { readRelease } from "../release/release.ts";
import type { Release } from "../release/release.ts";
import { SYSTEM } from "../workflow/history.ts";
import { commandRecord } from "./commands.ts";
import { originalsGone } from "./removed.ts";
import type { Parts } from "./parts.ts";
import type { Actor, RedriveReport, RedriveRequest, Redriving } from "./sluice.ts";

type Order = { by: string; reason: string; redriveId: string | null; release: number | null };

/** Sending dead runs back to work, from the step that failed. Settled writes stay settled. `poke`: one has begun. */
export function redrivingOf(parts: Parts, poke: () => void): Redriving {
  const { store } = parts;
  return {
    deadGroups: (filter) => store.deadGroups(filter),
    redrive: (request, actor) => redriveNow(parts, request, actor),
    async startRedrive(request, actor) {
      const plan: RedrivePlan = { ...request.plan, filter: request.filter };
      await assertRelease(parts, request.filter, plan.release);
      const redrive = await store.startRedrive({
        redriveId: newId("rdv"),
        plan,
        limit: request.limit ?? MAX_REDRIVEN,
        by: actor.name,
        reason: request.reason,
      });
      poke();
      return redrive;
    },
    redrives: () => store.redrives(),
    redriveOf: (redriveId) => store.redrive(redriveId),
    async cancelRedrive(redriveId, actor) {
      return await store.endRedrive({ redriveId, state: "cancelled", why: null, by: actor.name });
    },
  };
}

const BATCH = 50;

async function redriveNow(parts: Parts, request: RedriveRequest, actor: Actor): Promise<RedriveReport> {
  const { filter, dryRun, reason, limit, release = null } = request;
  const one = filter.runId === undefined ? null : await parts.store.run(filter.runId);
  const matched = (await parts.store.countDead(filter)).reduce((sum, { count }) => sum + count, 0);
  const report: RedriveReport = { matched, redriven: [], refused: [], dryRun };
  if (filter.runId !== undefined && one?.status !== "dead") {
    const why = one === null ? "there is no such run" : `it is ${one.status}, not dead`;
    report.refused.push({ runId: filter.runId, why });
  }
  await assertRelease(parts, filter, release);
  if (dryRun) return report;
  const runIds = await parts.store.deadRuns(filter, limit);
  for (let at = 0; at < runIds.length; at += BATCH) {
    const turns = runIds.slice(at, at + BATCH).map((runId, index) => ({ runId, place: at + index }));
    const results = await redriveTurns(parts, turns, { by: actor.name, reason, redriveId: null, release });
    for (const result of results)
      if (result.ok) report.redriven.push(result.runId);
      else report.refused.push({ runId: result.runId, why: REFUSED[result.why] ?? result.why });
  }
  parts.worker.poke();
  return report;
}

const REFUSED: Readonly<Record<string, string>> = {
  not_dead: "it is not dead any more",
  unknown_run: "there is no such run",
};

/** Redrives runs, all in one transaction, each with who and why on record. In a background job each place has one turn. */
export async function redriveTurns(
  parts: Parts,
  turns: readonly Pick<RedriveTurn, "runId" | "place">[],
  order: Order,
  nextAt = 0,
): Promise<RedriveResult[]> {
  const pins = new ReleasePins(parts, order.release);
  const items = await Promise.all(turns.map((turn) => itemOf(parts, turn, order, pins)));
  const results = await parts.store.redriveRuns({ redriveId: order.redriveId, items, nextAt });
  if (results.some(({ ok }) => ok)) await parts.engine.probe("redriven");
  for (const { runId, ok } of results) if (ok) parts.events.changed(runId);
  return results;
}

async function itemOf(
  parts: Parts,
  { runId, place }: Pick<RedriveTurn, "runId" | "place">,
  { by, reason, redriveId, release }: Order,
  releases: ReleasePins,
): Promise<RedriveItem> {
  const loaded = await parts.store.load(runId);
  if (loaded === null) return { runId, place, record: null, why: "unknown_run" };
  const gone = originalsGone(loaded.run);
  if (gone !== null) return { runId, place, record: null, why: `it cannot go on without them. ${gone}` };
  const more = { ...(redriveId === null ? {} : { redrive: redriveId }), ...(release === null ? {} : { release }) };
  try {
    const record = await commandRecord(parts, loaded, SYSTEM.redrive, { name: by }, reason, more);
    const pins = await releases.of(loaded);
    return { runId, place, record, ...(pins === null ? {} : { pins }) };
  } catch (error) {
    // What cannot be read cannot go on.
    return { runId, place, record: null, why: (error as Error).message };
  }
}

/** What runs go by that are redriven on a chosen release. */
class ReleasePins {
  readonly #parts: Parts;
  readonly #number: number | null;
  readonly #bodies = new Map<string, Promise<Release>>();

  constructor(parts: Parts, number: number | null) {
    this.#parts = parts;
    this.#number = number;
  }

  /** Null: as the run is pinned already. */
  async of(loaded: LoadedRun): Promise<NonNullable<RedriveItem["pins"]> | null> {
    const number = this.#number;
    if (number === null) return null;
    const { contractVersion, workflow } = loaded.run;
    const body = this.#bodies.get(workflow) ?? releaseOf(this.#parts, workflow, number);
    this.#bodies.set(workflow, body);
    const deployed = this.#parts.workflows.get(workflow);
    if (deployed === undefined) throw new Error(`workflow ${workflow} is not served`);
    const { code } = deployed;
    const { pinned } = deployed.workflow;
    const { engine, store } = this.#parts;
    const { records } = await RunJournal.open(loaded, { keyring: engine.keyring, store });
    const event = records[0]?.body.output as JsonObject;
    const pins = pinsFrom(await body, { event, contractVersion, code, pinned });
    return { release: number, stage: pins.stage, body: JSON.stringify(pins), ...(pinned ? { code } : {}) };
  }
}

/** Throws `UsageError` unknown_release where one of the workflows has none of this number. */
async function assertRelease(
  parts: Parts,
  filter: RunFilter & { runId?: string },
  number: number | null,
): Promise<void> {
  if (number === null) return;
  for (const { workflow } of await parts.store.countDead(filter)) await releaseOf(parts, workflow, number);
}

async function releaseOf({ store }: Parts, workflow: string, number: number): Promise<Release> {
  const rows = await store.releases(workflow);
  const found = rows.find((row) => row.number === number);
  if (found !== undefined) return readRelease(found.body);
  const [first, last] = [rows[0]?.number, rows.at(-1)?.number];
  const known = first === undefined ? "It has none." : `It has ${first === last ? first : `${first} to ${last}`}.`;
  throw new UsageError("unknown_release", `Workflow ${workflow} has no release ${number}. ${known}`, { status: 422 });
}

/** For the log and for people: how far a redrive came. */
export function progressOf({ total, redriven, wentOn, waits, died }: Redrive): Json {
  return { total, redriven, went_on: wentOn, waits, died };
}
