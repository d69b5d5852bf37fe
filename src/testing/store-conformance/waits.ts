import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { newId } from "../../base/id.ts";
import { TOKEN_BYTES } from "../../journal/event-tokens.ts";
import type { NewEventWait } from "../../journal/event-waits.ts";
import type { AcceptInput } from "../../journal/ports.ts";
import { aspect, type Aspect, type Started, type World } from "./world.ts";

const DAY = 86_400_000;

/** The tokens of an event of this type with these values, or of a wait for one: a store does not know what they stand for. */
function tokens(eventType: string, values: readonly string[] = []): Uint8Array {
  const token = (text: string): Uint8Array => createHash("sha256").update(text).digest().subarray(0, TOKEN_BYTES);
  return Buffer.concat([token(eventType), ...values.map((value) => token(`${eventType} ${value}`))]);
}

interface Told {
  eventType: string;
  values?: readonly string[];
  declared?: boolean;
  keepMs?: number;
  runs?: AcceptInput["runs"];
  eventId?: string;
}

/** An event that may be waited for. */
function told(
  world: World,
  { eventType, values = [], declared = true, keepMs = 7 * DAY, runs = [], eventId }: Told,
): AcceptInput {
  const made = world.event({ eventType, ...(eventId === undefined ? {} : { eventId }) });
  const keepUntil = world.clock.now() + keepMs;
  const body = Buffer.from(`sealed ${made.eventId}`);
  return { ...made, runs, awaited: { tokens: tokens(eventType, values), body, keepUntil, declared } };
}

/** Accepts one; the ids of the runs it woke. */
async function tell(world: World, event: Told): Promise<string[]> {
  const [result] = await world.store.accept([told(world, event)]);
  assert.ok(result?.outcome === "accepted");
  return result.woken;
}

interface Waited extends Started {
  waitId: string;
}

/** A run that has opened a wait and not parked yet. */
async function opened(
  world: World,
  started: Started,
  eventType: string,
  over: Partial<NewEventWait> & { values?: readonly string[] } = {},
): Promise<Waited> {
  const { values = [], ...more } = over;
  const waitId = newId("wai");
  const wait = {
    waitId,
    step: "payment",
    key: "",
    eventType,
    tokens: tokens(eventType, values),
    openedAt: world.clock.now(),
    expiresAt: null,
    ...more,
  };
  const record = world.sealed(wait.step, { kind: "wait", type: "wait", status: "waiting", ends: false, key: wait.key });
  const { runId, epoch } = started;
  const result = await world.store.commit({ runId, epoch, records: [record], waits: { open: [wait] } });
  assert.ok(result.ok);
  return { ...started, lastSeq: result.lastSeq, waitId };
}

/** A new run that waits, parked. */
async function waiting(world: World, eventType: string, over: Parameters<typeof opened>[3] = {}): Promise<Waited> {
  const wait = await opened(world, await world.start(), eventType, over);
  await world.park(wait, "event", over.expiresAt ?? null);
  return wait;
}

async function statusOf(world: World, runId: string): Promise<string | undefined> {
  return (await world.store.run(runId))?.status;
}

/** The id of the event that a wait has got; null: none yet; undefined: it is over. */
async function gotten(world: World, waitId: string): Promise<string | null | undefined> {
  const wait = await world.store.eventWait(waitId);
  return wait === null ? undefined : (wait.event?.eventId ?? null);
}

/** The record that a wait is over, with what becomes of the wait. */
async function end(world: World, wait: Waited, to: "taken" | "expired"): Promise<string> {
  const { runId, epoch, waitId } = wait;
  const record = world.sealed("payment", { kind: "wait", type: "wait" });
  const result = await world.store.commit({ runId, epoch, records: [record], waits: { changes: [{ waitId, to }] } });
  return result.ok ? "ok" : result.why;
}

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

  "can be forgotten at once, and whoever had one asks anew": async (world) => {
    const eventType = world.name("paid");
    const event = told(world, { eventType, values: ["a=1"] });
    await world.store.accept([event]);
    const wait = await opened(world, await world.start(), eventType, { values: ["a=1"] });
    assert.equal(await world.store.forgetKeptEvent(eventType, event.eventId), true);
    assert.equal(await world.store.forgetKeptEvent(eventType, event.eventId), false);
    assert.equal(await gotten(world, wait.waitId), undefined);
    assert.equal(await end(world, wait, "taken"), "stale");
    const anew = await opened(world, wait, eventType, { values: ["a=1"] });
    assert.equal(await gotten(world, anew.waitId), null);
    // Its key outlives it: the same event is still a duplicate.
    assert.deepEqual(await world.store.accept([event]), [{ outcome: "duplicate", runs: [], woken: [] }]);
  },
});
