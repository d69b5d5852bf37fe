import assert from "node:assert/strict";
import { aspect, LEASE_MS, type Aspect, type Started } from "./world.ts";

export const parking: Aspect = aspect("retry and park", {
  "a parked run waits, holds no lease and is not claimed": async (world) => {
    const started = await world.start();
    await world.park(started, "review", null);
    const run = await world.store.run(started.runId);
    assert.deepEqual([run?.status, run?.wait, run?.wakeAt], ["waiting", "review", null]);
    assert.deepEqual([run?.worker, run?.leaseUntil], [null, null]);
    world.clock.advance(365 * 86_400_000);
    assert.deepEqual(await world.claim(), []);
  },

  "a failed attempt is tried again at its time and not before": async (world) => {
    const started = await world.start();
    const failed = world.sealed("classify", { kind: "prompt", type: "model_call", status: "error", ends: false });
    await world.store.commit({ ...started, records: [failed] });
    await world.park({ ...started, lastSeq: 2 }, "retry", world.clock.now() + 500);
    world.clock.advance(499);
    assert.deepEqual(await world.claim(), []);
    world.clock.advance(1);
    const [again] = await world.claim();
    assert.equal(again?.run.runId, started.runId);
    assert.equal(again?.run.epoch, started.epoch + 1);
    assert.deepEqual(
      again?.records.map(({ status }) => status),
      ["success", "error"],
    );
  },

  "records may come together with the park that follows them": async (world) => {
    const started = await world.start();
    const command = { do: "park", wait: "sleep", wakeAt: null, seenSeq: started.lastSeq } as const;
    const records = [world.sealed("a"), world.sealed("b")];
    const result = await world.store.commit({ ...started, records, command });
    assert.deepEqual(result, { ok: true, lastSeq: 3, status: "waiting" });
  },

  "a park that claims to have seen what is not there is refused": async (world) => {
    const started = await world.start();
    const command = { do: "park", wait: "sleep", wakeAt: null, seenSeq: started.lastSeq + 1 } as const;
    await assert.rejects(world.store.commit({ ...started, records: [world.sealed("a")], command }));
    assert.equal((await world.store.run(started.runId))?.status, "running");
  },

  "a run that is given back is claimed again as it stood": async (world) => {
    const started = await world.start();
    await world.move(started, { do: "yield" }, [world.sealed("a")]);
    const again = await world.resume(started.runId, "worker-2");
    assert.deepEqual(again, { runId: started.runId, epoch: started.epoch + 1, lastSeq: 2 });
    assert.equal((await world.store.run(started.runId))?.deaths, 0);
  },
});

export const waking: Aspect = aspect("wake", {
  "a waiting run that is woken is queued, with the record of why": async (world) => {
    const started = await world.start();
    await world.park(started, "event", null);
    const record = world.sealed("woken", { kind: "wait", type: "wait" });
    const result = await world.store.command({ runId: started.runId, command: { do: "wake" }, record });
    assert.deepEqual(result, { ok: true });
    const [claimed] = await world.claim();
    assert.deepEqual(
      claimed?.records.map(({ name }) => name),
      ["ticket.created", "woken"],
    );
  },

  "waking what does not wait is refused and records nothing": async (world) => {
    const started = await world.start();
    const wake = { runId: started.runId, command: { do: "wake" }, record: world.sealed("woken") } as const;
    assert.deepEqual(await world.store.command(wake), { ok: false, refusal: "not_waiting" });
    assert.deepEqual(await world.store.command({ ...wake, runId: "run_no" }), { ok: false, refusal: "unknown_run" });
    assert.equal((await world.store.load(started.runId))?.records.length, 1);
  },

  "the next due moment is the earliest wake or end of a lease": async (world) => {
    const { clock, store } = world;
    await store.abandon({ exceptWorker: "nobody" });
    const sleeper = await world.start();
    await world.park(sleeper, "sleep", clock.now() + 60_000);
    const held = await world.start();
    assert.equal(await store.nextDue(), clock.now() + LEASE_MS);
    await world.move(held, { do: "complete", disposition: "applied" });
    assert.equal(await store.nextDue(), clock.now() + 60_000);
    await store.command({ runId: sleeper.runId, command: { do: "cancel" }, record: null });
    assert.equal(await store.nextDue(), null);
  },

  "two thousand runs that are due at once are all claimed, each once": async (world) => {
    const { clock, store } = world;
    const events = Array.from({ length: 2_000 }, () => world.event());
    await store.accept(events);
    const wakeAt = clock.now() + 1_000;
    for (const { run } of await world.claim(2_000)) {
      const command = { do: "park", wait: "sleep", wakeAt, seenSeq: 1 } as const;
      void store.commit({ runId: run.runId, epoch: run.epoch, records: [], command });
    }
    assert.deepEqual(await world.claim(), []);
    clock.advance(1_000);
    const seen = new Set<string>();
    for (let turn = 0; turn < 20; turn++) for (const { run } of await world.claim(200)) seen.add(run.runId);
    assert.equal(seen.size, 2_000);
  },
});

