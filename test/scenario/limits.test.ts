import { describe, expect, test } from "vitest";
import { ScriptedReply } from "../../src/model/scripted.ts";
import { Failure, event, workflow } from "../../src/index.ts";
import type { WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { promptFile } from "./model-peer.ts";
import { KIM, World, gate } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
type Over = Partial<WorkflowOptions<unknown, { classify: string }>>;
const on = event("ticket.created");
const QUICK = { transient: { baseDelayMs: 1, maxDelayMs: 1 } };
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };

function flow(run: (ctx: Ctx, event: unknown) => Promise<unknown>, over: Over = {}): ReturnType<typeof workflow> {
  const options = { on, deadline: "24h", prompts: { classify: "classifier" }, failures: QUICK, ...over };
  return workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
}

describe("what a run may use up", () => {
  test("model calls, also those made at once", async () => {
    const workflows = flow(
      async (ctx, received) => {
        const results = await Promise.all(["a", "b", "c"].map((key) => ctx.prompt("classify", received, { key })));
        return ctx.decide({ n: results.length });
      },
      { budget: { modelCalls: 2 } },
    );
    const world = await World.open({ workflows, script: () => GOOD });
    const runId = await world.submit();
    expect((await world.review(runId)).why).toBe("budget");
    expect(world.model.requests).toHaveLength(2);
  });

  test.each([
    ["transient", "http_500", 5],
    ["rate_limited", "http_429", 8],
    ["timeout", "model_timeout", 3],
  ] as const)(
    "not calls that got no answer: %s ends as itself after all its attempts",
    async (failure, code, attempts) => {
      const workflows = flow(async (ctx, received) => ctx.decide(await ctx.prompt("classify", received)), {
        budget: { modelCalls: 2, usd: 0.01 },
        failures: { [failure]: { baseDelayMs: 1, maxDelayMs: 1 } },
      });
      const script = (): Failure => new Failure({ class: failure, code, message: "No answer." });
      const world = await World.open({ workflows, script });
      const runId = await world.submit();
      expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { class: failure, code } });
      expect(world.model.requests).toHaveLength(attempts);
    },
  );

  test("a call under way counts until it fails, and an answered one for good", async () => {
    const held = gate();
    const down = new Failure({ class: "transient", code: "http_500", message: "Down." });
    const workflows = flow(
      async (ctx, received) => {
        const first = ctx.prompt("classify", received, { key: "first" });
        await ctx.prompt("classify", received, { key: "second" });
        return ctx.decide({ first: await first, third: await ctx.prompt("classify", received, { key: "third" }) });
      },
      { budget: { modelCalls: 2 } },
    );
    const script = (_: unknown, call: number): Failure | typeof GOOD | Promise<typeof GOOD> =>
      call === 1 ? held.opened.then(() => Promise.reject(down)) : (held.open(), GOOD);
    const world = await World.open({ workflows, script });
    const runId = await world.submit();
    // Two answers, and the one that failed in between: the third answer is over the budget.
    expect((await world.review(runId)).step).toBe("@review:classify");
    expect(world.model.requests).toHaveLength(3);
    expect((await world.trace(runId)).at(-2)).toMatchObject({ key: "third", error: { code: "run_budget" } });
  });

  test("dollars, those of answered calls", async () => {
    const prices = { "scripted/one": { inputPerMillion: 1_000_000, outputPerMillion: 0 } };
    const workflows = flow(
      async (ctx, received) => {
        await ctx.prompt("classify", received);
        return ctx.decide(await ctx.prompt("classify", received, { key: "again" }));
      },
      // One dollar a token: a call may cost about 100, and costs 190.
      { budget: { usd: 200 } },
    );
    const usage = { inputTokens: 190, outputTokens: 20 };
    const script = (): ScriptedReply => new ScriptedReply({ text: JSON.stringify(GOOD), usage });
    const world = await World.open({ workflows, script, config: { prices } });
    const runId = await world.submit();
    expect((await world.review(runId)).why).toBe("budget");
    expect((await world.run(runId)).costUsd).toBe(190);
    expect(world.model.requests).toHaveLength(1);
  });

  test("dollars, before a call is made that may cost more than is left", async () => {
    const prices = { "scripted/one": { inputPerMillion: 0, outputPerMillion: 1_000_000 } };
    const workflows = flow(async (ctx, received) => ctx.decide(await ctx.prompt("classify", received)), {
      budget: { usd: 100 },
    });
    const world = await World.open({ workflows, script: () => GOOD, config: { prices } });
    const review = await world.review(await world.submit());
    expect(review).toMatchObject({ why: "budget", reason: expect.stringContaining("$100 is left") as string });
    expect(world.model.requests).toHaveLength(0);
  });

  test("dollars of one call, where its prompt sets a limit", async () => {
    const prices = { "scripted/one": { inputPerMillion: 0, outputPerMillion: 1_000_000 } };
    const workflows = flow(async (ctx, received) => ctx.decide(await ctx.prompt("classify", received)));
    const limited = (max: number): Record<string, string> =>
      promptFile({ limits: { usd: 60, max_output_tokens: max } });
    const world = await World.open({ workflows, script: () => GOOD, config: { prices }, files: limited(50) });
    expect((await world.ended(await world.submit())).status).toBe("completed");
    const other = await World.open({ workflows, script: () => GOOD, config: { prices }, files: limited(70) });
    const runId = await other.submit();
    expect((await other.review(runId)).why).toBe("budget");
    expect((await other.trace(runId)).at(-2)).toMatchObject({ error: { code: "call_budget" } });
    expect(other.model.requests).toHaveLength(0);
  });

  test("time: a run that waits past its deadline is a dead letter, and a redrive gives it its whole time again", async () => {
    const clock = frozenClock();
    const world = await World.open({
      workflows: flow(async (ctx) => (await ctx.sleep("pause", "3h"), ctx.decide({})), { deadline: "2h" }),
      clock,
    });
    const runId = await world.submit();
    const parked = await world.waiting(runId, "sleep");
    expect(parked.wakeAt).toBe(parked.createdAt + 7_200_000);
    clock.advance(7_200_000);
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { class: "timeout", code: "deadline" } });
    await world.redrive(runId);
    await world.waiting(runId, "sleep");
    clock.advance(3_600_000);
    await world.poke();
    expect((await world.until(runId, "The end", ({ status }) => status === "completed")).failure).toBeNull();
  });

  test("time: a body that never ends is stopped at the deadline", async () => {
    const clock = frozenClock();
    const world = await World.open({
      workflows: flow(async (ctx) => ctx.run("forever", () => gate().opened), { deadline: "2h" }),
      clock,
      config: { lease: 1_000 },
    });
    const runId = await world.submit();
    await world.until(runId, "The run under way", ({ status }) => status === "running");
    clock.advance(7_200_000);
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { code: "deadline" } });
  });

  test("a review that is withdrawn by a death is asked anew after a redrive", async () => {
    const clock = frozenClock();
    const workflows = flow(
      async (ctx, received) => {
        await ctx.prompt("classify", received);
        await ctx.review("look", { of: "classify" });
        return ctx.decide({});
      },
      { deadline: "2h" },
    );
    const world = await World.open({ workflows, script: [GOOD], clock });
    const runId = await world.submit();
    const first = await world.review(runId);
    clock.advance(7_200_000);
    await world.poke();
    await world.ended(runId);
    expect(await world.sluice.decideReview(first.reviewId, { action: "approve" }, KIM)).toMatchObject({
      code: "ended",
    });
    await world.redrive(runId);
    const second = await world.review(runId);
    expect(second.reviewId).not.toBe(first.reviewId);
    await world.sluice.decideReview(second.reviewId, { action: "approve" }, KIM);
    expect((await world.until(runId, "The end", ({ status }) => status === "completed")).disposition).toBe("reviewed");
  });
});
