import assert from "node:assert/strict";
import { newId } from "../../base/id.ts";
import { end, gotten, opened, statusOf, tell, told, tokens, waiting } from "./waiting.ts";
import { aspect, type Aspect } from "./world.ts";

export const matching: Aspect = aspect("events that are waited for", {
  "an event wakes the run that waits for it, which has its sealed body then": async (world) => {
    const eventType = world.name("paid");
    const { runId, waitId } = await waiting(world, eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, waitId), null);
    const event = told(world, { eventType, values: ["a=1", "b=2"] });
    assert.deepEqual(await world.store.accept([event]), [{ outcome: "accepted", runs: [], woken: [runId] }]);
    assert.equal(await statusOf(world, runId), "queued");
    const found = (await world.store.eventWait(waitId))?.event;
    assert.equal(found?.eventId, event.eventId);
    assert.deepEqual(Buffer.from(found?.body ?? []), event.awaited?.body);
    assert.equal(found?.receivedAt, world.clock.now());
  },

  "all conditions must hold": async (world) => {
    const eventType = world.name("paid");
    const { runId } = await waiting(world, eventType, { values: ["a=1", "b=2"] });
    assert.deepEqual(await tell(world, { eventType, values: ["a=1"] }), []);
    assert.deepEqual(await tell(world, { eventType, values: ["b=2"] }), []);
    assert.deepEqual(await tell(world, { eventType: world.name("other"), values: ["a=1", "b=2"] }), []);
    assert.equal(await statusOf(world, runId), "waiting");
    assert.deepEqual(await tell(world, { eventType, values: ["b=2", "c=3", "a=1"] }), [runId]);
  },

  "an event that came before its wait is found by it": async (world) => {
    const eventType = world.name("paid");
    const event = told(world, { eventType, values: ["a=1"] });
    await world.store.accept([event]);
    const wait = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, wait.waitId), event.eventId);
    await world.park(wait, "event", null);
    assert.equal(await statusOf(world, wait.runId), "queued");
  },

  "an event that comes before the run has parked sends it back to the queue, once": async (world) => {
    const eventType = world.name("paid");
    const wait = await opened(world, await world.start(), eventType);
    assert.deepEqual(await tell(world, { eventType }), [wait.runId]);
    assert.equal(await statusOf(world, wait.runId), "running");
    await world.park(wait, "event", null);
    assert.equal(await statusOf(world, wait.runId), "queued");
    const again = await world.resume(wait.runId);
    await world.park(again, "sleep", world.clock.now() + 1e9);
    assert.equal(await statusOf(world, wait.runId), "waiting");
  },

  "one event wakes every run that waits for it": async (world) => {
    const eventType = world.name("paid");
    const first = await waiting(world, eventType);
    const second = await waiting(world, eventType, { values: ["a=1"] });
    const third = await waiting(world, eventType, { values: ["a=2"] });
    assert.deepEqual(await tell(world, { eventType, values: ["a=1"] }), [first.runId, second.runId]);
    assert.equal(await statusOf(world, third.runId), "waiting");
  },

  "of the waits of one run an event is had by the oldest only, whether it comes late or early": async (world) => {
    const eventType = world.name("paid");
    const one = await opened(world, await world.start(), eventType, { step: "one" });
    const two = await opened(world, one, eventType, { step: "two" });
    const [first, second] = [told(world, { eventType }), told(world, { eventType })];
    await world.store.accept([first]);
    assert.deepEqual([await gotten(world, one.waitId), await gotten(world, two.waitId)], [first.eventId, null]);
    await world.store.accept([second]);
    assert.equal(await gotten(world, two.waitId), second.eventId);

    const early = world.name("early");
    const started = await world.start();
    const events = [told(world, { eventType: early }), told(world, { eventType: early })];
    await world.store.accept(events);
    const three = await opened(world, started, early, { step: "three" });
    const four = await opened(world, three, early, { step: "four" });
    assert.deepEqual(
      [await gotten(world, three.waitId), await gotten(world, four.waitId)],
      events.map(({ eventId }) => eventId),
    );
  },

  "an event that a run has taken is not given to a later wait of it, but to one of another run": async (world) => {
    const eventType = world.name("paid");
    const event = told(world, { eventType, values: ["a=1"] });
    await world.store.accept([event]);
    const first = await opened(world, await world.start(), eventType, { step: "payment", values: ["a=1"] });
    assert.equal(await end(world, first, "taken"), "ok");
    assert.equal(await gotten(world, first.waitId), undefined);
    const later = await opened(world, first, eventType, { step: "another", values: ["a=1"] });
    assert.equal(await gotten(world, later.waitId), null);
    const other = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, other.waitId), event.eventId);
  },

  "a wait has the oldest event that fits": async (world) => {
    const eventType = world.name("paid");
    const events = ["a=2", "a=1", "a=1"].map((value) => told(world, { eventType, values: [value] }));
    await world.store.accept(events);
    const wait = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, wait.waitId), events[1]?.eventId);
  },

  "without conditions a wait looks back to its run's own event, with them over all that is kept": async (world) => {
    const eventType = world.name("paid");
    const before = told(world, { eventType, values: ["a=1"] });
    await world.store.accept([before]);
    world.clock.advance(1_000);
    const started = await world.start();
    const open = await opened(world, started, eventType, { step: "any" });
    assert.equal(await gotten(world, open.waitId), null);
    const exact = await opened(world, open, eventType, { step: "exact", values: ["a=1"] });
    assert.equal(await gotten(world, exact.waitId), before.eventId);
    const since = told(world, { eventType, values: ["a=2"] });
    await world.store.accept([since]);
    assert.equal(await gotten(world, open.waitId), since.eventId);
  },

  "a run's own event is none that it may wait for": async (world) => {
    const eventType = world.name("created");
    const own = told(world, { eventType, values: ["a=1"], runs: [world.newRun()] });
    await world.store.accept([own]);
    const wait = await opened(world, await world.resume(own.runs[0]?.runId as string), eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, wait.waitId), null);
  },

  "an event that starts a run is had by those that wait for it as well": async (world) => {
    const eventType = world.name("created");
    const { runId } = await waiting(world, eventType);
    const event = told(world, { eventType, runs: [world.newRun()] });
    const runs = event.runs.map(({ runId: id, workflow }) => ({ runId: id, workflow }));
    assert.deepEqual(await world.store.accept([event]), [{ outcome: "accepted", runs, woken: [runId] }]);
  },

  "a duplicate wakes nobody, also one that waits since": async (world) => {
    const eventType = world.name("paid");
    const event = told(world, { eventType });
    await world.store.accept([event]);
    world.clock.advance(1_000);
    const { runId } = await waiting(world, eventType);
    assert.deepEqual(await world.store.accept([event]), [{ outcome: "duplicate", runs: [], woken: [] }]);
    assert.equal(await statusOf(world, runId), "waiting");
  },

  "an event that nobody declares is accepted while a run waits for its type, and kept then": async (world) => {
    const eventType = world.name("paid");
    const before = told(world, { eventType, declared: false });
    assert.deepEqual(await world.store.accept([before]), [{ outcome: "unawaited" }]);
    const { runId } = await waiting(world, eventType, { values: ["a=1"] });
    assert.deepEqual(await world.store.awaitedTypes().then((types) => types.includes(eventType)), true);
    const other = told(world, { eventType, values: ["a=2"], declared: false });
    assert.deepEqual(await world.store.accept([other]), [{ outcome: "accepted", runs: [], woken: [] }]);
    assert.deepEqual(await tell(world, { eventType, values: ["a=1"], declared: false }), [runId]);
    assert.equal(await world.store.awaitedTypes().then((types) => types.includes(eventType)), false);
    await world.resume(runId);
    // What was refused is not remembered: it may be sent again.
    await waiting(world, eventType, { values: ["a=9"] });
    const [result] = await world.store.accept([before]);
    assert.equal(result?.outcome, "accepted");
  },

  "ten thousand waits of one type are told apart by what they wait for": async (world) => {
    const eventType = world.name("paid");
    const { runId, epoch } = await world.start();
    const open = Array.from({ length: 10_000 }, (_, i) => ({
      waitId: newId("wai"),
      step: "payment",
      key: String(i),
      eventType,
      tokens: tokens(eventType, ["state=open", `order=${i}`]),
      openedAt: world.clock.now(),
      expiresAt: null,
    }));
    for (let at = 0; at < open.length; at += 1_000)
      await world.store.commit({ runId, epoch, records: [], waits: { open: open.slice(at, at + 1_000) } });
    const took = performance.now();
    for (let i = 0; i < 100; i++) {
      await world.store.accept([told(world, { eventType, values: ["state=open", `order=${i * 100}`] })]);
      assert.ok((await world.store.eventWait(open[i * 100]?.waitId as string))?.event);
    }
    // One of these without an index looks at all of them: a hundred take minutes then.
    assert.ok(performance.now() - took < 5_000);
  },
});