export const earlyAnswers: Aspect = aspect("early answer", {
  "an answer before the run has parked is kept, and the park sends it back to the queue": async (world) => {
    const started = await world.start();
    const review = world.newReview();
    const asked = await world.store.commit({ ...started, records: [world.sealed("ask")], reviews: [review] });
    assert.ok(asked.ok);
    const records = [world.sealed("answer", { kind: "review", type: "review" })];
    const expectedNextSeq = asked.lastSeq + 1;
    const answered = { reviewId: review.reviewId, by: "ann", action: "approve", records, expectedNextSeq } as const;
    assert.equal((await world.store.answer(answered)).ok, true);
    assert.equal((await world.store.run(started.runId))?.status, "running");
    const command = { do: "park", wait: "review", wakeAt: null, seenSeq: asked.lastSeq } as const;
    const parked = await world.store.commit({ ...started, records: [], command });
    assert.deepEqual(parked, { ok: true, lastSeq: 3, status: "queued" });
    const [claimed] = await world.claim();
    assert.deepEqual(
      claimed?.records.map(({ name }) => name),
      ["ticket.created", "ask", "answer"],
    );
  },

  "an answer before the park is seen even where the park brings records of its own": async (world) => {
    const started = await world.start();
    const review = world.newReview();
    await world.store.commit({ ...started, records: [world.sealed("ask")], reviews: [review] });
    const records = [world.sealed("answer", { kind: "review", type: "review" })];
    await world.store.answer({ reviewId: review.reviewId, by: "a", action: "approve", records, expectedNextSeq: 3 });
    const command = { do: "park", wait: "review", wakeAt: null, seenSeq: 2 } as const;
    const parked = await world.store.commit({ ...started, records: [world.sealed("last")], command });
    assert.deepEqual(parked, { ok: true, lastSeq: 4, status: "queued" });
  },

  "an expiry does not overwrite an answer that came first": async (world) => {
    const waiting = await world.waitingForReview({ expiresAt: world.clock.now() + 1_000 });
    world.clock.advance(1_000);
    const held = await world.resume(waiting.runId);
    const records = [world.sealed("answer", { kind: "review", type: "review" })];
    const { reviewId, lastSeq } = waiting;
    await world.store.answer({ reviewId, by: "a", action: "approve", records, expectedNextSeq: lastSeq + 1 });
    const expired = {
      ...held,
      records: [world.sealed("expired")],
      reviewChanges: [{ reviewId, to: "expired" as const }],
    };
    assert.deepEqual(await world.store.commit(expired), { ok: false, why: "stale" });
    assert.equal((await world.store.review(reviewId))?.status, "answered");
    assert.equal((await world.store.load(waiting.runId))?.records.length, 3);
  },
});

export const cancelling: Aspect = aspect("cancel and redrive", {
  "a cancelled run ends, fences its worker and withdraws its reviews": async (world) => {
    const started = await world.start();
    const review = world.newReview();
    await world.store.commit({ ...started, records: [], reviews: [review] });
    const record = world.sealed("cancelled", { kind: "override", type: "override" });
    const result = await world.store.command({ runId: started.runId, command: { do: "cancel" }, record });
    assert.deepEqual(result, { ok: true });
    const loaded = await world.store.load(started.runId);
    assert.equal(loaded?.run.status, "cancelled");
    assert.equal(loaded?.run.endedAt, world.clock.now());
    assert.equal(loaded?.records.at(-1)?.name, "cancelled");
    assert.equal((await world.store.review(review.reviewId))?.status, "withdrawn");
    assert.deepEqual(await world.store.commit({ ...started, records: [] }), { ok: false, why: "fenced" });
    assert.deepEqual(await world.store.renew([started], LEASE_MS), [started.runId]);
  },

  "queued and waiting runs can be cancelled, ended ones cannot": async (world) => {
    const waiting = await world.waitingForReview();
    const queued = await world.submit();
    for (const runId of [queued, waiting.runId]) {
      const cancel = { runId, command: { do: "cancel" }, record: world.sealed("cancelled") } as const;
      assert.deepEqual(await world.store.command(cancel), { ok: true });
      assert.deepEqual(await world.store.command(cancel), { ok: false, refusal: "ended" });
    }
    assert.deepEqual(await world.claim(), []);
    assert.equal((await world.store.load(queued))?.records.length, 2);
  },

  "a redriven dead run is queued without its failure, and can end another way": async (world) => {
    const started = await world.start();
    const failure = { class: "bug", code: "threw", message: "x is undefined", step: null } as const;
    const fingerprint = world.name("fingerprint");
    await world.store.commit({ ...started, records: [], command: { do: "die", failure }, fingerprint });
    const redrive = { runId: started.runId, command: { do: "redrive" }, record: world.sealed("redriven") } as const;
    assert.deepEqual(await world.store.command(redrive), { ok: true });
    const run = await world.store.run(started.runId);
    assert.deepEqual([run?.status, run?.failure, run?.fingerprint, run?.endedAt], ["queued", null, null, null]);
    assert.deepEqual((await world.store.list({ fingerprint }, { limit: 1 })).items, []);
    const again = await world.resume(started.runId);
    await world.move(again, { do: "complete", disposition: "applied" });
    assert.deepEqual(await world.store.command(redrive), { ok: false, refusal: "not_dead" });
  },

  "many dead runs are redriven at once, while others come in and die": async (world) => {
    const dead: Started[] = [];
    while (dead.length < 40) dead.push(await world.start());
    const failure = {
      class: "timeout",
      code: "model_timeout",
      message: "No answer came in time.",
      step: null,
    } as const;
    for (const started of dead) await world.move(started, { do: "die", failure });
    const last = await world.start();
    const redriven = dead.flatMap(({ runId }) => [
      world.submit(),
      world.store.command({ runId, command: { do: "redrive" }, record: world.sealed("redriven") }),
    ]);
    const results = await Promise.all([world.move(last, { do: "die", failure }), ...redriven]);
    assert.equal(results.filter((one) => typeof one === "object" && one.ok).length, dead.length);
    const { items } = await world.store.list({ status: "queued", workflow: world.workflow }, { limit: 100 });
    assert.equal(items.length, dead.length * 2);
  },
});
