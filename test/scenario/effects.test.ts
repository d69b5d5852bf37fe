import { describe, expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { AnyTool, Stage, WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import { Peer, ask, post } from "./peer.ts";
import { publish } from "./release.ts";
import { KIM, World, gate } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
const on = event("ticket.created");

function flow(
  run: (ctx: Ctx) => Promise<unknown>,
  tools: Record<string, AnyTool>,
  over: Partial<WorkflowOptions<unknown, Record<string, string>>> = {},
): ReturnType<typeof workflow> {
  return workflow("flow", { on, deadline: "24h", tools, ...over }, (_event, ctx) => run(ctx));
}

/** One write, whose outcome is the decision. */
async function one(
  stage: Stage,
  over: object = {},
  required = false,
): Promise<{ world: World; peer: Peer; runId: string }> {
  const peer = await Peer.start();
  const send = post(peer, "send", over);
  const run = async (ctx: Ctx): Promise<unknown> => {
    const outcome = await ctx.tool("send it", send, { text: "hello" }, required ? { required } : {});
    return ctx.decide({ outcome });
  };
  const world = await World.open({ workflows: flow(run, { send }), stage });
  return { world, peer, runId: await world.submit() };
}

const payload = { text: "hello" };

describe("a write", () => {
  test("in shadow is blocked, with the exact payload on record", async () => {
    const { world, peer, runId } = await one("shadow");
    expect(await world.ended(runId)).toMatchObject({
      status: "completed",
      disposition: "shadowed",
      decision: { outcome: { status: "blocked", payload } },
    });
    expect(await world.steps(runId, "send it")).toMatchObject([
      { phase: "blocked", status: "blocked", input: payload, guard: { verdict: "block", reason: "stage_shadow" } },
    ]);
    expect(peer.received).toEqual([]);
  });

  test("at suggestion is proposed, and executed once when a person applies the decision", async () => {
    const { world, peer, runId } = await one("suggestion");
    const review = await world.review(runId);
    expect(peer.received).toEqual([]);
    expect((await world.sluice.review(review.reviewId, KIM))?.outcome).toMatchObject({
      decision: { outcome: { status: "proposed", payload } },
      writes: [{ step: "send it", tool: "send", payload }],
    });
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).disposition).toBe("suggested");
    expect(peer.received.map(({ body }) => body)).toEqual([payload]);
  });

  test.each([
    ["of low risk is executed at partial", { risk: "low" }, "settle"],
    ["of medium risk is proposed at partial", { risk: "medium" }, "proposed"],
    ["to somebody outside is proposed, whatever its risk", { risk: "low", kind: "external_message" }, "proposed"],
    ["whose risk its arguments raise is proposed", { riskOf: () => "high" }, "proposed"],
  ])("%s", async (_what, over, phase) => {
    const { world, peer, runId } = await one("partial", over);
    await world.sluice.whenDecided(runId, 10_000);
    expect((await world.steps(runId, "send it"))[0]).toMatchObject({ phase, input: payload });
    expect(peer.received).toHaveLength(phase === "settle" ? 1 : 0);
  });

  test("that a person has approved happens exactly once, also over a restart", async () => {
    const { world, peer, runId } = await one("partial", { kind: "external_message" });
    const review = await world.review(runId);
    expect(review).toMatchObject({ why: "writes", step: "@review:@decision" });
    await world.restart();
    expect(peer.received).toEqual([]);
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect(await world.ended(runId)).toMatchObject({ status: "completed", disposition: "reviewed" });
    expect(peer.received).toHaveLength(1);
    await world.restart();
    expect(peer.received).toHaveLength(1);
    expect((await world.steps(runId, "send it")).map(({ key, phase }) => [key, phase])).toEqual([
      [undefined, "proposed"],
      ["@approved", "settle"],
    ]);
  });

  test("has a key at the other side that no other call of the run has, whatever stands in its name", async () => {
    const peer = await Peer.start();
    const note = post(peer, "note");
    const calls = [["a", "b/c"], ["a/b", "c"], ["a/b/c"], ["a%2Fb", "c"], ["a", "b"], ["a/b"], ["a"]] as const;
    const world = await World.open({
      workflows: workflow("flow", { on: event("ticket.created"), deadline: "24h", tools: { note } }, async (_, ctx) => {
        for (const [name, key] of calls) await ctx.tool(name, note, { text: "x" }, key === undefined ? {} : { key });
        return ctx.decide({});
      }),
      stage: "expanded",
    });
    expect((await world.ended(await world.submit())).status).toBe("completed");
    expect(new Set(peer.received.map(({ key }) => key)).size).toBe(calls.length);
  });

  test("that a person has rejected never happens", async () => {
    const { world, peer, runId } = await one("partial", { kind: "external_message" });
    const { reviewId } = await world.review(runId);
    await world.sluice.decideReview(reviewId, { action: "reject", correctionReason: "no" }, KIM);
    expect(await world.ended(runId)).toMatchObject({ status: "stopped", disposition: "rejected", decision: null });
    expect(peer.received).toEqual([]);
  });

  test("of arguments off their schema is denied, and the workflow sees it", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const run = async (ctx: Ctx): Promise<unknown> => {
      const outcome = await ctx.tool("send it", send, { text: 7, extra: true } as never);
      return ctx.decide({ status: outcome.status });
    };
    const world = await World.open({ workflows: flow(run, { send }) });
    const runId = await world.submit();
    expect((await world.ended(runId)).decision).toEqual({ status: "denied" });
    expect((await world.steps(runId, "send it"))[0]).toMatchObject({ guard: { reason: "invalid_arguments" } });
    expect(peer.received).toEqual([]);
  });
});

