import assert from "node:assert/strict";
import { newId } from "../../base/id.ts";
import type { Hold } from "../../journal/hold.ts";
import { aspect, type Aspect, type World } from "./world.ts";

const MINUTE = 60_000;

async function pause(world: World, reason = "desk is down"): Promise<Hold> {
  return await world.store.pause({ holdId: newId("hld"), workflow: world.workflow, by: "kim", reason });
}

async function resume(world: World, perMinute: number | null): Promise<Hold | null> {
  return await world.store.resume({ workflow: world.workflow, by: "lee", reason: "desk is back", perMinute });
}

async function present(world: World): Promise<Hold | undefined> {
  return (await world.store.presentHolds()).find(({ workflow }) => workflow === world.workflow);
}

async function queue(world: World, count: number): Promise<string[]> {
  const runs: string[] = [];
  for (let i = 0; i < count; i++) runs.push(await world.submit());
  return runs;
}

/** Ids of what one claim takes, as many as there are. */
async function claimed(world: World): Promise<string[]> {
  return (await world.claim(100)).map(({ run }) => run.runId);
}

export const holding: Aspect = aspect("hold", {
  "events of a workflow on hold are accepted and none of its runs is claimed, until it is resumed": async (world) => {
    const [first] = await queue(world, 1);
    const hold = await pause(world);
    assert.deepEqual([hold.state, hold.runs, hold.heldAt], ["held", 1, world.clock.now()]);
    const second = await world.submit();
    assert.deepEqual(await claimed(world), []);
    assert.equal((await present(world))?.runs, 2);
    assert.equal((await resume(world, null))?.state, "over");
    assert.equal(await present(world), undefined);
    assert.deepEqual(await claimed(world), [first, second]);
  },

  "another workflow goes on meanwhile": async (world) => {
    await pause(world);
    const other = world.name("other");
    const runId = await world.submit({ workflow: other });
    const workflows = [
      { name: world.workflow, limit: null },
      { name: other, limit: null },
    ];
    const got = await world.store.claim({ worker: "w", leaseMs: 1_000, limit: 10, workflows });
    assert.deepEqual(
      got.map(({ run }) => run.runId),
      [runId],
    );
    await resume(world, null);
  },

  "a run that parks on hold waits until the resume, and one that does so too late stands in the queue": async (
    world,
  ) => {
    const [early, late] = [await world.start(), await world.start()];
    await pause(world);
    await world.park(early, "hold", null);
    assert.deepEqual(await claimed(world), []);
    assert.equal((await present(world))?.runs, 1);
    await resume(world, null);
    await world.park(late, "hold", null);
    assert.equal((await world.store.run(late.runId))?.status, "queued");
    assert.deepEqual(await claimed(world), [early.runId, late.runId]);
  },

  "a run that is due or answered while on hold stands in the queue": async (world) => {
    const sleeping = await world.start();
    await world.park(sleeping, "sleep", world.clock.now() + 10);
    await pause(world);
    world.clock.advance(10);
    assert.deepEqual(await claimed(world), []);
    assert.equal((await world.store.run(sleeping.runId))?.status, "queued");
    await resume(world, null);
    assert.deepEqual(await claimed(world), [sleeping.runId]);
  },

  "a release starts what stood in the queue one by one, by priority and age, and is over after the last": async (
    world,
  ) => {
    const [a, b, c] = await queue(world, 3);
    const urgent = await world.submit({ priority: 5 });
    await pause(world);
    world.clock.advance(1_000);
    const hold = await resume(world, 60);
    assert.deepEqual([hold?.state, hold?.release?.toStart, hold?.release?.perMinute], ["releasing", 4, 60]);
    const newcomer = await world.submit({ priority: 9 });
    const order: string[][] = [];
    for (let second = 0; second < 4; second++) {
      order.push(await claimed(world));
      assert.deepEqual(await claimed(world), []);
      world.clock.advance(999);
      assert.deepEqual(await claimed(world), [], "nothing starts before its time");
      world.clock.advance(1);
    }
    assert.deepEqual(order, [[urgent], [a], [b], [c, newcomer]], "what came later starts with the last");
    assert.equal(await present(world), undefined);
    const [over] = await world.store.holdsOf(world.workflow);
    assert.deepEqual([over?.state, over?.release?.started], ["over", 4]);
    assert.deepEqual(
      over?.acts.map(({ act, by }) => [act, by]),
      [
        ["pause", "kim"],
        ["resume", "lee"],
        ["lift", "sluice"],
      ],
    );
  },

  "a run that was released goes on freely: only starts are paced": async (world) => {
    const [first, second] = await queue(world, 2);
    await pause(world);
    await resume(world, 1);
    const [run] = await world.claim(10);
    assert.equal(run?.run.runId, first);
    const started = { runId: first as string, epoch: run?.run.epoch as number, lastSeq: 1 };
    world.clock.advance(10);
    await world.park(started, "retry", world.clock.now() + 10);
    world.clock.advance(10);
    assert.deepEqual(await claimed(world), [first]);
    world.clock.advance(MINUTE);
    assert.deepEqual(await claimed(world), [second]);
  },

  "a stalled release is not followed by a burst": async (world) => {
    await queue(world, 10);
    await pause(world);
    await resume(world, 60);
    assert.equal((await claimed(world)).length, 1);
    world.clock.advance(10 * MINUTE);
    assert.equal((await claimed(world)).length, 1);
    await resume(world, null);
    assert.equal((await claimed(world)).length, 8);
  },

  "runs that stand behind others of their key are released at the rate as well": async (world) => {
    const key = { concurrencyKey: world.name("key"), concurrencyLimit: 1 };
    const runs = [await world.submit(key), await world.submit(key), await world.submit(key)];
    await pause(world);
    await resume(world, 60);
    const [first] = await world.claim(10);
    assert.equal(first?.run.runId, runs[0]);
    assert.deepEqual(await claimed(world), []);
    world.clock.advance(100);
    await world.move(
      { runId: runs[0] as string, epoch: first?.run.epoch as number, lastSeq: 1 },
      { do: "complete", disposition: "applied" },
    );
    assert.equal((await present(world))?.state, "releasing", "two are still to be started");
    assert.deepEqual(await claimed(world), [], "the key is free, but its time has not come");
    world.clock.advance(900);
    assert.deepEqual(await claimed(world), [runs[1]]);
  },

  "a release may be given another rate, and a pause stops it": async (world) => {
    await queue(world, 5);
    await pause(world);
    await resume(world, 1);
    assert.equal((await claimed(world)).length, 1);
    const faster = await resume(world, 120);
    assert.deepEqual([faster?.release?.perMinute, faster?.release?.toStart], [120, 4]);
    assert.equal((await claimed(world)).length, 1);
    world.clock.advance(500);
    assert.equal((await claimed(world)).length, 1);
    assert.equal((await pause(world, "it is down again")).state, "held");
    world.clock.advance(MINUTE);
    assert.deepEqual(await claimed(world), []);
    const [hold] = await world.store.holdsOf(world.workflow);
    assert.deepEqual(
      hold?.acts.map(({ act, perMinute, reason }) => [act, perMinute, reason]),
      [
        ["pause", null, "desk is down"],
        ["resume", 1, "desk is back"],
        ["resume", 120, "desk is back"],
        ["pause", null, "it is down again"],
      ],
    );
    await resume(world, null);
  },

  "the next due moment counts a release in": async (world) => {
    await queue(world, 2);
    await pause(world);
    await resume(world, 1);
    await claimed(world);
    // Of another case may be due earlier, but nothing later than this.
    assert.ok(((await world.store.nextDue()) as number) <= world.clock.now() + MINUTE);
    world.clock.advance(MINUTE);
    assert.equal((await claimed(world)).length, 1);
  },

  "the time on hold is added to the deadlines of the runs that were held, and of no others": async (world) => {
    const { clock } = world;
    const deadlineAt = clock.now() + 10_000;
    const [parked, queued] = [await world.start({ deadlineAt }), await world.submit({ deadlineAt })];
    clock.advance(1_000);
    await pause(world);
    clock.advance(1_000);
    await world.park(parked, "hold", null);
    clock.advance(3_000);
    await resume(world, null);
    clock.advance(500);
    const runs = new Map((await world.claim(10)).map(({ run }) => [run.runId, run.deadlineAt]));
    assert.equal(runs.get(parked.runId), deadlineAt + 3_000, "from when it parked");
    assert.equal(runs.get(queued), deadlineAt + 4_000, "from when the hold began");
    const later = await world.start({ deadlineAt: clock.now() + 5_000 });
    assert.equal((await world.store.run(later.runId))?.deadlineAt, clock.now() + 5_000);
  },

  "what is not on hold cannot be resumed; nothing in the queue ends a release at once": async (world) => {
    assert.equal(await resume(world, null), null);
    await pause(world);
    assert.equal((await resume(world, 60))?.state, "over");
    assert.equal(await resume(world, null), null);
    await pause(world);
    assert.equal((await world.store.holdsOf(world.workflow)).length, 2);
    await resume(world, null);
  },
});
