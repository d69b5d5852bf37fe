import assert from "node:assert/strict";
import type { RunCommand } from "../../journal/transition.ts";
import { aspect, LEASE_MS, type Aspect } from "./world.ts";

const COMPLETE: RunCommand = { do: "complete", disposition: "applied" };

export const leases: Aspect = aspect("lease", {
  "renewing extends the leases that are held and names those that are lost": async (world) => {
    const held = await world.start();
    const gone = await world.start();
    await world.move(gone, COMPLETE);
    world.clock.advance(10_000);
    const lost = await world.store.renew([held, gone, { runId: "run_unknown", epoch: 1 }], LEASE_MS);
    assert.deepEqual(lost, [gone.runId, "run_unknown"]);
    assert.equal((await world.store.run(held.runId))?.leaseUntil, world.clock.now() + LEASE_MS);
  },

  "a lease that ran out is given up, one that did not is kept": async (world) => {
    const old = await world.start();
    world.clock.advance(LEASE_MS - 1);
    const fresh = await world.start();
    world.clock.advance(1);
    await world.store.abandon({});
    assert.equal((await world.store.run(old.runId))?.status, "queued");
    assert.equal((await world.store.run(fresh.runId))?.status, "running");
  },

  "a process that owns the store alone gives up what others held, at once": async (world) => {
    const old = await world.start();
    const mine = await world.resume(await world.submit(), "worker-2");
    const result = await world.store.abandon({ exceptWorker: "worker-2" });
    assert.ok(result.requeued >= 1);
    assert.equal((await world.store.run(old.runId))?.status, "queued");
    assert.equal((await world.store.run(mine.runId))?.status, "running");
  },

  "of runs that died together twice, one at a time is tried, and only that one can end as poison": async (world) => {
    const runs = [await world.submit(), await world.submit(), await world.submit()];
    for (let death = 1; death <= 2; death++) {
      assert.equal((await world.claim(5)).length, 3);
      world.clock.advance(LEASE_MS);
      await world.store.abandon({});
    }
    const fresh = await world.submit();
    assert.deepEqual(
      (await world.claim(5)).map(({ run }) => run.runId),
      [runs[0], fresh],
    );
    assert.deepEqual(await world.claim(5), []);
    world.clock.advance(LEASE_MS);
    assert.deepEqual((await world.store.abandon({})).poisoned, [runs[0]]);
    const [next] = (await world.claim(5)).filter(({ run }) => run.runId === runs[1]);
    assert.ok(next !== undefined);
    await world.store.commit({ runId: next.run.runId, epoch: next.run.epoch, records: [world.sealed("went on")] });
    const workflows = [{ name: world.workflow, limit: null }];
    const spared = await world.store.claim({
      worker: "w",
      leaseMs: LEASE_MS,
      limit: 5,
      workflows,
      spareSuspects: true,
    });
    assert.deepEqual(spared, []);
    await world.move(await world.resume(runs[2] as string), COMPLETE);
  },
  "a process that dies while suspects wait for their trial clears them": async (world) => {
    const [first, second] = [await world.submit(), await world.submit()];
    const die = async (): Promise<string[]> => (await world.store.abandon({ exceptWorker: "the next" })).poisoned;
    for (let death = 1; death <= 2; death++) {
      assert.equal((await world.claim(5)).length, 2);
      assert.deepEqual(await die(), []);
    }
    const [onTrial, ...none] = await world.claim(5);
    assert.deepEqual([onTrial?.run.runId, none], [first, []]);
    assert.deepEqual(await die(), [first]);
    // The second had nothing to do with that death: it may die as often as a new one before it is tried.
    for (let death = 1; death <= 2; death++) {
      assert.equal((await world.resume(second)).runId, second);
      assert.deepEqual(await die(), []);
    }
    await world.resume(second);
    assert.deepEqual(await die(), [second]);
  },

  "a run whose worker dies three times in one place is poison": async (world) => {
    const runId = await world.submit();
    for (let death = 1; death <= 3; death++) {
      await world.resume(runId);
      world.clock.advance(LEASE_MS);
      const { poisoned } = await world.store.abandon({});
      assert.deepEqual(poisoned, death < 3 ? [] : [runId]);
    }
    const run = await world.store.run(runId);
    assert.equal(run?.status, "dead");
    assert.equal(run?.failure?.class, "poison");
    assert.deepEqual(await world.claim(), []);
    const dead = await world.store.list({ workflow: world.workflow, failureClass: "poison" }, { limit: 5 });
    assert.deepEqual(
      dead.items.map((item) => item.runId),
      [runId],
    );
    assert.equal(run?.fingerprint, `${world.workflow}/-/poison/worker_died`);
  },

  "progress between two deaths starts the count anew": async (world) => {
    const runId = await world.submit();
    for (let death = 1; death <= 5; death++) {
      const { epoch } = await world.resume(runId);
      await world.store.commit({ runId, epoch, records: [world.sealed(`step ${death}`)] });
      world.clock.advance(LEASE_MS);
      assert.deepEqual((await world.store.abandon({})).poisoned, []);
    }
    assert.equal((await world.store.run(runId))?.status, "queued");
  },
});

