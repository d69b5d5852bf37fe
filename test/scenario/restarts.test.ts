import { describe, expect, test } from "vitest";
import { Failure } from "../../src/index.ts";
import type { workflow } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { HOUR, VALID, deployed, flow, pause } from "./deploy.ts";
import type { Body } from "./deploy.ts";
import { Peer, post } from "./peer.ts";
import { KIM, World } from "./world.ts";

describe("a restart from a step", () => {
  const broken = new Failure({ class: "bug", code: "broken", message: "It is broken." });

  async function restart(world: World, runId: string, from: string, over: object = {}): Promise<unknown> {
    return await world.sluice.restart(runId, { from, unpin: false, dryRun: false, reason: "deployed", ...over }, KIM);
  }

  test("takes a run past its divergence: that step and what follows are asked anew, what was before answers", async () => {
    const ran: string[] = [];
    const code = (b: string): ReturnType<typeof workflow> =>
      flow(async (ctx) => {
        const first = await ctx.run("a", () => (ran.push("a"), "A"));
        const second = b === "tool" ? null : await ctx.run(b, () => (ran.push(b), b));
        await pause(ctx);
        return ctx.decide({ first, second });
      });
    const { world, run, clock } = await deployed(code("b"), code("c"));
    expect(run.status).toBe("dead");
    expect(await restart(world, run.runId, "b")).toMatchObject({ setAside: ["b", "pause", "c"], kept: [] });
    await world.waiting(run.runId, "sleep");
    clock.advance(HOUR);
    await world.poke();
    expect(await world.ended(run.runId)).toMatchObject({ status: "completed", decision: { first: "A", second: "c" } });
    expect(ran).toEqual(["a", "b", "c", "c"]);
    const trace = await world.trace(run.runId);
    const by = trace.find(({ name }) => name === "@restart")?.step;
    expect(trace.filter((step) => step.set_aside_by === by).map(({ name }) => name)).toEqual([
      "b",
      "pause",
      "c",
      "pause",
    ]);
    expect(trace.find(({ name }) => name === "@restart")?.detail).toMatchObject({
      by: "kim",
      reason: "deployed",
      from: "b",
    });
    expect(await world.sluice.auditVerify()).toMatchObject({ ok: true });
  });

  test("never repeats a write that has happened: its outcome answers, whatever it is given now", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    let text = "one";
    let fails = true;
    const workflows = flow(
      async (ctx) => {
        const given = await ctx.run("read", () => text);
        const outcome = await ctx.tool("send", send, { text: given });
        await ctx.run("last", () => {
          if (fails) throw broken;
        });
        return ctx.decide({ given, outcome });
      },
      { tools: { send } },
    );
    const world = await World.open({ workflows });
    const runId = await world.submit();
    expect((await world.ended(runId)).failure?.code).toBe("broken");
    [text, fails] = ["two", false];
    expect(await restart(world, runId, "read")).toMatchObject({
      setAside: ["read", "last"],
      kept: [{ step: "send", tool: "send", settled: true }],
    });
    expect((await world.ended(runId)).decision).toMatchObject({ given: "two", outcome: { status: "done" } });
    expect(peer.received.map(({ body }) => body)).toEqual([{ text: "one" }]);
  });

  test("asks first what became of a claimed write: under its key, with what it was claimed with", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send", { failures: { transient: { attempts: 1 } } });
    let text = "one";
    const workflows = flow(
      async (ctx) => {
        const given = await ctx.run("read", () => text);
        await ctx.tool("send", send, { text: given });
        return ctx.decide({ given });
      },
      { tools: { send } },
    );
    peer.next({ status: 503 });
    const world = await World.open({ workflows });
    const runId = await world.submit();
    expect((await world.ended(runId)).status).toBe("dead");
    text = "two";
    expect(await restart(world, runId, "read")).toMatchObject({ kept: [{ step: "send", settled: false }] });
    expect((await world.ended(runId)).decision).toEqual({ given: "two" });
    expect(peer.received.map(({ body }) => body)).toEqual([{ text: "one" }, { text: "one" }]);
    expect(new Set(peer.received.map(({ key }) => key)).size).toBe(1);
  });

  test("of a run that waits for a person withdraws the question, and asks anew", async () => {
    const script = [VALID, VALID];
    const asking: Body = async (ctx, e) => {
      await ctx.prompt("classify", { ticket: e["ticket"] as JsonObject });
      await ctx.review("look", { of: "classify" });
      return ctx.decide({});
    };
    const workflows = flow(asking, { prompts: { classify: "classifier" } });
    const world = await World.open({ workflows, script });
    const runId = await world.submit();
    const first = await world.review(runId);
    expect(await restart(world, runId, "classify")).toMatchObject({ withdrawnReviews: [first.reviewId] });
    await world.until(runId, "another review", ({ nextSeq, status }) => nextSeq > 8 && status === "waiting");
    const second = await world.review(runId);
    expect(second.reviewId).not.toBe(first.reviewId);
    expect(await world.sluice.decideReview(first.reviewId, { action: "approve" }, KIM)).toMatchObject({
      ok: false,
      code: "ended",
    });
    await world.sluice.decideReview(second.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).status).toBe("completed");
    expect(world.model.requests).toHaveLength(2);
  });

  test("leaves a question that was asked before the step as it is", async () => {
    const script = [VALID];
    const asking: Body = async (ctx, e) => {
      await ctx.prompt("classify", { ticket: e["ticket"] as JsonObject });
      await Promise.all([ctx.review("look", { of: "classify" }), ctx.sleep("beside", "1h")]);
      return ctx.decide({});
    };
    const world = await World.open({
      workflows: flow(asking, { prompts: { classify: "classifier" } }),
      script,
      clock: frozenClock(),
    });
    const runId = await world.submit();
    const first = await world.review(runId);
    const { nextSeq } = await world.run(runId);
    expect(await restart(world, runId, "beside")).toMatchObject({ withdrawnReviews: [] });
    await world.until(runId, "the wait", (run) => run.nextSeq > nextSeq + 1 && run.status === "waiting");
    expect((await world.review(runId)).reviewId).toBe(first.reviewId);
    expect(await world.sluice.decideReview(first.reviewId, { action: "approve" }, KIM)).toMatchObject({ ok: true });
  });

  test("is refused where it makes no sense, with what to do instead", async () => {
    const world = await World.open({
      workflows: flow(async (ctx) => {
        await ctx.run("each", () => 1, { key: "1" });
        await ctx.run("each", () => 1, { key: "2" });
        await pause(ctx);
        return ctx.decide({});
      }),
    });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    await expect(restart(world, "run_none", "each")).rejects.toMatchObject({ code: "unknown_run" });
    await expect(restart(world, runId, "eahc")).rejects.toThrow('Did you mean "each"?');
    await expect(restart(world, runId, "each")).rejects.toMatchObject({ code: "which_key" });
    await expect(restart(world, runId, "each", { key: "3" })).rejects.toMatchObject({ code: "unknown_step" });
    expect(await restart(world, runId, "each", { key: "2", dryRun: true })).toMatchObject({
      dryRun: true,
      setAside: ["each", "pause"],
    });
    expect((await world.run(runId)).status).toBe("waiting");
    await world.sluice.cancel(runId, KIM, "not wanted");
    await expect(restart(world, runId, "each", { key: "2" })).rejects.toMatchObject({ code: "not_restartable" });
  });
});

