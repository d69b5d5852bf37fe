import { describe, expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { Workflow } from "../../src/index.ts";
import { newId } from "../../src/base/id.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import type { FrozenClock } from "../../src/testing/frozen-clock.ts";
import { CHAIN_KEY, KIM, LEE, World } from "./world.ts";

const HOUR = 3_600_000;
const ACCOUNT = { category: "account", urgency: "low", confidence: 0.5 };
const APPROVE = { action: "approve" } as const;

function reviewed(expiresIn: string, deadline = "30d"): Workflow {
  const options = { on: event("ticket.created"), deadline, prompts: { classify: "classifier" } };
  return workflow("flow", options, async (received, ctx) => {
    await ctx.prompt("classify", received);
    return ctx.decide(await ctx.review("look", { of: "classify", expiresIn }));
  });
}

interface Asked {
  world: World;
  clock: FrozenClock;
  runId: string;
  reviewId: string;
}

/** A run that waits for a review. */
async function asked(expiresIn = "1h", deadline?: string): Promise<Asked> {
  const clock = frozenClock();
  const world = await World.open({ workflows: reviewed(expiresIn, deadline), script: () => ACCOUNT, clock });
  const runId = await world.submit();
  const { reviewId } = await world.review(runId);
  return { world, clock, runId, reviewId };
}

/** The same once the first expiry is over. */
async function escalated(): Promise<Asked> {
  const given = await asked();
  const { world, clock, runId } = given;
  clock.advance(HOUR);
  await world.poke();
  await world.until(
    runId,
    "The escalation",
    ({ wakeAt, status }) => status === "waiting" && wakeAt === clock.now() + HOUR,
  );
  return given;
}

const reviewOf = async ({ world, reviewId }: Asked) => (await world.sluice.review(reviewId, KIM))?.review;

describe("a review that nobody answers", () => {
  test("is escalated at its first expiry, which is on record, and stays in the queue", async () => {
    const given = await escalated();
    const { world, clock, runId, reviewId } = given;
    expect(await reviewOf(given)).toMatchObject({
      status: "open",
      escalatedAt: clock.now(),
      expiresAt: clock.now() + HOUR,
    });
    const { items } = await world.sluice.listReviews({ status: "open" }, { limit: 5 });
    expect(items.map((review) => review.reviewId)).toEqual([reviewId]);
    expect(await world.steps(runId, "look")).toMatchObject([
      { status: "waiting", detail: { escalated: false } },
      { status: "waiting", detail: { escalated: true, expiresAt: clock.now() + HOUR } },
    ]);
  });

  test("stops its run at the second, and nothing is asked any more", async () => {
    const given = await escalated();
    const { world, clock, runId, reviewId } = given;
    clock.advance(HOUR - 1);
    await world.poke();
    expect(await world.run(runId)).toMatchObject({ status: "waiting" });
    clock.advance(1);
    await world.poke();
    const failure = { class: "timeout", code: "review_expired", step: "look" };
    expect(await world.ended(runId)).toMatchObject({
      status: "stopped",
      disposition: "stopped",
      failure,
      decision: null,
    });
    expect(await reviewOf(given)).toMatchObject({ status: "expired" });
    expect(await world.sluice.decideReview(reviewId, APPROVE, KIM)).toMatchObject({ ok: false, code: "ended" });
  });

  test("ends with its run where the deadline is nearer than the expiry", async () => {
    const given = await asked("4h", "2h");
    const { world, clock, runId } = given;
    clock.advance(2 * HOUR);
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { code: "deadline" } });
    expect(await reviewOf(given)).toMatchObject({ status: "withdrawn" });
  });

  test("does not stop a run that another review or step still works for, before its time", async () => {
    const clock = frozenClock();
    const options = { on: event("ticket.created"), deadline: "30d", prompts: { classify: "classifier" } };
    const both = workflow("flow", options, async (received, ctx) => {
      await ctx.prompt("classify", received);
      const long = ctx.review("long", { of: "classify", expiresIn: "5h" });
      await Promise.all([ctx.review("short", { of: "classify", expiresIn: "1h" }), long]);
      return ctx.decide({ both: true });
    });
    const world = await World.open({ workflows: both, script: () => ACCOUNT, clock });
    const runId = await world.submit();
    await world.waiting(runId, "review");
    const { items } = await world.sluice.listReviews({ runId }, { limit: 5 });
    const idOf = (step: string): string => items.find((review) => review.step === step)?.reviewId as string;
    clock.advance(HOUR);
    await world.poke();
    await world.until(
      runId,
      "The escalation",
      ({ wakeAt, status }) => status === "waiting" && wakeAt === clock.now() + HOUR,
    );
    await world.sluice.decideReview(idOf("short"), APPROVE, KIM);
    await world.waiting(runId, "review");
    clock.advance(3 * HOUR);
    await world.sluice.decideReview(idOf("long"), APPROVE, KIM);
    expect(await world.ended(runId)).toMatchObject({ status: "completed" });
  });
});

describe("an answer", () => {
  test("between the two expiries counts", async () => {
    const { world, runId, reviewId } = await escalated();
    expect(await world.sluice.decideReview(reviewId, APPROVE, LEE)).toMatchObject({ ok: true });
    expect(await world.ended(runId)).toMatchObject({ status: "completed", disposition: "reviewed", decision: ACCOUNT });
  });

  test("after the time is over counts as long as the run has not been stopped", async () => {
    const { world, clock, runId, reviewId } = await escalated();
    clock.advance(2 * HOUR);
    const [answer] = await Promise.all([world.sluice.decideReview(reviewId, APPROVE, LEE), world.poke()]);
    const run = await world.ended(runId);
    // One of the two, never both: the store decides.
    expect(run.status).toBe(answer.ok ? "completed" : "stopped");
  });

  test("counts after a restart on either side of the escalation", async () => {
    const { world, clock, runId, reviewId } = await asked();
    await world.sluice.close(0);
    clock.advance(HOUR);
    await world.restart();
    await world.until(
      runId,
      "The escalation",
      ({ wakeAt, status }) => status === "waiting" && wakeAt === clock.now() + HOUR,
    );
    await world.restart();
    expect(await world.sluice.decideReview(reviewId, APPROVE, LEE)).toMatchObject({ ok: true });
    expect(await world.ended(runId)).toMatchObject({ status: "completed" });
  });
});

test("a process that died between a review's expiry and its run's stop leaves a run that stops", async () => {
  const given = await escalated();
  const { world, clock, runId, reviewId } = given;
  await world.sluice.close(0);
  clock.advance(HOUR);
  const store = await openSqliteStore({ dataDir: world.sluice.project.config.dataDir, chainKey: CHAIN_KEY, clock });
  const workflows = [{ name: "flow", limit: null }];
  const [claimed] = await store.claim({ worker: newId("wrk"), leaseMs: 1_000, limit: 1, workflows });
  await store.commit({
    runId,
    epoch: claimed?.run.epoch ?? 0,
    records: [],
    reviewChanges: [{ reviewId, to: "expired" }],
  });
  await store.close();
  await world.restart();
  expect(await world.ended(runId)).toMatchObject({ status: "stopped", failure: { code: "review_expired" } });
});