describe("a write that the workflow cannot do without", () => {
  test("waits for approval where that is due, and then gives its result", async () => {
    const { world, peer, runId } = await one("partial", { kind: "external_message" }, true);
    const review = await world.review(runId);
    expect(review).toMatchObject({ why: "write", step: "@review:send it" });
    expect((await world.sluice.review(review.reviewId, KIM))?.outcome).toMatchObject({
      decision: null,
      incompleteAt: "send it",
      writes: [{ step: "send it", payload }],
    });
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).decision).toEqual({ outcome: { ok: true } });
    expect(peer.received).toHaveLength(1);
  });

  test("is simulated in shadow, and marked so", async () => {
    const { world, peer, runId } = await one("shadow", { simulate: () => ({ ok: "as if" }) }, true);
    expect(await world.ended(runId)).toMatchObject({ disposition: "shadowed", decision: { outcome: { ok: "as if" } } });
    expect(await world.steps(runId, "send it")).toMatchObject([{ phase: "simulated", output: { ok: "as if" } }]);
    expect(peer.received).toEqual([]);
  });

  test("ends the run in shadow where it cannot be simulated, naming the step", async () => {
    const { world, peer, runId } = await one("shadow", {}, true);
    expect(await world.ended(runId)).toMatchObject({
      status: "stopped",
      disposition: "shadowed",
      failure: { code: "shadow_incomplete", step: "send it" },
    });
    expect(await world.steps(runId, "send it")).toMatchObject([{ phase: "blocked", input: payload }]);
    expect(peer.received).toEqual([]);
  });
});

describe("a tool that is not granted", () => {
  test("is not called: a read goes to a person", async () => {
    const peer = await Peer.start();
    const look = ask(peer, "look");
    const world = await World.open({ workflows: flow((ctx) => ctx.tool("look", look, { text: "" }), {}) });
    const runId = await world.submit();
    const review = await world.review(runId);
    expect(review).toMatchObject({ why: "denied", step: "@review:look" });
    expect(peer.received).toEqual([]);
  });

  test("and a write is denied", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const run = async (ctx: Ctx): Promise<unknown> =>
      ctx.decide({ status: (await ctx.tool("send", send, { text: "" })).status });
    const world = await World.open({ workflows: flow(run, {}) });
    expect((await world.ended(await world.submit())).decision).toEqual({ status: "denied" });
    expect(peer.received).toEqual([]);
  });
});

