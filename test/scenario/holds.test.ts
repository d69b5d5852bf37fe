import { describe, expect, test } from "vitest";
import type { Actor } from "../../src/app/sluice.ts";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { Peer, post } from "./peer.ts";
import { KIM, World, gate } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
const on = event("ticket.created");
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };
const PAT: Actor = { name: "pat", role: "operator" };

function flow(
  run: (ctx: Ctx, event: unknown) => Promise<unknown>,
  over: Record<string, unknown> = {},
): ReturnType<typeof workflow> {
  const options = { on, prompts: { classify: "classifier" }, ...over };
  return workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
}

describe("a workflow on hold", () => {
  test("ends the step it executes and begins no other; new events are accepted and wait; then all go on", async () => {
    const [started, finish] = [gate(), gate()];
    const workflows = flow(async (ctx, received) => {
      await ctx.run("first", () => (started.open(), finish.opened));
      const answer = await ctx.prompt("classify", received);
      return ctx.decide({ answer });
    });
    const world = await World.open({ workflows, script: () => GOOD });
    const runId = await world.submit();
    await started.opened;
    const hold = await world.sluice.pause("flow", PAT, "the model answers nonsense");
    expect(hold).toMatchObject({ state: "held", acts: [{ act: "pause", by: "pat" }] });
    finish.open();
    await world.waiting(runId, "hold");
    const later = await world.submit();
    await world.poke();
    expect((await world.run(later)).status).toBe("queued");
    expect(world.model.requests).toHaveLength(0);
    expect((await world.steps(runId, "first"))[0]?.status).toBe("success");
    expect((await world.sluice.presentHolds())[0]).toMatchObject({ workflow: "flow", runs: 2 });
    await world.sluice.resume("flow", PAT, "a new version is out", null);
    for (const id of [runId, later]) expect((await world.ended(id)).status).toBe("completed");
    expect(await world.steps(runId, "first")).toHaveLength(1);
  });

  test("stays so over a restart", async () => {
    const workflows = flow(async (ctx) => ctx.decide({}));
    const world = await World.open({ workflows });
    await world.sluice.pause("flow", PAT, "look at it");
    const runId = await world.submit();
    await world.restart();
    await world.poke();
    expect((await world.run(runId)).status).toBe("queued");
    await world.sluice.resume("flow", PAT, "looked at it", null);
    expect((await world.ended(runId)).status).toBe("completed");
  });

  test("makes no repair, and after the hold repairs without asking first again", async () => {
    const asked = gate();
    const answer = gate<string>();
    const workflows = flow(async (ctx, received) => ctx.decide(await ctx.prompt("classify", received)));
    const script = (_: unknown, call: number): unknown => (call === 1 ? (asked.open(), answer.opened) : GOOD);
    const world = await World.open({ workflows, script: script as never });
    const runId = await world.submit();
    await asked.opened;
    await world.sluice.pause("flow", PAT, "wait");
    answer.open("no JSON at all");
    await world.waiting(runId, "hold");
    expect(world.model.requests).toHaveLength(1);
    await world.sluice.resume("flow", PAT, "go on", null);
    expect((await world.ended(runId)).status).toBe("completed");
    expect(world.model.requests).toHaveLength(2);
    expect((await world.trace(runId)).map(({ type }) => type)).toContain("repair");
  });

  test("lets a write that is under way finish and go on record, and makes no other", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const [arrived, answer] = [gate(), gate()];
    peer.next(async () => {
      arrived.open();
      await answer.opened;
      return { status: 200 };
    });
    const workflows = flow(
      async (ctx) => {
        await ctx.tool("one", send, { text: "1" }, { required: true });
        await ctx.tool("two", send, { text: "2" }, { required: true });
        return ctx.decide({});
      },
      { tools: { send } },
    );
    const world = await World.open({ workflows, stage: "expanded" });
    const runId = await world.submit();
    await arrived.opened;
    await world.sluice.pause("flow", PAT, "wait");
    answer.open();
    await world.waiting(runId, "hold");
    expect((await world.steps(runId, "one"))[0]?.status).toBe("success");
    expect(peer.received).toHaveLength(1);
    await world.sluice.resume("flow", PAT, "go on", null);
    expect((await world.ended(runId)).status).toBe("completed");
    expect(peer.received).toHaveLength(2);
  });

  test("takes answers of reviews, and acts on them afterwards", async () => {
    const workflows = flow(async (ctx, received) => {
      await ctx.prompt("classify", received);
      await ctx.review("look", { of: "classify" });
      return ctx.decide({});
    });
    const world = await World.open({ workflows, script: [GOOD] });
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    await world.sluice.pause("flow", PAT, "wait");
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, KIM)).toMatchObject({ ok: true });
    await world.poke();
    expect((await world.run(runId)).status).toBe("queued");
    await world.sluice.resume("flow", PAT, "go on", null);
    expect((await world.ended(runId)).disposition).toBe("reviewed");
  });

  test("waits for a person and the hold at once where one step asks and another was held back", async () => {
    const [started, finish] = [gate(), gate()];
    const workflows = flow(async (ctx, received) => {
      await ctx.prompt("classify", received);
      const looked = ctx.review("look", { of: "classify" });
      await ctx.run("slow", () => (started.open(), finish.opened));
      await ctx.run("after", () => "done");
      await looked;
      return ctx.decide({});
    });
    const world = await World.open({ workflows, script: [GOOD] });
    const runId = await world.submit();
    await started.opened;
    await world.sluice.pause("flow", PAT, "wait");
    finish.open();
    await world.waiting(runId, "hold");
    await world.sluice.resume("flow", PAT, "go on", null);
    await world.waiting(runId, "review");
    expect(await world.steps(runId, "after")).toHaveLength(1);
  });

  test("does not use up the deadlines of its runs", async () => {
    const clock = frozenClock();
    const workflows = flow(async (ctx) => ctx.decide({}), { deadline: "1h" });
    const world = await World.open({ workflows, clock });
    await world.sluice.pause("flow", PAT, "wait");
    const runId = await world.submit();
    clock.advance(5 * 3_600_000);
    await world.sluice.resume("flow", PAT, "go on", null);
    expect((await world.ended(runId)).status).toBe("completed");
  });

  test("is released at a rate, measured where the calls arrive", async () => {
    const peer = await Peer.start();
    const times: number[] = [];
    const note = (): { status: number } => (times.push(performance.now()), { status: 200 });
    peer.next(note, note, note, note, note, note);
    const send = post(peer, "send");
    const workflows = flow(
      async (ctx) => {
        await ctx.tool("send", send, { text: "1" }, { required: true });
        return ctx.decide({});
      },
      { tools: { send } },
    );
    const world = await World.open({ workflows, stage: "expanded" });
    await world.sluice.pause("flow", PAT, "wait");
    const runs: string[] = [];
    for (let i = 0; i < 6; i++) runs.push(await world.submit());
    await world.sluice.resume("flow", PAT, "slowly", 600);
    for (const id of runs) await world.ended(id);
    const spread = (times.at(-1) as number) - (times[0] as number);
    // Five pauses of 100 ms, of which at most 250 ms are caught up with.
    expect(spread).toBeGreaterThan(240);
    expect((await world.sluice.holdsOf("flow"))[0]).toMatchObject({ state: "over", release: { started: 6 } });
  });

  test("is refused where it does not exist or is not on hold", async () => {
    const world = await World.open({ workflows: flow(async (ctx) => ctx.decide({})) });
    await expect(world.sluice.pause("flwo", PAT, "wait")).rejects.toThrow('Did you mean "flow"?');
    await expect(world.sluice.resume("flow", PAT, "go on", null)).rejects.toThrow("not on hold");
  });
});
