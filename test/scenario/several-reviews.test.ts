import { describe, expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import type { Review } from "../../src/review/ports.ts";
import { Peer, post } from "./peer.ts";
import { KIM, PROMPT, World } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string; route: string }>;
interface Output {
  category: string;
}
const on = event("ticket.created");
const BILLING = { category: "billing", urgency: "high", confidence: 0.4 };
const ACCOUNT = { category: "account", urgency: "low", confidence: 0.9 };
const correct = (output: object): { action: "correct"; correctedOutput: never; correctionReason: string } => ({
  action: "correct",
  correctedOutput: output as never,
  correctionReason: "read it",
});

async function openReviews(world: World, runId: string, count: number): Promise<Review[]> {
  await world.waiting(runId, "review");
  const { items } = await world.sluice.listReviews({ runId, status: "open" }, { limit: 10 });
  expect(items).toHaveLength(count);
  return items;
}

describe("a run that asks two people at once", () => {
  const both = workflow("flow", { on, deadline: "24h", prompts: { classify: "classifier" } }, async (received, ctx) => {
    const look = async (key: string): Promise<unknown> => {
      await ctx.prompt("classify", received, { key });
      return await ctx.review(`look at ${key}`, { of: "classify", ofKey: key });
    };
    const [a, b] = await Promise.all([look("a"), look("b")]);
    return ctx.decide({ a, b });
  });

  test("goes on when both have answered, each over the output in question", async () => {
    const world = await World.open({ workflows: both, script: () => BILLING });
    const runId = await world.submit();
    const [first, second] = (await openReviews(world, runId, 2)) as [Review, Review];
    const other = first.step === "look at a" ? second : first;
    const ofA = first.step === "look at a" ? first : second;
    await world.sluice.decideReview(ofA.reviewId, correct(ACCOUNT), KIM);
    const [left] = await openReviews(world, runId, 1);
    expect(left?.reviewId).toBe(other.reviewId);
    await world.sluice.decideReview(other.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).decision).toEqual({ a: ACCOUNT, b: BILLING });
    expect(world.model.requests).toHaveLength(2);
  });

  test("is over when one of them rejects; the other one is not asked any more", async () => {
    const world = await World.open({ workflows: both, script: () => BILLING });
    const runId = await world.submit();
    const [first, second] = (await openReviews(world, runId, 2)) as [Review, Review];
    await world.sluice.decideReview(first.reviewId, { action: "reject" }, KIM);
    expect(await world.ended(runId)).toMatchObject({ status: "stopped", disposition: "rejected" });
    expect((await world.sluice.review(second.reviewId, KIM))?.review.status).toBe("withdrawn");
    expect(await world.sluice.decideReview(second.reviewId, { action: "approve" }, KIM)).toMatchObject({
      code: "ended",
    });
  });
});