describe("what was lowered since the run was pinned", () => {
  test.each([
    ["its stage", { stage: "shadow", development: false } as const, "blocked"],
    ["its tools", { tools: [], development: false }, "denied"],
    ["a tool that was revoked", { revoked: ["send"], development: false }, "denied"],
  ])("holds for a run that is under way: %s", async (_what, change, status) => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const run = async (ctx: Ctx): Promise<unknown> => {
      await ctx.sleep("pause", 1);
      return ctx.decide({ status: (await ctx.tool("send", send, { text: "" })).status });
    };
    const clock = { now: () => at };
    let at = Date.now();
    const world = await World.open({ workflows: flow(run, { send }), clock });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    await world.sluice.close();
    await publish(world, change);
    at += 1_000;
    await world.restart({ mode: "serve" });
    expect((await world.ended(runId)).decision).toEqual({ status });
    expect(peer.received).toEqual([]);
  });
});

describe("runs beside each other", () => {
  test("never more of one key at once than its limit, and each gets its turn", async () => {
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    const held = gate();
    let begun = 0;
    const all = gate();
    const options = { concurrency: { key: (e: unknown) => (e as { customer: { id: string } }).customer.id, limit: 2 } };
    const workflows = workflow("flow", { on, ...options }, async (received, ctx) => {
      const { id } = (received as unknown as { customer: { id: string } }).customer;
      await ctx.run("work", async () => {
        now.set(id, (now.get(id) ?? 0) + 1);
        most.set(id, Math.max(most.get(id) ?? 0, now.get(id) ?? 0));
        if (++begun === 4) all.open();
        await held.opened;
        now.set(id, (now.get(id) ?? 0) - 1);
      });
      return ctx.decide({});
    });
    const world = await World.open({ workflows });
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, i) => world.submit({ customer: { id: `c${i % 2}` } })),
    );
    await all.opened;
    held.open();
    for (const runId of ids) expect((await world.ended(runId)).status).toBe("completed");
    expect([...most]).toEqual(expect.arrayContaining([["c0", 2], ["c1", 2]])); // prettier-ignore
    expect(begun).toBe(12);
  });

  test("a limit without a key holds for the workflow as a whole", async () => {
    let now = 0;
    let most = 0;
    const workflows = flow(
      async (ctx) => {
        await ctx.run("work", async () => {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setImmediate(resolve));
          now--;
        });
        return ctx.decide({});
      },
      {},
      { concurrency: { limit: 1 } },
    );
    const world = await World.open({ workflows });
    const ids = await Promise.all(Array.from({ length: 6 }, () => world.submit()));
    for (const runId of ids) await world.ended(runId);
    expect(most).toBe(1);
  });

  test("a running run that is cancelled is told to stop, and writes nothing more", async () => {
    const started = gate<AbortSignal>();
    const workflows = flow(async (ctx) => {
      await ctx.run("work", (signal) => (started.open(signal), gate().opened));
      return ctx.decide({});
    }, {});
    const world = await World.open({ workflows });
    const runId = await world.submit();
    const signal = await started.opened;
    expect(await world.sluice.cancel(runId, KIM, "not wanted")).toMatchObject({ ok: true });
    expect(signal.aborted).toBe(true);
    expect(await world.run(runId)).toMatchObject({ status: "cancelled", disposition: null });
    expect((await world.trace(runId)).map(({ type }) => type)).toEqual(["trigger", "override"]);
    expect(await world.sluice.cancel(runId, KIM, "again")).toMatchObject({ ok: false });
  });

  test("a waiting run that is cancelled is over, and its review with it", async () => {
    const { world, runId } = await one("partial", { kind: "external_message" });
    const review = await world.review(runId);
    await world.sluice.cancel(runId, KIM, "not wanted");
    expect((await world.run(runId)).status).toBe("cancelled");
    expect(await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM)).toMatchObject({
      ok: false,
      code: "ended",
    });
  });
});
