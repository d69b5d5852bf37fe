import { describe, expect, test } from "vitest";
import type { AnyTool, workflow } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { Run } from "../../src/journal/run.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { HOUR, VALID, deployed, flow, pause } from "./deploy.ts";
import type { Body, Ctx } from "./deploy.ts";
import { Peer, ask, post } from "./peer.ts";
import { KIM, PROMPT, World } from "./world.ts";

function sides(run: Run): unknown {
  return (run.failure?.detail as { divergence?: unknown } | undefined)?.divergence;
}

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
