import { describe, expect, test } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { Peer, post } from "./peer.ts";
import { KIM, LEE, World, gate } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
interface Output {
  category: string;
  urgency: string;
  confidence: number;
}
const on = event("ticket.created");
const BILLING = { category: "billing", urgency: "high", confidence: 0.4 };
const ACCOUNT = { category: "account", urgency: "low", confidence: 0.4 };
const correct = (correctedOutput: Json): { action: "correct"; correctedOutput: Json; correctionReason: string } => ({
  action: "correct",
  correctedOutput,
  correctionReason: "read the ticket",
});

/** Classify, ask a person below 0.75, escalate what is urgent billing. */
async function triage(
  output: object,
  over: { kind?: string; rule?: boolean } = {},
): Promise<{ world: World; peer: Peer }> {
  const peer = await Peer.start();
  const escalate = post(peer, "escalate", { kind: over.kind ?? "external_message" });
  const run = async (ctx: Ctx, received: unknown): Promise<unknown> => {
    const result = (await ctx.prompt("classify", received)) as unknown as Output;
    if (over.rule === true) await ctx.rule("known", result.category !== "other", { message: "Nobody handles it." });
    const final = (
      result.confidence < 0.75 ? await ctx.review("low confidence", { of: "classify", team: "support" }) : result
    ) as Output;
    if (final.category === "billing" && final.urgency === "high")
      await ctx.tool("escalate", escalate, { text: final.category });
    return ctx.decide({ ...final });
  };
  const options = { on, deadline: "24h", prompts: { classify: "classifier" }, tools: { escalate } };
  const workflows = workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
  return { peer, world: await World.open({ workflows, script: [output] as never }) };
}

describe("a correction", () => {
  test("of billing/high to account/low withdraws the proposed escalation", async () => {
    const { world, peer } = await triage(BILLING);
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    expect((await world.sluice.review(reviewId, KIM))?.outcome).toMatchObject({
      decision: BILLING,
      writes: [{ step: "escalate", payload: { text: "billing" } }],
    });
    const preview = await world.sluice.previewReview(reviewId, correct(ACCOUNT), KIM);
    expect(preview).toMatchObject({
      ok: true,
      outcome: { decision: ACCOUNT, writes: [], withdrawn: [{ step: "escalate", payload: { text: "billing" } }] },
    });
    await world.sluice.decideReview(reviewId, correct(ACCOUNT), KIM, preview.ok ? preview.outcome?.hash : undefined);
    expect(await world.ended(runId)).toMatchObject({ disposition: "reviewed", decision: ACCOUNT });
    expect(peer.received).toEqual([]);
    expect(world.model.requests).toHaveLength(1);
  });

  test("the other way round proposes the escalation, and the same answer approves it", async () => {
    const { world, peer } = await triage(ACCOUNT);
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    const preview = await world.sluice.previewReview(reviewId, correct(BILLING), KIM);
    expect(preview).toMatchObject({ outcome: { decision: BILLING, writes: [{ step: "escalate" }], withdrawn: [] } });
    await world.sluice.decideReview(reviewId, correct(BILLING), KIM);
    expect((await world.ended(runId)).decision).toEqual(BILLING);
    expect(peer.received.map(({ body }) => body)).toEqual([{ text: "billing" }]);
  });

  test("of a decision that proposed its write already withdraws it as well", async () => {
    const { world, peer } = await triage({ ...BILLING, confidence: 0.9 });
    const runId = await world.submit();
    const review = await world.review(runId);
    expect(review.why).toBe("writes");
    const preview = await world.sluice.previewReview(review.reviewId, correct({ ...ACCOUNT, confidence: 0.9 }), KIM);
    expect(preview).toMatchObject({ outcome: { writes: [], withdrawn: [{ step: "escalate" }] } });
    await world.sluice.decideReview(review.reviewId, correct({ ...ACCOUNT, confidence: 0.9 }), KIM);
    expect((await world.ended(runId)).decision).toMatchObject({ category: "account" });
    expect(peer.received).toEqual([]);
  });

  test("off the schema is refused with pointers, and the review stays open", async () => {
    const { world } = await triage(BILLING);
    const { reviewId } = await world.review(await world.submit());
    for (const [output, pointer] of [
      [{ ...ACCOUNT, category: "refund" }, "/category"],
      [{ ...ACCOUNT, extra: 1 }, "/extra"],
      [{ category: "account" }, "/urgency"],
    ] as [Json, string][]) {
      const answer = await world.sluice.decideReview(reviewId, correct(output), KIM);
      expect(answer).toMatchObject({ ok: false, code: "invalid_correction" });
      expect(answer.ok ? [] : answer.errors.map((error) => error.pointer)).toContain(pointer);
    }
    expect((await world.sluice.review(reviewId, KIM))?.review.status).toBe("open");
  });

  test("is on record with both outputs, the reason and the person", async () => {
    const { world } = await triage(BILLING);
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    await world.sluice.decideReview(reviewId, correct(ACCOUNT), KIM);
    await world.ended(runId);
    expect((await world.trace(runId)).find(({ type }) => type === "override")).toMatchObject({
      name: "classify",
      output: ACCOUNT,
      detail: { original_output: BILLING, correction_reason: "read the ticket", reviewer_id: "kim" },
    });
  });
});

