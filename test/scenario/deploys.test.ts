import { describe, expect, test } from "vitest";
import { Failure, event, workflow } from "../../src/index.ts";
import type { AnyTool, WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { Run } from "../../src/journal/run.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import type { FrozenClock } from "../../src/testing/frozen-clock.ts";
import { Peer, ask, post } from "./peer.ts";
import { KIM, PROMPT, World } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
type Body = (ctx: Ctx, event: JsonObject) => Promise<unknown>;
const on = event("ticket.created");

function flow(
  run: Body,
  over: Partial<WorkflowOptions<unknown, Record<string, string>>> = {},
): ReturnType<typeof workflow> {
  return workflow("flow", { on, deadline: "24h", ...over }, (received, ctx) => run(ctx, received as JsonObject));
}

const HOUR = 3_600_000;
const VALID = { category: "billing", urgency: "low", confidence: 1 };

/** A run that has got as far as its pause under `before`, and goes on under `after` in another process. */
async function deployed(
  before: ReturnType<typeof workflow>,
  after: ReturnType<typeof workflow>,
  given: { files?: Record<string, string>; over?: JsonObject } = {},
): Promise<{ world: World; run: Run; clock: FrozenClock }> {
  const clock = frozenClock();
  const script = [VALID, VALID, VALID];
  const world = await World.open({ workflows: before, clock, script, files: given.files ?? {} });
  const runId = await world.submit(given.over);
  await world.waiting(runId, "sleep");
  clock.advance(HOUR);
  await world.restart({ workflows: after });
  return { world, run: await world.ended(runId), clock };
}

function sides(run: Run): unknown {
  return (run.failure?.detail as { divergence?: unknown } | undefined)?.divergence;
}

const pause = (ctx: Ctx): Promise<unknown> => ctx.sleep("pause", "1h");

describe("a deploy under a running workflow", () => {
  test("that changes nothing on record lets it go on: order, and steps added after, do not matter", async () => {
    const ran: string[] = [];
    const step = (ctx: Ctx, name: string): Promise<unknown> => ctx.run(name, () => (ran.push(name), name));
    const { run } = await deployed(
      flow(async (ctx) => {
        await Promise.all([step(ctx, "a"), step(ctx, "b")]);
        await pause(ctx);
        return ctx.decide({});
      }),
      flow(async (ctx) => {
        await Promise.all([step(ctx, "b"), step(ctx, "a")]);
        await pause(ctx);
        return ctx.decide({ added: await step(ctx, "c") });
      }),
    );
    expect(run).toMatchObject({ status: "completed", decision: { added: "c" } });
    expect(ran).toEqual(["a", "b", "c"]);
  });

  test("that adds a step ahead of what is on record executes it, and goes on", async () => {
    const { run } = await deployed(
      flow(async (ctx) => {
        await ctx.run("a", () => 1);
        await pause(ctx);
        return ctx.decide({});
      }),
      flow(async (ctx) => {
        const early = await ctx.run("early", () => "new");
        await ctx.run("a", () => 1);
        await pause(ctx);
        return ctx.decide({ early });
      }),
    );
    expect(run).toMatchObject({ status: "completed", decision: { early: "new" } });
  });

  test("that removes a step stops it, naming the step and what was taken instead", async () => {
    const { run } = await deployed(
      flow(async (ctx) => {
        await ctx.run("look up", () => 1);
        await pause(ctx);
        return ctx.decide({});
      }),
      flow(async (ctx) => {
        await pause(ctx);
        return ctx.decide({});
      }),
    );
    expect(run).toMatchObject({ status: "dead", failure: { class: "bug", code: "divergence" } });
    expect(run.failure?.message).toContain('at step "look up": recorded a code step, now the code does without it.');
    expect(sides(run)).toMatchObject({ step: "look up", part: "not_asked_for" });
  });

  test("that renames a step stops it, naming both names", async () => {
    const { run } = await deployed(
      flow(async (ctx) => {
        await ctx.run("look up", () => 1);
        await pause(ctx);
        return ctx.decide({});
      }),
      flow(async (ctx) => {
        await ctx.run("find", () => 1);
        await pause(ctx);
        return ctx.decide({});
      }),
    );
    expect(run.failure?.message).toContain(
      'at step "look up": recorded a code step, now the code does without it and takes "find" instead.',
    );
  });

  test("that makes another kind of step of one stops it, naming both kinds", async () => {
    const peer = await Peer.start();
    const look = ask(peer, "look");
    const { run } = await deployed(
      flow(async (ctx) => {
        await ctx.run("look up", () => 1);
        await pause(ctx);
        return ctx.decide({});
      }),
      flow(
        async (ctx) => {
          await ctx.tool("look up", look, { text: "x" });
          await pause(ctx);
          return ctx.decide({});
        },
        { tools: { look } },
      ),
    );
    expect(run.failure?.message).toContain('at step "look up": recorded a code step, now a tool step.');
    expect(sides(run)).toEqual({
      step: "look up",
      part: "kind",
      recorded: "a code step",
      present: "a tool step",
    });
    expect(peer.received).toEqual([]);
  });

  test("that points a prompt slot to another prompt stops it, naming both prompts", async () => {
    const classify: Body = async (ctx, e) => {
      const ticket = e["ticket"] as JsonObject;
      await ctx.prompt("classify", { ticket });
      await pause(ctx);
      return ctx.decide({});
    };
    const { run } = await deployed(
      flow(classify, { prompts: { classify: "classifier" } }),
      flow(classify, { prompts: { classify: "sorter" } }),
      { files: { "prompts/sorter/1.json": JSON.stringify({ ...PROMPT, name: "sorter" }) } },
    );
    expect(run.failure?.message).toContain(
      'at step "classify": recorded prompt classifier (pinned), now prompt sorter.',
    );
    expect(sides(run)).toMatchObject({ part: "prompt" });
  });

  test.each([
    ["a read", ask, false],
    ["a settled write", post, true],
  ] as const)("that swaps the tool of a step stops it, naming both tools: %s", async (_what, kind, write) => {
    const peer = await Peer.start();
    const one = kind(peer, "one") as AnyTool;
    const two = kind(peer, "two") as AnyTool;
    const using = (tool: AnyTool): ReturnType<typeof workflow> =>
      flow(
        async (ctx) => {
          await ctx.tool("call", tool as never, { text: "x" } as never);
          await pause(ctx);
          return ctx.decide({});
        },
        { tools: { one, two } },
      );
    const { run } = await deployed(using(one), using(two));
    expect(run.failure?.message).toContain('at step "call": recorded tool one, now tool two.');
    expect(sides(run)).toMatchObject({ part: "tool", recorded: "tool one", present: "tool two" });
    expect(peer.received.map(({ path }) => path)).toEqual(["/one"]);
    expect(write).toBe(kind === post);
  });

  test("that gives a step other input stops it, naming the fields that differ and hiding what is sensitive", async () => {
    const peer = await Peer.start();
    const look = ask(peer, "look", {
      args: {
        type: "object",
        properties: {
          text: { type: "string" },
          limit: { type: "integer" },
          mail: { type: "string", "x-sensitive": true },
        },
      },
    });
    const using = (args: JsonObject): ReturnType<typeof workflow> =>
      flow(
        async (ctx) => {
          await ctx.tool("call", look, args as never);
          await pause(ctx);
          return ctx.decide({});
        },
        { tools: { look } },
      );
    const { run } = await deployed(
      using({ text: "same", limit: 5, mail: "old@example.com" }),
      using({ text: "same", limit: 10, mail: "new@example.com" }),
    );
    expect(run.failure?.message).toContain("/limit was 5, is 10");
    expect(run.failure?.errors).toContainEqual({ pointer: "/limit", message: "recorded 5, now 10" });
    expect(sides(run)).toMatchObject({
      step: "call",
      part: "input",
      fields: [{ pointer: "/limit", recorded: 5, present: 10 }, { pointer: "/mail" }],
    });
    const said = JSON.stringify(run.failure);
    expect(said).not.toContain("example.com");
    expect(said).toContain("[redacted:");
    expect(said).not.toContain("same");
  });

  test("that has a review ask about another step stops it", async () => {
    const asking =
      (of: string): Body =>
      async (ctx, e) => {
        const ticket = e["ticket"] as JsonObject;
        await ctx.prompt("first", { ticket });
        await ctx.prompt("second", { ticket });
        await ctx.review("look", { of });
        return ctx.decide({});
      };
    const prompts = { first: "classifier", second: "classifier" };
    const script = [VALID, VALID];
    const world = await World.open({ workflows: flow(asking("first"), { prompts }), script });
    const runId = await world.submit();
    const { reviewId } = await world.review(runId);
    await world.restart({ workflows: flow(asking("second"), { prompts }), script: [] });
    await world.sluice.decideReview(reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).failure?.message).toContain(
      'at step "look": recorded a review of "first", now a review of "second".',
    );
  });

  test("that swaps two writes of one tool stops it, and calls nothing twice", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const both = (names: readonly [string, string]): ReturnType<typeof workflow> =>
      flow(
        async (ctx) => {
          await ctx.tool(names[0], send, { text: names[0] });
          await pause(ctx);
          await ctx.tool(names[1], send, { text: names[1] });
          return ctx.decide({});
        },
        { tools: { send } },
      );
    const { run } = await deployed(both(["a", "b"]), both(["b", "a"]));
    expect(sides(run)).toMatchObject({ step: "b", part: "renamed_write" });
    expect(run.failure?.message).toContain('Was "a" renamed?');
    expect(peer.received).toHaveLength(1);
  });

  test("that changes what a claimed write was given stops it before it is called again", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send", { failures: { transient: { attempts: 2, baseDelayMs: HOUR, maxDelayMs: HOUR } } });
    const using = (text: string): ReturnType<typeof workflow> =>
      flow(
        async (ctx) => {
          await ctx.tool("send", send, { text });
          return ctx.decide({});
        },
        { tools: { send } },
      );
    peer.next({ status: 503 });
    const clock = frozenClock();
    const world = await World.open({ workflows: using("one"), clock });
    const runId = await world.submit();
    await world.waiting(runId, "retry");
    clock.advance(HOUR);
    await world.restart({ workflows: using("two") });
    const run = await world.ended(runId);
    expect(run.failure?.message).toContain('/text was "one", is "two"');
    expect(peer.received).toHaveLength(1);
  });
});

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
