import assert from "node:assert/strict";
import { CHAIN_START, chainNext } from "../../journal/chain.ts";
import { aspect, digest, type Aspect } from "./world.ts";

export const accepting: Aspect = aspect("accept", {
  "an accepted event has a queued run with the event as its first record": async (world) => {
    const input = world.event({ priority: 3, deadlineAt: 99, contractVersion: 2 });
    const [result] = await world.store.accept([input]);
    const [made] = input.runs;
    assert.ok(made);
    const runs = [{ runId: made.runId, workflow: world.workflow }];
    assert.deepEqual(result, { outcome: "accepted", runs, woken: [] });
    const loaded = await world.store.load(made.runId);
    assert.ok(loaded);
    assert.equal(loaded.run.status, "queued");
    assert.equal(loaded.run.eventId, input.eventId);
    assert.equal(loaded.run.contractVersion, 2);
    assert.equal(loaded.run.priority, 3);
    assert.equal(loaded.run.deadlineAt, 99);
    assert.equal(loaded.run.createdAt, world.clock.now());
    assert.equal(loaded.run.costUsd, 0);
    assert.deepEqual([...(loaded.wrappedKey ?? [])], [...made.wrappedKey]);
    assert.equal(loaded.records.length, 1);
    assert.equal(loaded.records[0]?.kind, "event");
    assert.equal(loaded.records[0]?.seq, 1);
    assert.equal(loaded.records[0]?.body, made.record.body);
  },

  "the first record is chained to the start": async (world) => {
    const runId = await world.submit();
    const record = (await world.store.load(runId))?.records[0];
    assert.ok(record);
    assert.deepEqual([...record.chain], [...chainNext(world.chainKey, CHAIN_START, 1, record.mac)]);
  },

  "one event starts a run for every workflow that listens, in the order given": async (world) => {
    const runs = [world.newRun({ workflow: world.name("b") }), world.newRun({ workflow: world.name("a") })];
    const input = { ...world.event(), runs };
    const [result] = await world.store.accept([input]);
    const expected = runs.map(({ runId, workflow }) => ({ runId, workflow }));
    assert.deepEqual(result, { outcome: "accepted", runs: expected, woken: [] });
    const found = await world.store.runsOfEvent(input.eventType, input.eventId);
    assert.deepEqual(
      found.map(({ runId }) => runId),
      runs.map(({ runId }) => runId),
    );
  },

  "an event that starts no run is remembered all the same": async (world) => {
    const input = { ...world.event(), runs: [] };
    assert.deepEqual(await world.store.accept([input]), [{ outcome: "accepted", runs: [], woken: [] }]);
    assert.deepEqual(await world.store.accept([input]), [{ outcome: "duplicate", runs: [], woken: [] }]);
    assert.deepEqual(await world.store.runsOfEvent(input.eventType, input.eventId), []);
  },

  "a batch is answered in the order of its events": async (world) => {
    const inputs = Array.from({ length: 20 }, () => world.event());
    const results = await world.store.accept(inputs);
    assert.deepEqual(
      results.map((result) => ("runs" in result ? result.runs[0]?.runId : null)),
      inputs.map(({ runs }) => runs[0]?.runId),
    );
  },

  "undeclared properties are counted by type, version and pointer": async (world) => {
    const eventType = world.name("type");
    await world.store.accept([
      world.event({ eventType, drift: ["/a", "/b"] }),
      world.event({ eventType, drift: ["/a"] }),
    ]);
    world.clock.advance(5);
    await world.store.accept([world.event({ eventType, contractVersion: 2, drift: ["/a"] })]);
    const seen = (await world.store.drift()).filter((count) => count.eventType === eventType);
    assert.deepEqual(
      seen.map(({ contractVersion, pointer, count }) => [contractVersion, pointer, count]),
      [
        [1, "/a", 2],
        [1, "/b", 1],
        [2, "/a", 1],
      ],
    );
    assert.equal(seen[2]?.lastSeenAt, world.clock.now());
  },

  "what came off its contract is kept in quarantine, newest first": async (world) => {
    const item = (n: number) => ({
      quarantineId: world.name("qua"),
      receivedAt: world.clock.now() + n,
      eventType: n === 0 ? null : "ticket.created",
      eventId: null,
      errors: "[]",
      body: digest(`body ${n}`),
    });
    const items = [item(0), item(1), item(2)];
    await world.store.quarantine(items);
    const first = await world.store.quarantined({ limit: 2 });
    assert.deepEqual(first.items, [items[2], items[1]]);
    assert.ok(first.next);
    const second = await world.store.quarantined({ limit: 1, cursor: first.next });
    assert.deepEqual(second.items, [items[0]]);
  },
});

