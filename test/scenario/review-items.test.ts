import { describe, expect, test } from "vitest";
import type { Actor } from "../../src/app/sluice.ts";
import type { Json } from "../../src/base/json.ts";
import { event, workflow } from "../../src/index.ts";
import { Peer, post } from "./peer.ts";
import { KIM, LEE, World } from "./world.ts";

const on = event("ticket.created");
const BILLING = { category: "billing", urgency: "high", confidence: 0.4 };
const ACCOUNT = { category: "account", urgency: "low", confidence: 0.4 };
const correct = (correctedOutput: Json): { action: "correct"; correctedOutput: Json; correctionReason: string } => ({
  action: "correct",
  correctedOutput,
  correctionReason: "read the ticket",
});

describe("a review of an invalid answer", () => {
  const off = { category: "refund", urgency: "low", confidence: 0.9 };
  const asked = async (reply: string): Promise<{ world: World; reviewId: string; runId: string }> => {
    const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (received, ctx) =>
      ctx.decide((await ctx.prompt("classify", received)) as never),
    );
    const world = await World.open({ workflows, script: [reply, reply] });
    const runId = await world.submit();
    return { world, runId, reviewId: (await world.review(runId)).reviewId };
  };

  test.each([
    ["off the schema", JSON.stringify(off), off],
    ["in a code fence", `\`\`\`json\n${JSON.stringify(off)}\n\`\`\``, off],
    ["that is no JSON", "I cannot say.", null],
  ])("%s gives what can be read of it as a draft, and cannot be approved", async (_what, reply, draft) => {
    const { world, runId, reviewId } = await asked(reply);
    expect(await world.sluice.review(reviewId, KIM)).toMatchObject({
      draft,
      proposal: reply,
      confidence: null,
      approval: "impossible",
      outcome: null,
    });
    for (const act of ["previewReview", "decideReview"] as const)
      expect(await world.sluice[act](reviewId, { action: "approve", correctionReason: "x" }, KIM)).toMatchObject({
        code: "nothing_to_approve",
        errors: [{ pointer: "/action" }],
      });
    expect(await world.sluice.decideReview(reviewId, correct(off), KIM)).toMatchObject({ code: "invalid_correction" });
    await world.sluice.decideReview(reviewId, correct({ ...off, category: "billing" }), KIM);
    expect((await world.ended(runId)).decision).toEqual({ ...off, category: "billing" });
  });
});

describe("sensitive fields", () => {
  const OPS: Actor = { name: "ops", role: "operator" };
  const asking = async (reveal: string[]): Promise<{ world: World; reviewId: string }> => {
    const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (received, ctx) => {
      await ctx.prompt("classify", received);
      return ctx.decide(await ctx.review("look", { of: "classify", reveal }));
    });
    const world = await World.open({ workflows, script: [ACCOUNT] });
    return { world, reviewId: (await world.review(await world.submit())).reviewId };
  };

  test("are shown where the review reveals them, and each view is on record, for operators to see", async () => {
    const { world, reviewId } = await asking(["ticket.body", "customer.id"]);
    const item = await world.sluice.review(reviewId, KIM);
    expect(item).toMatchObject({
      event: { ticket: { body: "Charged twice." } },
      revealed: ["ticket.body"],
      correctable: true,
      views: null,
    });
    await world.sluice.review(reviewId, LEE);
    expect((await world.sluice.review(reviewId, OPS))?.views).toEqual(
      ["kim", "lee", "ops"].map((by) => ({ by, at: expect.any(Number) as number, fields: ["ticket.body"] })),
    );
    const { review } = item as { review: { reviewId: string } };
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.sluice.review(reviewId, OPS))?.views).toHaveLength(4);
  });

  test("stay hidden otherwise, and a look at what is not sensitive is no view", async () => {
    const { world, reviewId } = await asking(["ticket.id"]);
    expect(await world.sluice.review(reviewId, KIM)).toMatchObject({
      event: { ticket: { body: expect.stringMatching(/^\[redacted:/) as string } },
      revealed: [],
    });
    await world.sluice.previewReview(reviewId, correct(BILLING), KIM);
    expect((await world.sluice.review(reviewId, OPS))?.views).toEqual([]);
  });

  test("quoted in a proposed write are a view of the preview, too, and it is not stale for having been looked at", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send", { kind: "external_message" });
    const options = { on, prompts: { classify: "classifier" }, tools: { send }, reveal: ["ticket.body"] };
    const workflows = workflow("flow", options, async (received, ctx) => {
      const { ticket } = received as { ticket: { body: string } };
      await ctx.prompt("classify", received);
      await ctx.tool("send", send as never, { text: ticket.body } as never);
      return ctx.decide({});
    });
    const world = await World.open({ workflows, script: [ACCOUNT] });
    const { reviewId } = await world.review(await world.submit());
    const preview = await world.sluice.previewReview(reviewId, { action: "approve" }, LEE);
    expect(preview).toMatchObject({ outcome: { writes: [{ payload: { text: "Charged twice." } }] } });
    expect((await world.sluice.review(reviewId, OPS))?.views?.map(({ by }) => by)).toEqual(["lee", "ops"]);
    const hash = preview.ok ? preview.outcome?.hash : undefined;
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, LEE, hash)).toMatchObject({ ok: true });
  });
});
