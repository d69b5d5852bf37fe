import assert from "node:assert/strict";
import { end, gotten, opened, tell, told, waiting } from "./waiting.ts";
import { aspect, type Aspect } from "./world.ts";

export const endingWaits: Aspect = aspect("ends of waits for events", {
  "an event that comes in time refuses the timeout as stale": async (world) => {
    const eventType = world.name("paid");
    const wait = await opened(world, await world.start(), eventType, { expiresAt: world.clock.now() + 1_000 });
    await tell(world, { eventType });
    world.clock.advance(2_000);
    assert.equal(await end(world, wait, "expired"), "stale");
    assert.equal((await world.store.run(wait.runId))?.nextSeq, wait.lastSeq + 1);
    assert.equal(await end(world, wait, "taken"), "ok");
  },

  "an event is too late once the time is over, also before the run has noted that": async (world) => {
    const eventType = world.name("paid");
    const wait = await waiting(world, eventType, { expiresAt: world.clock.now() + 1_000 });
    world.clock.advance(1_000);
    assert.deepEqual(await tell(world, { eventType }), []);
    const due = await world.resume(wait.runId);
    assert.equal(await end(world, { ...wait, ...due }, "expired"), "ok");
    assert.equal(await gotten(world, wait.waitId), undefined);
    assert.deepEqual(await tell(world, { eventType }), []);
  },

  "what no event has come for cannot be taken": async (world) => {
    const wait = await opened(world, await world.start(), world.name("paid"));
    assert.equal(await end(world, wait, "taken"), "stale");
  },

  "a run that has ended waits no more": async (world) => {
    const eventType = world.name("paid");
    const ended = await opened(world, await world.start(), eventType);
    await world.move(ended, { do: "complete", disposition: "applied" }, [
      world.sealed("@decision", { kind: "decide" }),
    ]);
    const cancelled = await waiting(world, eventType);
    await world.store.command({ runId: cancelled.runId, command: { do: "cancel" }, record: null });
    assert.deepEqual(await tell(world, { eventType }), []);
    assert.deepEqual(await gotten(world, ended.waitId), undefined);
    assert.deepEqual(await world.store.eventWaitsOf(cancelled.runId), []);
  },

  "what a dead run had got but not taken, its redrive finds again": async (world) => {
    const eventType = world.name("paid");
    const wait = await opened(world, await world.start(), eventType);
    const event = told(world, { eventType });
    await world.store.accept([event]);
    const failure = { class: "bug", code: "exception", message: "no", step: null } as const;
    await world.move(wait, { do: "die", failure });
    assert.equal(await gotten(world, wait.waitId), undefined);
    await world.store.command({ runId: wait.runId, command: { do: "redrive" }, record: world.sealed("@redrive") });
    const anew = await opened(world, await world.resume(wait.runId), eventType);
    assert.equal(await gotten(world, anew.waitId), event.eventId);
  },

  "a step that asks anew gives up what it had got before": async (world) => {
    const eventType = world.name("paid");
    const event = told(world, { eventType });
    const first = await opened(world, await world.start(), eventType);
    await world.store.accept([event]);
    assert.equal(await end(world, first, "taken"), "ok");
    const anew = await opened(world, first, eventType);
    assert.equal(await gotten(world, anew.waitId), event.eventId);
  },

  "a commit under an older epoch opens and ends no wait": async (world) => {
    const eventType = world.name("paid");
    const wait = await waiting(world, eventType);
    await world.store.command({ runId: wait.runId, command: { do: "wake" }, record: null });
    await world.resume(wait.runId, "worker-2");
    assert.equal(await end(world, wait, "expired"), "fenced");
    assert.equal(await gotten(world, wait.waitId), null);
  },

  "what a run waits for can be listed, oldest first": async (world) => {
    const eventType = world.name("paid");
    const now = world.clock.now();
    const one = await opened(world, await world.start(), eventType, { step: "one", expiresAt: now + 5_000 });
    await opened(world, one, eventType, { step: "two", key: "k", values: ["a=1"] });
    assert.deepEqual(await world.store.eventWaitsOf(one.runId), [
      { step: "one", key: "", eventType, openedAt: now, expiresAt: now + 5_000 },
      { step: "two", key: "k", eventType, openedAt: now, expiresAt: null },
    ]);
    assert.deepEqual(await world.store.eventWaitsOf("run_none"), []);
  },
});

export const keepingEvents: Aspect = aspect("kept events", {
  "are not found once their time is over, and then removed": async (world) => {
    const eventType = world.name("paid");
    await tell(world, { eventType, values: ["a=1"], keepMs: 1_000 });
    world.clock.advance(999);
    const early = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.notEqual(await gotten(world, early.waitId), null);
    assert.equal(await end(world, early, "taken"), "ok");
    world.clock.advance(1);
    const late = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, late.waitId), null);
    assert.equal(await world.store.dropKeptEvents(1_000), 1);
    assert.equal(await world.store.dropKeptEvents(1_000), 0);
  },

  "stay while a run that has got one has not taken it": async (world) => {
    const eventType = world.name("paid");
    const wait = await opened(world, await world.start(), eventType);
    await tell(world, { eventType, keepMs: 1_000 });
    world.clock.advance(5_000);
    assert.equal(await world.store.dropKeptEvents(1_000), 0);
    assert.notEqual(await gotten(world, wait.waitId), null);
    assert.equal(await end(world, wait, "taken"), "ok");
    assert.equal(await world.store.dropKeptEvents(1_000), 1);
  },

  "are removed in batches": async (world) => {
    const eventType = world.name("paid");
    for (let i = 0; i < 5; i++) await tell(world, { eventType, keepMs: 1_000 });
    world.clock.advance(1_000);
    assert.equal(await world.store.dropKeptEvents(2), 2);
    assert.equal(await world.store.dropKeptEvents(2), 2);
    assert.equal(await world.store.dropKeptEvents(2), 1);
  },

  "can be erased at once, and whoever was to have one asks anew and gets the next": async (world) => {
    const eventType = world.name("paid");
    const [first, second] = [told(world, { eventType, values: ["a=1"] }), told(world, { eventType, values: ["a=1"] })];
    await world.store.accept([first, second]);
    const taken = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.equal(await end(world, taken, "taken"), "ok");
    const wait = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.equal((await world.store.eraseEvent(first.eventId, true)).kept, 1);
    assert.equal((await world.store.eraseEvent(first.eventId)).kept, 1);
    assert.equal((await world.store.eraseEvent(first.eventId)).kept, 0);
    assert.equal(await gotten(world, wait.waitId), undefined);
    assert.equal(await end(world, wait, "taken"), "stale");
    // It had looked before: it must not park on a wait that nothing ends.
    await world.park(wait, "event", null);
    assert.equal((await world.store.run(wait.runId))?.status, "queued");
    const anew = await opened(world, await world.resume(wait.runId), eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, anew.waitId), second.eventId);
    // Its key outlives it: the same event is still a duplicate.
    assert.deepEqual(await world.store.accept([first]), [{ outcome: "duplicate", runs: [], woken: [] }]);
  },
});
