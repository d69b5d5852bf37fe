import assert from "node:assert/strict";
import { aspect, LEASE_MS, type Aspect } from "./world.ts";

export const claiming: Aspect = aspect("claim", {
  "a claimed run comes with its records, key, control row and a new epoch": async (world) => {
    const { store, workflow, clock } = world;
    const release = { workflow, number: 1, body: '{"stage":"shadow"}', createdAt: clock.now() };
    await store.publish(release, 0);
    const runId = await world.submit();
    const [claimed] = await world.claim();
    assert.ok(claimed);
    assert.equal(claimed.run.runId, runId);
    assert.equal(claimed.run.status, "running");
    assert.equal(claimed.run.epoch, 1);
    assert.equal(claimed.run.worker, "worker-1");
    assert.equal(claimed.run.leaseUntil, clock.now() + LEASE_MS);
    assert.equal(claimed.run.startedAt, clock.now());
    assert.deepEqual(
      claimed.records.map(({ kind, seq }) => [kind, seq]),
      [["event", 1]],
    );
    assert.ok(claimed.wrappedKey);
    assert.deepEqual(claimed.control, { workflow, version: 1, release: 1, body: release.body });
  },

  "a workflow that was never released has no control row": async (world) => {
    await world.submit();
    assert.equal((await world.claim())[0]?.control, null);
  },

  "a run is claimed once": async (world) => {
    await world.submit();
    const claims = await Promise.all(Array.from({ length: 10 }, (_, n) => world.claim(1, `worker-${n}`)));
    assert.equal(claims.flat().length, 1);
    assert.deepEqual(await world.claim(), []);
  },

  "no more runs are claimed than asked for": async (world) => {
    for (let n = 0; n < 5; n++) await world.submit();
    assert.equal((await world.claim(3)).length, 3);
    assert.equal((await world.claim(3)).length, 2);
  },

  "only runs of the workflows named are claimed": async (world) => {
    await world.submit({ workflow: world.name("other") });
    assert.deepEqual(await world.claim(), []);
    assert.deepEqual(await world.store.claim({ worker: "w", leaseMs: LEASE_MS, limit: 9, workflows: [] }), []);
  },

  "a workflow runs at most so many at once": async (world) => {
    for (let n = 0; n < 4; n++) await world.submit();
    const first = await world.claim(10, "worker-1", 2);
    assert.equal(first.length, 2);
    assert.deepEqual(await world.claim(10, "worker-2", 2), []);
    const [one] = first;
    assert.ok(one);
    await world.store.commit({ runId: one.run.runId, epoch: one.run.epoch, records: [], command: { do: "yield" } });
    assert.equal((await world.claim(10, "worker-2", 2)).length, 1);
  },

  "a full workflow does not hold up another": async (world) => {
    const other = world.name("other");
    await world.submit();
    await world.submit();
    await world.submit({ workflow: other });
    const workflows = [
      { name: world.workflow, limit: 1 },
      { name: other, limit: null },
    ];
    const claimed = await world.store.claim({ worker: "w", leaseMs: LEASE_MS, limit: 10, workflows });
    assert.deepEqual(
      claimed.map(({ run }) => run.workflow),
      [world.workflow, other],
    );
  },

  "a concurrency key runs at most so many at once, others pass by": async (world) => {
    const key = { concurrencyKey: world.name("key"), concurrencyLimit: 2 };
    const held = [await world.submit(key), await world.submit(key), await world.submit(key), await world.submit(key)];
    const free = await world.submit();
    const claimed = await world.claim(10);
    assert.deepEqual(
      claimed.map(({ run }) => run.runId),
      [held[0], held[1], free],
    );
    const [first] = claimed;
    assert.ok(first);
    const end = { do: "complete", disposition: "applied" } as const;
    await world.store.commit({ runId: first.run.runId, epoch: first.run.epoch, records: [], command: end });
    assert.deepEqual(
      (await world.claim(10)).map(({ run }) => run.runId),
      [held[2]],
    );
    assert.deepEqual(await world.claim(10), []);
  },

  "a run that waits does not use up its concurrency key": async (world) => {
    const key = { concurrencyKey: world.name("key"), concurrencyLimit: 1 };
    const started = await world.start(key);
    const next = await world.submit(key);
    assert.deepEqual(await world.claim(10), []);
    await world.park(started, "review", null);
    assert.deepEqual(
      (await world.claim(10)).map(({ run }) => run.runId),
      [next],
    );
  },

  "cancelling a run of a key lets the next one go": async (world) => {
    const key = { concurrencyKey: world.name("key"), concurrencyLimit: 1 };
    const running = await world.start(key);
    const second = await world.submit(key);
    const third = await world.submit(key);
    assert.deepEqual(await world.claim(10), []);
    await world.store.command({ runId: running.runId, command: { do: "cancel" }, record: null });
    await world.store.command({ runId: second, command: { do: "cancel" }, record: null });
    assert.deepEqual(
      (await world.claim(10)).map(({ run }) => run.runId),
      [third],
    );
  },

  "every run of a busy key gets its turn": async (world) => {
    const key = { concurrencyKey: world.name("key"), concurrencyLimit: 2 };
    const waiting = new Set<string>();
    for (let n = 0; n < 12; n++) waiting.add(await world.submit(key));
    for (let turn = 0; turn < 12 && waiting.size > 0; turn++) {
      const claimed = await world.claim(10);
      assert.ok(claimed.length <= 2);
      for (const { run } of claimed) {
        const command = { do: "complete", disposition: "applied" } as const;
        await world.store.commit({ runId: run.runId, epoch: run.epoch, records: [], command });
        waiting.delete(run.runId);
      }
    }
    assert.equal(waiting.size, 0);
  },
});