describe("a correction that later steps depend on", () => {
  const route = {
    ...PROMPT,
    name: "router",
    inputs: ["category"],
    messages: [{ role: "user", content: "{{ category }}" }],
  };
  const files = { "prompts/router/1.json": JSON.stringify(route) };

  async function depending(): Promise<{ world: World; peer: Peer }> {
    const peer = await Peer.start();
    const send = post(peer, "send", { kind: "external_message" });
    const run = async (ctx: Ctx, received: unknown): Promise<unknown> => {
      const kind = (await ctx.prompt("classify", received)) as unknown as Output;
      const final = (await ctx.review("look", { of: "classify" })) as unknown as Output;
      const routed = (await ctx.prompt("route", { category: final.category })) as unknown as Output;
      await ctx.tool("send", send, { text: `${final.category} ${routed.category}` });
      return ctx.decide({ kind: kind.category, final: final.category, routed: routed.category });
    };
    const options = { on, deadline: "24h", prompts: { classify: "classifier", route: "router" }, tools: { send } };
    const workflows = workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
    return { peer, world: await World.open({ workflows, files, script: [BILLING, ACCOUNT, BILLING] }) };
  }

  test("is told to be incomplete where a step has to run first, and what that proposes is asked for then", async () => {
    const { world, peer } = await depending();
    const runId = await world.submit();
    const [first] = (await openReviews(world, runId, 1)) as [Review];
    const preview = await world.sluice.previewReview(first.reviewId, correct(ACCOUNT), KIM);
    expect(preview).toMatchObject({ ok: true, outcome: { decision: null, incompleteAt: "route" } });
    await world.sluice.decideReview(first.reviewId, correct(ACCOUNT), KIM);
    const second = await world.until(
      runId,
      "The writes' review",
      ({ wait, nextSeq }) => wait === "review" && nextSeq > 8,
    );
    expect(second.status).toBe("waiting");
    const [asked] = (await openReviews(world, runId, 1)) as [Review];
    expect(asked.why).toBe("writes");
    expect((await world.sluice.review(asked.reviewId, KIM))?.outcome).toMatchObject({
      decision: { kind: "account", final: "account", routed: "account" },
      writes: [{ step: "send", payload: { text: "account account" } }],
    });
    expect(peer.received).toEqual([]);

    const again = correct({ ...ACCOUNT, category: "other" });
    expect(await world.sluice.previewReview(asked.reviewId, again, KIM)).toMatchObject({
      outcome: {
        decision: { routed: "other" },
        writes: [{ step: "send", payload: { text: "account other" } }],
        withdrawn: [{ step: "send", payload: { text: "account account" } }],
      },
    });

    // A second correction: the later prompt is asked again over it, the proposal made for the first one withdrawn.
    await world.sluice.decideReview(asked.reviewId, again, KIM);
    const run = await world.ended(runId);
    expect(run.decision).toMatchObject({ kind: "account", final: "account", routed: "other" });
    expect(peer.received.map(({ body }) => body)).toEqual([{ text: "account other" }]);
    expect(world.model.requests.map(({ messages }) => messages[0]?.content)).toEqual([
      "Classify: Charged twice.",
      "account",
    ]);
  });
});

test("what has happened already is shown as it happened, though the corrected run would not ask for it", async () => {
  const peer = await Peer.start();
  const note = post(peer, "note");
  const run = async (ctx: Ctx, received: unknown): Promise<unknown> => {
    const { category } = (await ctx.prompt("classify", received)) as unknown as Output;
    if (category === "billing") await ctx.tool("note", note, { text: category });
    const final = (await ctx.review("look", { of: "classify" })) as unknown as Output;
    return ctx.decide({ category: final.category });
  };
  const options = { on, deadline: "24h", prompts: { classify: "classifier" }, tools: { note } };
  const workflows = workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
  const world = await World.open({ workflows, script: [BILLING] });
  const runId = await world.submit();
  const [{ reviewId }] = (await openReviews(world, runId, 1)) as [Review];
  const done = [{ step: "note", tool: "note", payload: { text: "billing" } }];
  expect((await world.sluice.review(reviewId, KIM))?.outcome).toMatchObject({ writes: [], done });
  expect(await world.sluice.previewReview(reviewId, correct(ACCOUNT), KIM)).toMatchObject({
    outcome: { decision: { category: "account" }, writes: [], withdrawn: [], done },
  });
  await world.sluice.decideReview(reviewId, correct(ACCOUNT), KIM);
  expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { category: "account" } });
  expect(peer.received).toHaveLength(1);
});

test("a prompt that is not given what it lists names it", async () => {
  const workflows = workflow("flow", { on, prompts: { classify: "classifier" } }, async (_e, ctx) =>
    ctx.decide(await ctx.prompt("classify", { ticket: { subject: "x" } })),
  );
  const world = await World.open({ workflows });
  const { failure } = await world.ended(await world.submit());
  expect(failure?.class).toBe("bug");
  expect(failure?.message).toMatch(/ticket\.body/);
});