describe("a rule that does not hold", () => {
  const OTHER = { category: "other", urgency: "low", confidence: 0.9 };

  test("runs again over the corrected output", async () => {
    const { world } = await triage(OTHER, { rule: true });
    const runId = await world.submit();
    const review = await world.review(runId);
    expect(review).toMatchObject({ why: "rule_failed", reason: "Nobody handles it.", of: "classify" });
    await world.sluice.decideReview(review.reviewId, correct({ ...ACCOUNT, confidence: 0.9 }), KIM);
    expect((await world.ended(runId)).decision).toMatchObject({ category: "account" });
    expect((await world.steps(runId, "known")).map(({ status }) => status)).toEqual(["error", "success"]);
  });

  test("fails again where the correction does not help", async () => {
    const { world } = await triage(OTHER, { rule: true });
    const runId = await world.submit();
    const first = await world.review(runId);
    await world.sluice.decideReview(first.reviewId, correct({ ...OTHER, urgency: "high" }), KIM);
    const second = await world.until(runId, "A second review", (run) => run.wait === "review" && run.nextSeq > 9);
    expect(second.status).toBe("waiting");
    const review = await world.review(runId);
    expect(review.reviewId).not.toBe(first.reviewId);
    expect(review.why).toBe("rule_failed");
  });

  test.each([undefined, "", "  \n"])("is not overridden for the reason %j; a look ahead needs none", async (reason) => {
    const { world } = await triage(OTHER, { rule: true });
    const { reviewId } = await world.review(await world.submit());
    const approve = { action: "approve", ...(reason === undefined ? {} : { correctionReason: reason }) } as const;
    expect(await world.sluice.review(reviewId, KIM)).toMatchObject({ approval: "needs_reason", proposal: OTHER });
    expect(await world.sluice.previewReview(reviewId, approve, KIM)).toMatchObject({ outcome: { decision: OTHER } });
    expect(await world.sluice.decideReview(reviewId, approve, KIM)).toMatchObject({
      code: "reason_required",
      message: expect.stringContaining('"known"') as string,
      errors: [{ pointer: "/correction_reason" }],
      review: { status: "open" },
    });
    expect(await world.sluice.decideReview(reviewId, { action: "reject" }, KIM)).toMatchObject({ ok: true });
  });

  test("can be overridden with a reason, which is on record", async () => {
    const { world } = await triage(OTHER, { rule: true });
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    const approve = { action: "approve", correctionReason: "sales takes it" } as const;
    expect(await world.sluice.decideReview(reviewId, approve, KIM)).toMatchObject({ ok: true });
    expect(await world.ended(runId)).toMatchObject({ disposition: "reviewed", decision: OTHER });
    expect((await world.steps(runId, "known")).at(-1)).toMatchObject({ detail: { holds: false, overridden: true } });
    expect((await world.steps(runId, "@review:known")).at(-1)).toMatchObject({
      detail: { by: "kim", action: "approve", reason: "sales takes it" },
    });
  });
});

