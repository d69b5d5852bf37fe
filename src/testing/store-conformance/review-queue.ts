import assert from "node:assert/strict";
import type { NextReview } from "../../review/ports.ts";
import { aspect, type Aspect, type World } from "./world.ts";

const FOR_MS = 1_000;

async function ask(world: World, over: Parameters<World["newReview"]>[0] = {}): Promise<string> {
  world.clock.advance(1);
  return (await world.waitingForReview(over)).reviewId;
}

async function next(world: World, by: string, over: Partial<NextReview> = {}): Promise<string | undefined> {
  const { workflow } = world;
  const review = await world.store.claimNextReview({ workflow, by, forMs: FOR_MS, skip: [], ...over });
  if (review !== null) assert.deepEqual([review.claimedBy, review.claimUntil], [by, world.clock.now() + FOR_MS]);
  return review?.reviewId;
}

export const handingOut: Aspect = aspect("the next review", {
  "is the first in the queue's order that nobody holds": async (world) => {
    const [low, old, young, high] = [
      await ask(world, { priority: -1 }),
      await ask(world),
      await ask(world),
      await ask(world, { priority: 5 }),
    ];
    const got = [];
    for (const by of ["ann", "bob", "cid", "dan", "eve"]) got.push(await next(world, by));
    assert.deepEqual(got, [high, old, young, low, undefined]);
  },

  "is the one that a reviewer holds already, so that who comes back goes on": async (world) => {
    const [first, second] = [await ask(world), await ask(world)];
    assert.equal(await next(world, "ann"), first);
    world.clock.advance(FOR_MS / 2);
    assert.equal(await next(world, "ann"), first);
    assert.equal(await next(world, "bob"), second);
    assert.equal(await next(world, "ann", { skip: [first] }), undefined);
    world.clock.advance(FOR_MS / 2);
    // The second claim of hers moved its end.
    assert.equal(await next(world, "bob", { skip: [second] }), undefined);
    world.clock.advance(FOR_MS / 2);
    assert.equal(await next(world, "bob", { skip: [second] }), first);
  },

  "is never one that is skipped, answered or of another kind": async (world) => {
    const other = await ask(world, { team: "billing", why: "stage" });
    const answered = await world.waitingForReview();
    const { lastSeq, reviewId } = answered;
    const records = [world.sealed("answer", { kind: "review", type: "review" })];
    const given = { reviewId, by: "ann", action: "approve", records, expectedNextSeq: lastSeq + 1 } as const;
    assert.ok((await world.store.answer(given)).ok);
    assert.equal(await next(world, "ann", { team: "support" }), undefined);
    assert.equal(await next(world, "ann", { why: "low_confidence" }), undefined);
    assert.equal(await next(world, "ann", { workflow: "another" }), undefined);
    assert.equal(await next(world, "ann", { skip: [other] }), undefined);
    assert.equal(await next(world, "ann", { team: "billing", why: "stage" }), other);
  },

  "is never the same for two who ask at once": async (world) => {
    const reviews = Array.from({ length: 200 }, (_, n) => world.newReview({ priority: n % 3 }));
    await world.store.commit({ ...(await world.start()), records: [], reviews });
    const asked = reviews.map(({ reviewId }) => reviewId);
    const got: Record<string, string[]> = { ann: [], bob: [] };
    await Promise.all(
      ["ann", "bob"].map(async (by) => {
        const mine = got[by] as string[];
        for (;;) {
          const review = await next(world, by, { skip: mine });
          if (review === undefined) return;
          mine.push(review);
        }
      }),
    );
    const all = Object.values(got).flat();
    assert.equal(new Set(all).size, all.length);
    assert.deepEqual(all.toSorted(), asked.toSorted());
    assert.ok(Object.values(got).every((mine) => mine.length > 0));
  },
});

export const countingReviews: Aspect = aspect("counts of reviews", {
  "are of open reviews, and of those in somebody's hands": async (world) => {
    const { store, workflow } = world;
    const held = await ask(world);
    await ask(world, { team: null, why: "stage" });
    await ask(world, { team: "billing" });
    await ask(world, { team: "billing" });
    await world.store.claimReview(held, "ann", FOR_MS);
    const counts = await store.reviewCounts({ workflow }, "ann");
    assert.deepEqual([counts.open, counts.claimed, counts.mine], [4, 1, 1]);
    assert.deepEqual(
      counts.byTeam.toSorted((a, b) => b.count - a.count || String(a.value).localeCompare(String(b.value))),
      [
        { value: "billing", count: 2 },
        { value: null, count: 1 },
        { value: "support", count: 1 },
      ],
    );
    assert.deepEqual(counts.byWhy, [
      { value: "low_confidence", count: 3 },
      { value: "stage", count: 1 },
    ]);
    assert.deepEqual(
      counts.byWorkflow.filter(({ value }) => value === workflow),
      [{ value: workflow, count: 4 }],
    );
    const { open, claimed, mine } = await store.reviewCounts({ workflow }, "bob");
    assert.deepEqual([open, claimed, mine], [4, 1, 0]);
    world.clock.advance(FOR_MS);
    assert.equal((await store.reviewCounts({ workflow }, "ann")).claimed, 0);
  },

  "count each list under the filters but its own": async (world) => {
    const { store, workflow } = world;
    await ask(world, { team: "billing" });
    await ask(world, { team: "support", why: "stage" });
    const counts = await store.reviewCounts({ workflow, team: "billing" }, "ann");
    assert.equal(counts.open, 1);
    assert.deepEqual(counts.byWhy, [{ value: "low_confidence", count: 1 }]);
    assert.deepEqual(counts.byTeam.map(({ value }) => String(value)).toSorted(), ["billing", "support"]);
    assert.equal(counts.byWorkflow.find(({ value }) => value === workflow)?.count, 1);
    const none = await store.reviewCounts({ workflow, team: "billing", why: "stage" }, "ann");
    assert.deepEqual([none.open, none.byTeam], [0, [{ value: "support", count: 1 }]]);
  },
});
