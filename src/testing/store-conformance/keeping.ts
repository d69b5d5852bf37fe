import assert from "node:assert/strict";
import { isTombstone, removalOf } from "../../journal/tombstone.ts";
import { aspect, digest, type Aspect, type Started, type World } from "./world.ts";

const DAY = 86_400_000;

async function end(world: World, started: Started): Promise<void> {
  await world.move(started, { do: "complete", disposition: "applied" });
}

async function ended(world: World, over: Parameters<World["start"]>[0] = {}): Promise<Started> {
  const started = await world.start(over);
  await end(world, started);
  return started;
}

/** All that is due, whatever the size of a call. */
async function removeAllOriginals(world: World, endedBy: number, limit = 3): Promise<string[]> {
  const removed: string[] = [];
  let after: string | undefined;
  do {
    const step = await world.store.removeOriginals({ endedBy, limit, ...(after === undefined ? {} : { after }) });
    removed.push(...step.removed);
    after = step.next ?? undefined;
  } while (after !== undefined);
  return removed;
}

async function removeAllValues(world: World, endedBy: number, limit = 3): Promise<string[]> {
  const removed: string[] = [];
  let step;
  do {
    step = await world.store.removeValues({ endedBy, limit });
    removed.push(...step.removed);
  } while (step.more);
  return removed;
}

const text = (n: number) => "long text ".repeat(1_000) + n;
function withText(world: World, name: string, long: string) {
  const hash = Buffer.from(digest(long)).toString("hex");
  return world.sealed(name, {
    body: JSON.stringify({ output: "" }),
    blobRefs: JSON.stringify({ "/output": hash }),
    blobs: [{ hash, text: long }],
  });
}

export const removingOriginals: Aspect = aspect("removal of originals", {
  "the key of a run that ended by then is destroyed, with what it opened; the records stay": async (world) => {
    const record = world.sealed("ticket.created", { kind: "event", type: "trigger", vault: digest("vault") });
    const { runId } = await ended(world, { record });
    const before = await world.store.load(runId);
    world.clock.advance(DAY);
    const removed = await removeAllOriginals(world, world.clock.now() - DAY);
    assert.ok(removed.includes(runId));
    const loaded = await world.store.load(runId);
    assert.equal(loaded?.wrappedKey, null);
    assert.equal(loaded?.run.originalsRemovedAt, world.clock.now());
    assert.equal(loaded?.records[0]?.vault, null);
    assert.equal(loaded?.records[0]?.body, record.body);
    assert.deepEqual(loaded?.records.at(-1)?.chain, before?.records.at(-1)?.chain);
  },

  "a run that has not ended, or ended later, keeps its key": async (world) => {
    const waiting = await world.start();
    await world.park(waiting, "event", null);
    world.clock.advance(DAY);
    const endedBy = world.clock.now();
    world.clock.advance(1);
    const later = await ended(world);
    const removed = await removeAllOriginals(world, endedBy);
    for (const { runId } of [waiting, later]) {
      assert.ok(!removed.includes(runId));
      assert.notEqual((await world.store.load(runId))?.wrappedKey, null);
    }
  },

  "in calls of one run at a time all that is due goes, once": async (world) => {
    const runs = [await ended(world), await ended(world), await ended(world)];
    const removed = await removeAllOriginals(world, world.clock.now(), 1);
    for (const { runId } of runs) assert.equal(removed.filter((id) => id === runId).length, 1);
    assert.deepEqual(await removeAllOriginals(world, world.clock.now(), 1), []);
  },

  "a dead run without its key is not redriven": async (world) => {
    const started = await world.start();
    await world.move(started, { do: "die", failure: { class: "bug", code: "bug", message: "no", step: null } });
    await removeAllOriginals(world, world.clock.now());
    const refused = await world.store.command({ runId: started.runId, command: { do: "redrive" }, record: null });
    assert.deepEqual(refused, { ok: false, refusal: "originals_removed" });
    assert.equal((await world.store.run(started.runId))?.status, "dead");
  },

  "the body of a quarantined event goes, what is known of it stays": async (world) => {
    const item = {
      quarantineId: world.name("qua"),
      receivedAt: world.clock.now(),
      eventType: "ticket.created",
      eventId: world.name("evt"),
      errors: "[]",
      body: digest("quarantined"),
    };
    await world.store.quarantine([item]);
    assert.equal(await world.store.removeQuarantined({ receivedBy: world.clock.now() - 1, limit: 10 }), 0);
    assert.ok((await world.store.removeQuarantined({ receivedBy: world.clock.now(), limit: 10 })) >= 1);
    assert.equal(await world.store.removeQuarantined({ receivedBy: world.clock.now(), limit: 10 }), 0);
    const { items } = await world.store.quarantined({ limit: 50 });
    const found = items.find(({ quarantineId }) => quarantineId === item.quarantineId);
    assert.deepEqual(found, { ...item, body: new Uint8Array() });
  },

  "after a sweep the store says so": async (world) => {
    let swept = false;
    for (let tries = 0; tries < 50 && !swept; tries++) swept = await world.store.sweep();
    assert.equal(swept, true);
  },
});

