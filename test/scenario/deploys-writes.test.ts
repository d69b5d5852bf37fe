import { describe, expect, test } from "vitest";
import { deployed, flow, pause } from "./deploy.ts";
import type { Ctx } from "./deploy.ts";
import { Peer, post } from "./peer.ts";
import { KIM } from "./world.ts";

describe("a write of code that is not what ran before", () => {
  test("is not made while a step on record was passed over: the run stops first", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const tools = { send };
    const code = (load: string): ReturnType<typeof flow> =>
      flow(
        async (ctx) => {
          await ctx.run(load, () => 1);
          await pause(ctx);
          const { status } = await ctx.tool("send", send, { text: "a" });
          return ctx.decide({ status });
        },
        { tools },
      );
    const { run, world } = await deployed(code("load"), code("load it"));
    expect(run).toMatchObject({
      status: "dead",
      failure: { class: "bug", code: "divergence", step: "send", detail: { divergence: { step: "load" } } },
    });
    expect(run.failure?.message).toContain('takes "load it"');
    expect(peer.received).toHaveLength(0);

    await world.restart({ workflows: code("load") });
    const from = { from: "load it", unpin: false, dryRun: false, reason: "the deploy was taken back" };
    await world.sluice.restart(run.runId, from, KIM);
    const ended = await world.until(run.runId, "The end", ({ status }) => status === "completed");
    expect(ended.decision).toEqual({ status: "done" });
    expect(peer.received).toHaveLength(1);
  });

  test("is made where what stands beside it only takes a moment to ask for its own", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const code = flow(
      async (ctx) => {
        const beside = async (): Promise<unknown> => {
          // No step, and not answered within a turn of the event loop.
          for (let i = 0; i < 20; i++) await crypto.subtle.digest("SHA-256", new Uint8Array(1_000_000));
          return await ctx.run("beside", () => 1);
        };
        const write = async (one: Ctx): Promise<unknown> => {
          await one.run("first", () => 1);
          await pause(one);
          return await one.tool("send", send, { text: "a" });
        };
        await Promise.all([beside(), write(ctx)]);
        return ctx.decide({});
      },
      { tools: { send } },
    );
    const { run } = await deployed(code, code);
    expect(run.status).toBe("completed");
    expect(peer.received).toHaveLength(1);
  });
});