export const ordering: Aspect = aspect("ordering", {
  "higher priority goes first, then the older run": async (world) => {
    const low = await world.submit({ priority: -1 });
    const first = await world.submit();
    const second = await world.submit();
    const high = await world.submit({ priority: 5 });
    const claimed = await world.claim(10);
    assert.deepEqual(
      claimed.map(({ run }) => run.runId),
      [high, first, second, low],
    );
  },

  "priority counts across workflows": async (world) => {
    const other = world.name("other");
    const normal = await world.submit();
    const urgent = await world.submit({ workflow: other, priority: 9 });
    const workflows = [world.workflow, other].map((name) => ({ name, limit: null }));
    const claimed = await world.store.claim({ worker: "w", leaseMs: LEASE_MS, limit: 10, workflows });
    assert.deepEqual(
      claimed.map(({ run }) => run.runId),
      [urgent, normal],
    );
  },

  "a run that comes back keeps its age": async (world) => {
    const started = await world.start();
    const younger = await world.submit();
    await world.move(started, { do: "yield" });
    const claimed = await world.claim(10);
    assert.deepEqual(
      claimed.map(({ run }) => run.runId),
      [started.runId, younger],
    );
  },

  "a run whose time has come stands in line with the queued ones": async (world) => {
    const sleeper = await world.start({ priority: 1 });
    await world.park(sleeper, "sleep", world.clock.now() + 1_000);
    const queued = await world.submit();
    world.clock.advance(1_000);
    const claimed = await world.claim(10);
    assert.deepEqual(
      claimed.map(({ run }) => run.runId),
      [sleeper.runId, queued],
    );
  },

  "records of a run are numbered without gaps in the order they were given": async (world) => {
    const started = await world.start();
    const { runId, epoch } = started;
    for (let n = 0; n < 3; n++) {
      const records = [world.sealed(`step ${n}`), world.sealed(`step ${n}`, { key: "b" })];
      const result = await world.store.commit({ runId, epoch, records });
      assert.deepEqual(result, { ok: true, lastSeq: 3 + 2 * n, status: "running" });
    }
    const records = (await world.store.load(runId))?.records ?? [];
    assert.deepEqual(
      records.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6, 7],
    );
    assert.deepEqual(
      records.slice(1).map(({ name, key }) => `${name}${key}`),
      ["step 0", "step 0b", "step 1", "step 1b", "step 2", "step 2b"],
    );
  },

  "commits sent at once are written in the order they were sent": async (world) => {
    const { runId, epoch } = await world.start();
    const names = Array.from({ length: 30 }, (_, n) => `step ${n}`);
    await Promise.all(names.map((name) => world.store.commit({ runId, epoch, records: [world.sealed(name)] })));
    const records = (await world.store.load(runId))?.records ?? [];
    assert.deepEqual(
      records.slice(1).map(({ name }) => name),
      names,
    );
  },
});
