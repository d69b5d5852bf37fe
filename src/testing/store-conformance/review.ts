import assert from "node:assert/strict";
import type { ReviewFilter } from "../../review/ports.ts";
import { aspect, type Aspect, type World } from "./world.ts";

async function answer(world: World, waiting: { reviewId: string; lastSeq: number }, by = "ann"): Promise<unknown> {
  const records = [world.sealed("answer", { kind: "review", type: "review" })];
  const expectedNextSeq = waiting.lastSeq + 1;
  const result = await world.store.answer({ ...waiting, by, action: "correct", records, expectedNextSeq });
  return result.ok ? "ok" : result.why;
}

async function idsOf(world: World, filter: ReviewFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await world.store.reviews(filter, typeof cursor === "string" ? { limit, cursor } : { limit });
    ids.push(...page.items.map(({ reviewId }) => reviewId));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

export const reviewing: Aspect = aspect("reviews", {
  "a review opened with a commit is in the queue with all it was opened with": async (world) => {
    const started = await world.start();
    const opened = world.newReview({ priority: 2, expiresAt: world.clock.now() + 5, key: "k", team: null, of: null });
    await world.store.commit({ ...started, records: [], reviews: [opened] });
    assert.deepEqual(await world.store.review(opened.reviewId), {
      ...opened,
      runId: started.runId,
      status: "open",
      escalatedAt: null,
      claimedBy: null,
      claimUntil: null,
      answeredBy: null,
      answeredAt: null,
      action: null,
    });
    assert.equal(await world.store.review("rev_unknown"), null);
  },

  "how runs stand says who of them a person was asked about, and leaves out what is not there": async (world) => {
    const waiting = await world.waitingForReview();
    const queued = await world.submit();
    const found = await world.store.standings([queued, "run_unknown", waiting.runId]);
    const { workflow } = world;
    assert.deepEqual(
      found.toSorted((a, b) => Number(b.asked) - Number(a.asked)),
      [
        { runId: waiting.runId, workflow, status: "waiting", asked: true },
        { runId: queued, workflow, status: "queued", asked: false },
      ],
    );
    assert.deepEqual(await world.store.standings([]), []);
  },

  "an answer is recorded, ends the review and queues the run, together": async (world) => {
    const waiting = await world.waitingForReview();
    world.clock.advance(9);
    assert.equal(await answer(world, waiting), "ok");
    const review = await world.store.review(waiting.reviewId);
    assert.deepEqual([review?.status, review?.answeredBy, review?.action], ["answered", "ann", "correct"]);
    assert.equal(review?.answeredAt, world.clock.now());
    const [claimed] = await world.claim();
    assert.equal(claimed?.run.runId, waiting.runId);
    assert.equal(claimed?.records.at(-1)?.name, "answer");
  },

  "of two answers the first one counts": async (world) => {
    const waiting = await world.waitingForReview();
    const results = await Promise.all([answer(world, waiting, "ann"), answer(world, waiting, "bob")]);
    assert.deepEqual(results, ["ok", "ended"]);
    assert.equal((await world.store.review(waiting.reviewId))?.answeredBy, "ann");
    assert.equal((await world.store.load(waiting.runId))?.records.length, 3);
  },

  "an answer to a run that went on since the preview is stale": async (world) => {
    const waiting = await world.waitingForReview();
    const early = { ...waiting, lastSeq: waiting.lastSeq - 1 };
    assert.equal(await answer(world, early), "stale");
    assert.equal((await world.store.review(waiting.reviewId))?.status, "open");
    assert.equal(await answer(world, waiting), "ok");
  },

  "an answer to a review that nobody asked is refused": async (world) => {
    assert.equal(await answer(world, { reviewId: "rev_unknown", lastSeq: 1 }), "unknown");
  },

  "a claim shuts others out until it lapses": async (world) => {
    const waiting = await world.waitingForReview();
    const claim = async (by: string): Promise<unknown> => {
      const result = await world.store.claimReview(waiting.reviewId, by, 1_000);
      return result.ok ? [result.review.claimedBy, result.review.claimUntil] : result.why;
    };
    assert.deepEqual(await claim("ann"), ["ann", world.clock.now() + 1_000]);
    assert.equal(await claim("bob"), "held");
    assert.equal(await answer(world, waiting, "bob"), "held");
    world.clock.advance(500);
    assert.deepEqual(await claim("ann"), ["ann", world.clock.now() + 1_000]);
    world.clock.advance(1_000);
    assert.deepEqual(await claim("bob"), ["bob", world.clock.now() + 1_000]);
    assert.equal(await answer(world, waiting, "ann"), "held");
    assert.equal(await answer(world, waiting, "bob"), "ok");
  },

  "only the holder gives a claim back": async (world) => {
    const { reviewId } = await world.waitingForReview();
    await world.store.claimReview(reviewId, "ann", 1_000);
    const other = await world.store.unclaimReview(reviewId, "bob");
    assert.equal(other.ok, false);
    const own = await world.store.unclaimReview(reviewId, "ann");
    assert.deepEqual(own.ok && own.review.claimedBy, null);
    assert.equal((await world.store.claimReview(reviewId, "bob", 1_000)).ok, true);
  },

  "an answered review can no longer be claimed, given back or answered": async (world) => {
    const waiting = await world.waitingForReview();
    await answer(world, waiting);
    for (const result of [
      await world.store.claimReview(waiting.reviewId, "bob", 1),
      await world.store.unclaimReview(waiting.reviewId, "ann"),
    ])
      assert.equal(!result.ok && result.why, "ended");
    assert.equal(await answer(world, waiting), "ended");
  },

  "escalating keeps a review open with a new expiry, expiring ends it": async (world) => {
    const { store, clock } = world;
    const started = await world.start();
    const [first, second] = [world.newReview(), world.newReview()];
    await store.commit({ ...started, records: [], reviews: [first, second] });
    clock.advance(10);
    const expiresAt = clock.now() + 100;
    const reviewChanges = [
      { reviewId: first.reviewId, to: "escalated" as const, expiresAt },
      { reviewId: second.reviewId, to: "expired" as const },
    ];
    assert.equal((await store.commit({ ...started, records: [], reviewChanges })).ok, true);
    const escalated = await store.review(first.reviewId);
    assert.deepEqual(
      [escalated?.status, escalated?.escalatedAt, escalated?.expiresAt],
      ["open", clock.now(), expiresAt],
    );
    assert.equal((await store.review(second.reviewId))?.status, "expired");
  },

  "a run cannot change the review of another": async (world) => {
    const waiting = await world.waitingForReview();
    const other = await world.start();
    const reviewChanges = [{ reviewId: waiting.reviewId, to: "withdrawn" as const }];
    assert.deepEqual(await world.store.commit({ ...other, records: [], reviewChanges }), { ok: false, why: "stale" });
    assert.equal((await world.store.review(waiting.reviewId))?.status, "open");
  },

  "a run that ends withdraws what it asked": async (world) => {
    const started = await world.start();
    const review = world.newReview();
    await world.store.commit({ ...started, records: [], reviews: [review] });
    await world.move(started, { do: "stop", disposition: "stopped", failure: null });
    assert.equal((await world.store.review(review.reviewId))?.status, "withdrawn");
    assert.equal(await answer(world, { reviewId: review.reviewId, lastSeq: 1 }), "ended");
  },

  "each view of sensitive fields is kept, of an ended review too, and changes nothing else": async (world) => {
    const { store, clock } = world;
    const [waiting, other] = [await world.waitingForReview(), await world.waitingForReview()];
    const before = await store.review(waiting.reviewId);
    assert.deepEqual(await store.reviewViews(waiting.reviewId), []);
    const first = { by: "ann", at: clock.now(), fields: ["ticket.body", "customer.email"] };
    await store.noteView(waiting.reviewId, first.by, first.fields);
    assert.deepEqual(await store.review(waiting.reviewId), before);
    assert.equal(await answer(world, waiting), "ok");
    clock.advance(5);
    const second = { by: "bob", at: clock.now(), fields: ["ticket.body"] };
    await store.noteView(waiting.reviewId, second.by, second.fields);
    assert.deepEqual(await store.reviewViews(waiting.reviewId), [first, second]);
    assert.deepEqual(await store.reviewViews(other.reviewId), []);
    await assert.rejects(store.noteView("rev_unknown", "ann", ["ticket.body"]), /rev_unknown/);
    assert.deepEqual(await store.reviewViews("rev_unknown"), []);
  },

  "the queue goes by priority, then age, in pages": async (world) => {
    const ask = async (priority: number): Promise<string> => {
      world.clock.advance(1);
      return (await world.waitingForReview({ priority })).reviewId;
    };
    const [low, old, young, high] = [await ask(-1), await ask(0), await ask(0), await ask(7)];
    for (const limit of [1, 3, 4])
      assert.deepEqual(await idsOf(world, { workflow: world.workflow }, limit), [high, old, young, low]);
  },

  "answered reviews are listed by their answer, the newest first, in pages": async (world) => {
    const asked = [];
    for (const priority of [0, 7, -1]) asked.push(await world.waitingForReview({ priority }));
    const answered = [];
    for (const at of [1, 2, 0]) {
      world.clock.advance(1);
      const review = asked[at] as (typeof asked)[number];
      await answer(world, review);
      answered.unshift(review.reviewId);
    }
    for (const limit of [1, 2, 5])
      assert.deepEqual(await idsOf(world, { workflow: world.workflow, status: "answered" }, limit), answered);
  },

  "reviews are found by status, team, run and holder": async (world) => {
    const { workflow } = world;
    const mine = await world.waitingForReview({ team: "billing" });
    const done = await world.waitingForReview();
    await answer(world, done);
    await world.store.claimReview(mine.reviewId, "ann", 1_000);
    const filters: [ReviewFilter, string[]][] = [
      [{ status: "open" }, [mine.reviewId]],
      [{ status: "answered" }, [done.reviewId]],
      [{ team: "billing" }, [mine.reviewId]],
      [{ runId: done.runId }, [done.reviewId]],
      [{ claimedBy: "ann" }, [mine.reviewId]],
      [{ claimedBy: "bob" }, []],
      [{ status: "open", runId: done.runId }, []],
    ];
    for (const [filter, expected] of filters)
      assert.deepEqual(await idsOf(world, { ...filter, workflow }, 1), expected);
  },
});