export const removingValues: Aspect = aspect("removal of values", {
  "each record becomes a tombstone that only the key's holder can make; ids, times and hashes stay": async (world) => {
    const started = await world.start();
    const failure = { class: "bug", code: "bug", message: "says a name", step: "s" } as const;
    await world.move(started, { do: "die", failure }, [world.sealed("classify", { key: "a customer" })]);
    const before = await world.store.load(started.runId);
    world.clock.advance(DAY);
    assert.ok((await removeAllValues(world, world.clock.now() - DAY)).includes(started.runId));
    const after = await world.store.load(started.runId);
    assert.ok(before !== null && after !== null);
    assert.equal(after.run.valuesRemovedAt, world.clock.now());
    assert.equal(after.run.failure, null);
    assert.equal(after.run.status, "dead");
    assert.equal(after.wrappedKey, null);
    for (const [at, record] of after.records.entries()) {
      const was: (typeof before.records)[number] | undefined = before.records[at];
      assert.deepEqual([record.mac, record.chain, record.startedAt], [was?.mac, was?.chain, was?.startedAt]);
      assert.equal(record.key, "");
      assert.equal(removalOf(record.body)?.at, world.clock.now());
      assert.ok(isTombstone(world.chainKey, record));
      assert.ok(!isTombstone(digest("another key"), record));
      assert.ok(!isTombstone(world.chainKey, { ...record, seq: record.seq + 1 }));
    }
  },

  "its words are found no more, and a re-sent event is still a duplicate": async (world) => {
    const word = `zanzibar${world.name("").replaceAll(/\W/g, "")}`;
    const record = world.sealed("ticket.created", {
      kind: "event",
      type: "trigger",
      body: JSON.stringify({ output: { body: word } }),
    });
    const input = world.event({ record });
    await world.store.accept([input]);
    const runId = input.runs[0]?.runId as string;
    await end(world, await world.resume(runId));
    assert.equal((await world.store.list({ q: word }, { limit: 5 })).items.length, 1);
    await removeAllValues(world, world.clock.now());
    let first = true;
    while (await world.store.forgetWords(first)) first = false;
    assert.equal((await world.store.list({ q: word }, { limit: 5 })).items.length, 0);
    const again = await world.store.accept([{ ...input, runs: [world.newRun()] }]);
    assert.equal(again[0]?.outcome, "duplicate");
  },

  "a text that another run names stays until that one goes too": async (world) => {
    const long = text(world.clock.now());
    const hash = Buffer.from(digest(long)).toString("hex");
    const first = await world.start();
    await world.move(first, { do: "complete", disposition: "applied" }, [
      withText(world, "a", long),
      withText(world, "b", long),
    ]);
    const endedBy = world.clock.now();
    world.clock.advance(1);
    const second = await world.start();
    await world.move(second, { do: "complete", disposition: "applied" }, [withText(world, "a", long)]);
    await removeAllValues(world, endedBy);
    assert.equal((await world.store.blobs([hash])).get(hash), long);
    await removeAllValues(world, world.clock.now());
    assert.equal((await world.store.blobs([hash])).size, 0);
    const third = await world.start();
    await world.move(third, { do: "complete", disposition: "applied" }, [withText(world, "a", long)]);
    assert.equal((await world.store.blobs([hash])).get(hash), long);
  },

  "a run that had not ended when its turn came goes when it has": async (world) => {
    const slow = await world.start();
    await world.park(slow, "event", null);
    const quick = await ended(world);
    world.clock.advance(DAY);
    const removed = await removeAllValues(world, world.clock.now() - DAY);
    assert.ok(removed.includes(quick.runId) && !removed.includes(slow.runId));
    await world.store.command({ runId: slow.runId, command: { do: "cancel" }, record: null });
    world.clock.advance(DAY);
    assert.ok((await removeAllValues(world, world.clock.now() - DAY, 1)).includes(slow.runId));
  },

  "what reviews and views say in words goes with the values": async (world) => {
    const { runId, reviewId } = await world.waitingForReview({ reason: "says a name" });
    await world.store.noteRunView(runId, "kim", "says a name too");
    await world.store.command({ runId, command: { do: "cancel" }, record: null });
    await removeAllValues(world, world.clock.now());
    assert.equal((await world.store.review(reviewId))?.reason, "");
    assert.deepEqual(
      (await world.store.runViews(runId)).map(({ by, reason }) => [by, reason]),
      [["kim", ""]],
    );
  },
});