export const idempotency: Aspect = aspect("idempotency", {
  "the same event again is a duplicate and names the runs it had": async (world) => {
    const input = world.event();
    await world.store.accept([input]);
    const again = { ...input, runs: [world.newRun()] };
    const [result] = await world.store.accept([again]);
    assert.deepEqual(result, {
      outcome: "duplicate",
      runs: input.runs.map(({ runId, workflow }) => ({ runId, workflow })),
      woken: [],
    });
    assert.equal((await world.store.runsOfEvent(input.eventType, input.eventId)).length, 1);
    assert.equal(await world.store.run(again.runs[0]?.runId as string), null);
  },

  "the same id with another body is a conflict and changes nothing": async (world) => {
    const input = world.event();
    await world.store.accept([input]);
    const other = { ...input, bodyMac: digest("another body"), drift: ["/x"], runs: [world.newRun()] };
    assert.deepEqual(await world.store.accept([other]), [{ outcome: "conflict" }]);
    assert.equal((await world.store.runsOfEvent(input.eventType, input.eventId)).length, 1);
  },

  "the same id of another type is another event": async (world) => {
    const input = world.event();
    await world.store.accept([input]);
    const [result] = await world.store.accept([{ ...input, eventType: world.name("other"), runs: [world.newRun()] }]);
    assert.equal(result?.outcome, "accepted");
  },

  "duplicates and conflicts are seen within one batch too": async (world) => {
    const input = world.event();
    const duplicate = { ...input, runs: [world.newRun()] };
    const conflict = { ...input, bodyMac: digest("another body"), runs: [world.newRun()] };
    const results = await world.store.accept([input, duplicate, conflict]);
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ["accepted", "duplicate", "conflict"],
    );
    assert.equal((await world.store.runsOfEvent(input.eventType, input.eventId)).length, 1);
  },

  "fifty clients that send the same event at once start one run": async (world) => {
    const input = world.event();
    const results = await Promise.all(
      Array.from({ length: 50 }, () => world.store.accept([{ ...input, runs: [world.newRun()] }])),
    );
    const outcomes = results.map(([result]) => result?.outcome);
    assert.equal(outcomes.filter((outcome) => outcome === "accepted").length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === "duplicate").length, 49);
    assert.equal((await world.store.runsOfEvent(input.eventType, input.eventId)).length, 1);
  },

  "a redelivered event does not count as drift again": async (world) => {
    const input = world.event({ eventType: world.name("type"), drift: ["/x"] });
    await world.store.accept([input]);
    await world.store.accept([input]);
    const seen = (await world.store.drift()).filter(({ eventType }) => eventType === input.eventType);
    assert.deepEqual(
      seen.map(({ count }) => count),
      [1],
    );
  },

  "a run id that exists fails its own operation and none of those beside it": async (world) => {
    const taken = await world.submit();
    const good = [world.event(), world.event()];
    const results = await Promise.allSettled([
      world.store.accept([good[0] as never]),
      world.store.accept([world.event({ runId: taken })]),
      world.store.accept([good[1] as never]),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    for (const { runs } of good) assert.ok(await world.store.run(runs[0]?.runId as string));
    assert.equal((await world.store.counts({ workflow: world.workflow })).queued, 3);
  },
});