describe("a review that is over", () => {
  test("shows who corrected it, when, why, and both outputs", async () => {
    const { world } = await triage(BILLING);
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    expect((await world.sluice.review(reviewId, KIM))?.answer).toBeNull();
    const answer = await world.sluice.decideReview(reviewId, correct(ACCOUNT), KIM);
    expect(answer).toMatchObject({ original: BILLING });
    await world.ended(runId);
    expect(await world.sluice.review(reviewId, LEE)).toMatchObject({
      proposal: BILLING,
      outcome: null,
      approval: "impossible",
      answer: {
        action: "correct",
        by: "kim",
        at: answer.ok ? answer.review.answeredAt : "unanswered",
        reason: "read the ticket",
        correction: { original: BILLING, corrected: ACCOUNT },
      },
    });
  });

  test("shows an approval without a reason, and a rejection with one, redacted", async () => {
    const { world } = await triage(ACCOUNT);
    await world.restart({ script: () => ACCOUNT });
    const [first, second] = [await world.submit(), await world.submit()];
    const [one, two] = [(await world.review(first)).reviewId, (await world.review(second)).reviewId];
    await world.sluice.decideReview(one, { action: "approve" }, KIM);
    const reason = 'It says "Charged twice." and no more.';
    await world.sluice.decideReview(two, { action: "reject", correctionReason: reason }, LEE);
    expect((await world.sluice.review(one, KIM))?.answer).toMatchObject({
      action: "approve",
      by: "kim",
      reason: null,
      correction: null,
    });
    expect((await world.sluice.review(two, KIM))?.answer).toMatchObject({
      action: "reject",
      by: "lee",
      reason: expect.stringMatching(/^It says "\[redacted:[^\]]+\]" and no more\.$/) as string,
    });
  });
});

