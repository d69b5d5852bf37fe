import assert from "node:assert/strict";
import { newId } from "../../base/id.ts";
import type { Redrive, RedriveItem, RedriveResult } from "../../journal/redrive.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import { aspect, type Aspect, type World } from "./world.ts";

const PLAN = { canary: 0, perMinute: null, stopRate: null, minSample: 10, release: null };

/** Dead runs, oldest first. */
async function dead(world: World, count: number, code = "http_500"): Promise<string[]> {
  const runs: string[] = [];
  for (let i = 0; i < count; i++) {
    const started = await world.start();
    const { runId, epoch } = started;
    const failure = { class: "transient", code, message: "No answer.", step: "send" } as const;
    const fingerprint = `${world.workflow}/send/transient/${code}`;
    await world.store.commit({ runId, epoch, records: [], command: { do: "die", failure }, fingerprint });
    runs.push(runId);
    world.clock.advance(1);
  }
  return runs;
}

async function begin(world: World, filter: RunFilter = {}, limit = 1_000): Promise<Redrive> {
  const plan = { ...PLAN, filter: { workflow: world.workflow, ...filter } };
  return await world.store.startRedrive({ redriveId: newId("rdv"), plan, limit, by: "kim", reason: "mended" });
}

function item(world: World, runId: string, place: number): RedriveItem {
  const record = world.sealed("@redrive", { kind: "override", type: "override" });
  return { runId, place, record };
}

async function redrive(world: World, job: Redrive, count: number): Promise<RedriveResult[]> {
  const turns = await world.store.redriveTurns(job.redriveId, count);
  const items = turns.map(({ runId, place }) => item(world, runId, place));
  return await world.store.redriveRuns({ redriveId: job.redriveId, items, nextAt: world.clock.now() });
}

async function counts(world: World, job: Redrive): Promise<Partial<Redrive>> {
  const standing = await world.store.judgeRedrive(job.redriveId);
  assert.ok(standing);
  const { total, redriven, refused, wentOn, waits, died } = standing.redrive;
  return { total, redriven, refused, wentOn, waits, died };
}