export const fencing: Aspect = aspect("fence", {
  "a commit under an older epoch changes nothing": async (world) => {
    const zombie = await world.start();
    world.clock.advance(LEASE_MS);
    await world.store.abandon({});
    const owner = await world.resume(zombie.runId, "worker-2");
    assert.ok(owner.epoch > zombie.epoch);
    const late = await world.store.commit({
      ...zombie,
      records: [world.sealed("late")],
      costUsd: 1,
      command: COMPLETE,
    });
    assert.deepEqual(late, { ok: false, why: "fenced" });
    const loaded = await world.store.load(zombie.runId);
    assert.equal(loaded?.run.status, "running");
    assert.equal(loaded?.run.costUsd, 0);
    assert.equal(loaded?.records.length, 1);
    const own = await world.store.commit({ ...owner, records: [world.sealed("own")] });
    assert.equal(own.ok, true);
  },

  "a commit to a run that was given up is refused even before somebody else has it": async (world) => {
    const started = await world.start();
    world.clock.advance(LEASE_MS);
    await world.store.abandon({});
    assert.deepEqual(await world.store.commit({ ...started, records: [] }), { ok: false, why: "fenced" });
  },

  "a commit to a run that has ended, waits or does not exist is refused": async (world) => {
    const ended = await world.start();
    await world.move(ended, COMPLETE);
    const waiting = await world.start();
    await world.park(waiting, "review", null);
    for (const { runId, epoch } of [ended, waiting, { runId: "run_unknown", epoch: 1 }])
      assert.deepEqual(await world.store.commit({ runId, epoch, records: [] }), { ok: false, why: "fenced" });
  },

  "of two commands at once the first one counts": async (world) => {
    const started = await world.start();
    const results = await Promise.all([
      world.store.commit({ ...started, records: [], command: COMPLETE }),
      world.store.commit({ ...started, records: [], command: { do: "yield" } }),
    ]);
    assert.deepEqual(
      results.map(({ ok }) => ok),
      [true, false],
    );
    assert.equal((await world.store.run(started.runId))?.status, "completed");
  },

  "a write decided on another control version is refused as a whole, with the present one": async (world) => {
    const { store, workflow } = world;
    const started = await world.start();
    const first = { workflow, number: 1, body: '{"n":1}', createdAt: 1 };
    await store.publish(first, 0);
    const claim = { ...started, records: [world.sealed("escalate")] };
    const refused = await store.commit({ ...claim, controlVersion: 0 });
    const control = { workflow, version: 1, release: 1, body: first.body };
    assert.deepEqual(refused, { ok: false, why: "control", control });
    assert.equal((await store.load(started.runId))?.records.length, 1);
    assert.equal((await store.commit({ ...claim, controlVersion: 1 })).ok, true);
  },

  "the control version of a workflow that was never released is 0": async (world) => {
    const started = await world.start();
    assert.equal((await world.store.commit({ ...started, records: [], controlVersion: 0 })).ok, true);
    const refused = await world.store.commit({ ...started, records: [], controlVersion: 1 });
    assert.deepEqual(refused, { ok: false, why: "control", control: null });
  },
});