describe("answers", () => {
  test("given before the run has parked are kept and found", async () => {
    const held = gate();
    const asked = gate();
    const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (received, ctx) => {
      await ctx.prompt("classify", received);
      const [seen, worked] = await Promise.all([
        ctx.review("look", { of: "classify" }),
        ctx.run("work", () => (asked.open(), held.opened.then(() => "worked"))),
      ]);
      return ctx.decide({ seen: seen as never, worked });
    });
    const world = await World.open({ workflows, script: [ACCOUNT] });
    const runId = await world.submit();
    await asked.opened;
    let reviewId: string | undefined;
    while (reviewId === undefined)
      reviewId = (await world.sluice.listReviews({ runId }, { limit: 1 })).items[0]?.reviewId;
    expect((await world.run(runId)).status).toBe("running");
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, KIM)).toMatchObject({ ok: true });
    held.open();
    expect((await world.ended(runId)).decision).toEqual({ seen: ACCOUNT, worked: "worked" });
  });

  test("given twice count once, and the second person is told whose did", async () => {
    const { world } = await triage(ACCOUNT);
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    const answers = await Promise.all([
      world.sluice.decideReview(reviewId, { action: "approve" }, KIM),
      world.sluice.decideReview(reviewId, { action: "reject" }, LEE),
    ]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const run = await world.ended(runId);
    expect(run.disposition).toBe(answers[0]?.ok ? "reviewed" : "rejected");
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, LEE)).toMatchObject({
      ok: false,
      code: "ended",
      message: expect.stringMatching(/(kim|lee) has answered/) as string,
    });
  });

  test("are taken only from the reviewer who has claimed it, until the claim lapses", async () => {
    const clock = frozenClock();
    const { world } = await triage(ACCOUNT);
    await world.restart({ clock });
    const { reviewId } = await world.review(await world.submit());
    expect(await world.sluice.claimReview(reviewId, KIM)).toMatchObject({ ok: true, review: { claimedBy: "kim" } });
    expect(await world.sluice.claimReview(reviewId, LEE)).toMatchObject({ ok: false, code: "held_by_another" });
    const answer = { action: "approve" } as const;
    expect(await world.sluice.decideReview(reviewId, answer, LEE)).toMatchObject({ code: "held_by_another" });
    clock.advance(15 * 60_000);
    expect(await world.sluice.decideReview(reviewId, answer, LEE)).toMatchObject({ ok: true });
  });

  test("that were given on another outcome than the present one are refused", async () => {
    const { world } = await triage(ACCOUNT);
    const { reviewId } = await world.review(await world.submit());
    const other = await world.sluice.previewReview(reviewId, correct(BILLING), KIM);
    const seen = other.ok ? other.outcome?.hash : undefined;
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, KIM, seen)).toMatchObject({
      code: "outcome_changed",
    });
  });

  test("that come too late find the review escalated, then expired, and the run stopped", async () => {
    const clock = frozenClock();
    const workflows = workflow("flow", { on, deadline: "24h", prompts: { classify: "classifier" } }, async (e, ctx) => {
      await ctx.prompt("classify", e);
      await ctx.review("look", { of: "classify", expiresIn: "1h" });
      return ctx.decide({});
    });
    const world = await World.open({ workflows, script: [ACCOUNT], clock });
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    clock.advance(3_600_000);
    await world.poke();
    const second = clock.now() + 3_600_000;
    await world.until(runId, "The second expiry", ({ wakeAt, status }) => status === "waiting" && wakeAt === second);
    expect((await world.sluice.review(reviewId, KIM))?.review).toMatchObject({
      status: "open",
      escalatedAt: clock.now(),
    });
    clock.advance(3_600_000);
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({ status: "stopped", failure: { code: "review_expired" } });
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, KIM)).toMatchObject({
      code: "ended",
      message: expect.stringMatching(/expired/) as string,
    });
  });

  test("of a model that says null can be approved", async () => {
    const files = {
      "prompts/classifier/1.json": JSON.stringify({
        name: "classifier",
        version: "1",
        owner: "tests",
        model: "scripted/one",
        inputs: ["ticket.id"],
        output_schema: { enum: [null, "x"] },
      }),
    };
    const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (received, ctx) => {
      await ctx.prompt("classify", received);
      return ctx.decide({ value: (await ctx.review("look", { of: "classify" })) as never });
    });
    const world = await World.open({ workflows, script: ["null"], files });
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    expect(await world.sluice.review(reviewId, KIM)).toMatchObject({ approval: "possible", draft: null });
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, KIM)).toMatchObject({ ok: true });
    expect((await world.ended(runId)).decision).toEqual({ value: null });
  });

  test.each([false, 0, "", null])("of %j are answers like any other", async (value) => {
    const files = {
      "prompts/classifier/1.json": JSON.stringify({
        name: "classifier",
        version: "1",
        owner: "tests",
        model: "scripted/one",
        inputs: ["ticket.id"],
        output_schema: { enum: [false, 0, "", null, "x"] },
      }),
    };
    const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (received, ctx) => {
      await ctx.prompt("classify", received);
      return ctx.decide({ value: (await ctx.review("look", { of: "classify" })) as never });
    });
    const world = await World.open({ workflows, script: ['"x"'], files });
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    expect(await world.sluice.decideReview(reviewId, correct(value), KIM)).toMatchObject({ ok: true });
    expect((await world.ended(runId)).decision).toEqual({ value });
  });
});