describe("a pinned run", () => {
  test("is resumed by the code it began under only, says what it waits for, and can be unpinned", async () => {
    const clock = frozenClock();
    const file = (name: string): string => `
      import { event, workflow } from "sluice";
      export default workflow("flow", { on: event("ticket.created"), deadline: "24h", pinned: true }, async (e, ctx) => {
        await ctx.sleep("pause", "1h");
        return ctx.decide({ by: ${JSON.stringify(name)} });
      });`;
    const world = await World.open({ files: { "workflows/flow.ts": file("old") }, clock });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    const old = (await world.run(runId)).codePin;
    expect(old).toBe(world.sluice.project.workflows.get("flow")?.code);
    const other = new Map(
      [...world.sluice.project.workflows].map(([name, each]) => [name, { ...each, code: "other" }]),
    );
    clock.advance(HOUR);
    await world.restart({ workflows: [...other.values()].map(({ workflow: each }) => each) });
    const next = await world.submit();
    await world.waiting(next, "sleep");
    expect(await world.run(runId)).toMatchObject({ status: "queued", codePin: old });
    await world.sluice.restart(runId, { unpin: true, dryRun: false, reason: "old code is gone" }, KIM);
    expect(await world.ended(runId)).toMatchObject({ status: "completed", codePin: null, decision: { by: "old" } });
  });
});