export const redriving: Aspect = aspect("redrive", {
  "dead runs are counted and listed by a filter, oldest first": async (world) => {
    const runs = await dead(world, 3);
    const other = await dead(world, 1, "http_502");
    const filter = { workflow: world.workflow };
    assert.deepEqual(await world.store.countDead(filter), [{ workflow: world.workflow, count: 4 }]);
    assert.deepEqual(await world.store.deadRuns(filter, 2), runs.slice(0, 2));
    const fingerprint = `${world.workflow}/send/transient/http_502`;
    assert.deepEqual(await world.store.deadRuns({ fingerprint }, 10), other);
    assert.deepEqual(await world.store.countDead({ workflow: world.name("none") }), []);
  },

  "dead runs are grouped by what they died of, over all of them": async (world) => {
    const runs = await dead(world, 3);
    await dead(world, 1, "http_502");
    const groups = await world.store.deadGroups({ workflow: world.workflow });
    assert.deepEqual(
      groups.map(({ code, count }) => [code, count]),
      [
        ["http_500", 3],
        ["http_502", 1],
      ],
    );
    assert.equal(groups[0]?.example, runs[2]);
    assert.ok((groups[0]?.firstAt as number) < (groups[0]?.lastAt as number));
  },

  "the runs it is about are fixed when it begins, oldest first": async (world) => {
    const runs = await dead(world, 3);
    const job = await begin(world, {}, 2);
    assert.deepEqual([job.state, job.total, job.by, job.reason], ["running", 2, "kim", "mended"]);
    await dead(world, 1);
    const turns = await world.store.redriveTurns(job.redriveId, 10);
    assert.deepEqual(
      turns.map(({ runId }) => runId),
      runs.slice(0, 2),
    );
  },

  "each run has one turn: who comes twice with the same is refused, whatever became of the run": async (world) => {
    await dead(world, 1);
    const job = await begin(world);
    const [turn] = await world.store.redriveTurns(job.redriveId, 10);
    const items = [item(world, turn?.runId as string, turn?.place as number)];
    const input = { redriveId: job.redriveId, items, nextAt: 0 };
    assert.deepEqual(await world.store.redriveRuns(input), [{ runId: turn?.runId, ok: true }]);
    const again = await world.resume(turn?.runId as string);
    const failure = { class: "transient", code: "again", message: "No.", step: null } as const;
    await world.store.commit({ ...again, records: [], command: { do: "die", failure } });
    assert.deepEqual(await world.store.redriveRuns(input), [{ runId: turn?.runId, ok: false, why: "had_its_turn" }]);
    assert.deepEqual(await world.store.redriveTurns(job.redriveId, 10), []);
    assert.equal((await world.store.run(turn?.runId as string))?.status, "dead");
    const records = (await world.store.load(turn?.runId as string))?.records ?? [];
    assert.equal(records.filter(({ name }) => name === "@redrive").length, 1);
  },

  "what the redriven runs came to is counted once each": async (world) => {
    await dead(world, 5);
    const job = await begin(world);
    const turns = await world.store.redriveTurns(job.redriveId, 10);
    await redrive(world, job, 4);
    const ran = [];
    for (const { runId } of turns.slice(0, 4)) ran.push(await world.resume(runId));
    assert.equal((await world.store.judgeRedrive(job.redriveId))?.moving, 4);
    await world.move(ran[0] as never, { do: "complete", disposition: "applied" });
    await world.park(ran[1] as never, "review", null);
    const failure = { class: "bug", code: "exception", message: "No.", step: null } as const;
    await world.move(ran[2] as never, { do: "die", failure });
    await world.park(ran[3] as never, "sleep", world.clock.now() + 1_000_000);
    const want = { total: 5, redriven: 4, refused: 0, wentOn: 1, waits: 1, died: 1 };
    assert.deepEqual(await counts(world, job), want);
    assert.deepEqual(await counts(world, job), want);
    const standing = await world.store.judgeRedrive(job.redriveId);
    assert.deepEqual([standing?.moving, standing?.resting], [0, 1]);
  },

  "a run that somebody else redrove before its turn is refused, and so is one without a record": async (world) => {
    const [first, second] = await dead(world, 2);
    const job = await begin(world);
    await world.store.redriveRuns({ redriveId: null, items: [item(world, first as string, 0)], nextAt: 0 });
    const [one] = await redrive(world, job, 1);
    assert.deepEqual(one, { runId: first, ok: false, why: "not_dead" });
    const items = [{ runId: second as string, place: 2, record: null, why: "its key is gone" }];
    const [two] = await world.store.redriveRuns({ redriveId: job.redriveId, items, nextAt: 0 });
    assert.deepEqual(two, { runId: second, ok: false, why: "its key is gone" });
    assert.equal((await counts(world, job)).refused, 2);
    assert.equal((await world.store.run(second as string))?.status, "dead");
  },

  "one that has ended redrives nothing any more and ends once": async (world) => {
    const [runId] = await dead(world, 1);
    const job = await begin(world);
    const turns = await world.store.redriveTurns(job.redriveId, 1);
    const end = { redriveId: job.redriveId, state: "cancelled", why: null, by: "lee" } as const;
    const ended = await world.store.endRedrive(end);
    assert.deepEqual([ended?.state, ended?.endedBy, ended?.endedAt], ["cancelled", "lee", world.clock.now()]);
    assert.equal((await world.store.endRedrive({ ...end, state: "done" }))?.state, "cancelled");
    const items = turns.map(({ runId: which, place }) => item(world, which, place));
    const [late] = await world.store.redriveRuns({ redriveId: job.redriveId, items, nextAt: 0 });
    assert.deepEqual(late, { runId, ok: false, why: "redrive_over" });
    assert.ok(!(await world.store.redrives("running")).some(({ redriveId }) => redriveId === job.redriveId));
    assert.ok((await world.store.redrives()).some(({ redriveId }) => redriveId === job.redriveId));
    assert.equal(await world.store.redrive("rdv_no"), null);
  },

  "a redriven run goes by what it is given, and is claimed with it": async (world) => {
    const [runId] = await dead(world, 1);
    const pins = { release: 7, stage: "partial", body: '{"release":7}' };
    const items = [{ ...item(world, runId as string, 0), pins }];
    await world.store.redriveRuns({ redriveId: null, items, nextAt: 0 });
    const [claimed] = await world.claim();
    assert.deepEqual(
      [claimed?.run.runId, claimed?.run.release, claimed?.run.stage, claimed?.run.pins],
      [runId, 7, "partial", pins.body],
    );
    assert.equal(claimed?.records.at(-1)?.name, "@redrive");
  },
});
