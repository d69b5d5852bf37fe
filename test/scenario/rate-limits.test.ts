import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import { APART_MS } from "../../src/model/rate.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { ModelPeer, promptFile } from "./model-peer.ts";
import { KIM, World } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
type Over = Partial<WorkflowOptions<unknown, { classify: string }>>;
const on = event("ticket.created");
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };
const files = promptFile({ model: "peer/one", limits: { max_output_tokens: 100 } });

const classify = (over: Over = {}): ReturnType<typeof workflow> => {
  const options = { on, deadline: "24h", prompts: { classify: "classifier" }, ...over };
  const run = async (ctx: Ctx, received: unknown): Promise<unknown> =>
    ctx.decide(await ctx.prompt("classify", received));
  return workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
};

async function limited(limits: JsonObject, over: Over = {}) {
  const peer = await ModelPeer.start();
  peer.says("one", { content: GOOD });
  const clock = frozenClock();
  const config = { ...peer.config, rateLimits: limits };
  const world = await World.open({ workflows: classify(over), files, config, clock });
  const moveOn = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await world.poke();
  };
  return { peer, clock, world, moveOn };
}

describe("runs under a rate limit", () => {
  test("wait for their turn without a process, in the order in which they asked, and none fails", async () => {
    const { peer, clock, world, moveOn } = await limited({ "peer/one": { requestsPerMinute: 1 } });
    const runs = [];
    for (let i = 0; i < 3; i++) {
      const runId = await world.submit();
      runs.push(runId);
      if (i === 0) await world.ended(runId);
      else expect((await world.waiting(runId, "retry")).wakeAt).toBe(clock.now() + i * APART_MS);
    }
    const [, second, third] = runs as [string, string, string];
    expect(await world.trace(second)).toHaveLength(1);
    await moveOn(APART_MS - 1);
    expect(peer.asked).toHaveLength(1);
    await moveOn(1);
    await world.ended(second);
    expect((await world.run(third)).status).toBe("waiting");
    await moveOn(APART_MS);
    expect((await world.ended(third)).decision).toEqual(GOOD);
    const steps = await world.steps(third, "classify");
    expect(steps.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, "success"],
      [1, "success"],
    ]);
  });

  test("are held to what was called before a restart as well", async () => {
    const { clock, world, moveOn } = await limited({ "peer/one": { requestsPerMinute: 2 } });
    const began = clock.now();
    for (let i = 0; i < 2; i++) await world.ended(await world.submit());
    clock.advance(10_000);
    await world.restart();
    const third = await world.submit();
    expect((await world.waiting(third, "retry")).wakeAt).toBe(began + APART_MS);
    await moveOn(APART_MS - 10_000);
    expect((await world.ended(third)).status).toBe("completed");
  });

  test("leave their place to others when they are cancelled, or die", async () => {
    const { clock, world, moveOn } = await limited({ "peer/one": { requestsPerMinute: 1 } }, { deadline: "30s" });
    await world.ended(await world.submit());
    const cancelled = await world.submit();
    const place = (await world.waiting(cancelled, "retry")).wakeAt;
    // Its own time is over before its turn comes.
    expect(place).toBe(clock.now() + 30_000);
    await world.sluice.cancel(cancelled, KIM, "test");
    const other = await world.submit();
    await world.waiting(other, "retry");
    await moveOn(30_000);
    expect((await world.ended(other)).failure).toMatchObject({ class: "timeout", code: "deadline" });
    // Both would have been called at this moment; nobody stands before this run.
    await moveOn(APART_MS - 30_000);
    expect((await world.ended(await world.submit())).status).toBe("completed");
  });

  test("count tokens before the call, and what was really used after it", async () => {
    const { peer, world, moveOn } = await limited({ "peer/*": { tokensPerMinute: 450 } });
    peer.says("one", { content: GOOD, usage: { prompt_tokens: 20, completion_tokens: 5 } });
    // Each may use some 200 tokens, and uses 25: ten fit one after the other where two would fit at once.
    for (let i = 0; i < 10; i++) await world.ended(await world.submit());
    peer.says("one", { content: GOOD, usage: { prompt_tokens: 300, completion_tokens: 100 } });
    await world.ended(await world.submit());
    const late = await world.submit();
    await world.waiting(late, "retry");
    expect(peer.asked).toHaveLength(11);
    await moveOn(APART_MS);
    await world.ended(late);
  });

  test("are told of a call that would never fit, and a person decides", async () => {
    const { peer, world } = await limited({ "peer/one": { tokensPerMinute: 150 } });
    const review = await world.review(await world.submit());
    expect(review).toMatchObject({ why: "budget", reason: expect.stringContaining("max_output_tokens") as string });
    expect(peer.asked).toHaveLength(0);
  });

  test("do not run into a provider's 429 one by one: all wait as long as it asked", async () => {
    const { peer, clock, world, moveOn } = await limited({});
    peer.says("one", { status: 429, headers: { "retry-after": "120" } });
    const first = await world.submit();
    expect((await world.waiting(first, "retry")).wakeAt).toBe(clock.now() + 120_000);
    peer.says("one", { content: GOOD });
    const others = [await world.submit(), await world.submit()];
    for (const runId of others) {
      expect((await world.waiting(runId, "retry")).wakeAt).toBe(clock.now() + 120_000);
      expect(await world.trace(runId)).toHaveLength(1);
    }
    expect(peer.asked).toHaveLength(1);
    await moveOn(120_000);
    for (const runId of [first, ...others]) expect((await world.ended(runId)).status).toBe("completed");
    expect(peer.asked).toHaveLength(4);
  });

  test("of more than one prompt keep a place for each", async () => {
    const { peer, clock, moveOn, world } = await limited({ "peer/one": { requestsPerMinute: 1 } });
    await world.restart({
      workflows: workflow(
        "flow",
        { on, deadline: "24h", prompts: { classify: "classifier" } },
        async (received, ctx) => {
          const both = ["a", "b"].map((key) => ctx.prompt("classify", received, { key }));
          return ctx.decide({ n: (await Promise.all(both)).length });
        },
      ),
    });
    const runId = await world.submit();
    expect((await world.waiting(runId, "retry")).wakeAt).toBe(clock.now() + APART_MS);
    expect(peer.asked).toHaveLength(1);
    await moveOn(APART_MS);
    expect((await world.ended(runId)).decision).toEqual({ n: 2 });
  });
});