export const erasing: Aspect = aspect("erasure", {
  "an ended run loses its key at once, with a record of it that the audit chain is owed": async (world) => {
    const { runId } = await ended(world);
    const record = world.sealed("@erased", { kind: "override", type: "override" });
    assert.equal(await world.store.eraseRun(runId, record), "erased");
    const loaded = await world.store.load(runId);
    assert.equal(loaded?.wrappedKey, null);
    assert.equal(loaded?.records.at(-1)?.name, "@erased");
    assert.equal(loaded?.run.nextSeq, (loaded?.records.length ?? 0) + 1);
    const heads = await world.store.unauditedHeads(1_000);
    assert.deepEqual(heads.find((head) => head.runId === runId)?.chain, loaded?.records.at(-1)?.chain);
    assert.equal(await world.store.eraseRun(runId, record), "removed");
  },

  "a run that has not ended is left alone, and so is one that is not there": async (world) => {
    const { runId } = await world.start();
    const record = world.sealed("@erased", { kind: "override", type: "override" });
    assert.equal(await world.store.eraseRun(runId, record), "unfinished");
    assert.notEqual((await world.store.load(runId))?.wrappedKey, null);
    assert.equal(await world.store.eraseRun("run_none", record), "unknown_run");
  },

  "what was refused of an event goes by its id": async (world) => {
    const eventId = world.name("evt");
    const item = { receivedAt: world.clock.now(), eventType: null, errors: "[]", body: digest("body") };
    await world.store.quarantine([
      { ...item, quarantineId: world.name("qua"), eventId },
      { ...item, quarantineId: world.name("qua"), eventId: world.name("evt") },
    ]);
    assert.equal((await world.store.eraseEvent(eventId)).quarantined, 1);
    assert.equal((await world.store.eraseEvent(eventId)).quarantined, 0);
  },

  "an erasure is on record from before it begins, and what came of it afterwards": async (world) => {
    const asked = { by: "kim", reason: "one", asked: "{}" };
    const first = await world.store.noteErasure({ ...asked, done: '{"finished":false}' });
    await world.store.noteErasure({ ...asked, done: '{"finished":false}' });
    await world.store.endErasure(first, '{"finished":true}');
    const done = (await world.store.erasures(2)).map((each) => each.done);
    assert.deepEqual(done, ['{"finished":false}', '{"finished":true}']);
  },

  "erasures are on record, newest first": async (world) => {
    await world.store.noteErasure({ by: "kim", reason: "one", asked: "{}", done: "{}" });
    await world.store.noteErasure({ by: "lee", reason: "two", asked: "{}", done: "{}" });
    const found = await world.store.erasures(2);
    assert.deepEqual(
      found.map(({ by, reason, at }) => [by, reason, at]),
      [
        ["lee", "two", world.clock.now()],
        ["kim", "one", world.clock.now()],
      ],
    );
  },
});
