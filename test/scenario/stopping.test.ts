import { describe, expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { Peer, post } from "./peer.ts";
import { World, gate } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
const on = event("ticket.created");

describe("a process that is told to stop", () => {
  test("lets running steps end, starts no further run, and the next process goes on where it stood", async () => {
    const started = gate();
    const finish = gate();
    const ran: string[] = [];
    const workflows = workflow("flow", { on }, async (_e, ctx) => {
      await ctx.run("first", () => (ran.push("first"), started.open(), finish.opened));
      return ctx.decide({});
    });
    const world = await World.open({ workflows, config: { concurrency: 1 } });
    const [runId, queued] = [await world.submit(), await world.submit()];
    await started.opened;
    const stopped = world.sluice.close(5_000);
    finish.open();
    await stopped;
    await world.restart();
    expect((await world.ended(runId)).status).toBe("completed");
    expect((await world.ended(queued)).status).toBe("completed");
    expect(ran).toEqual(["first", "first"]);
  });

  test("stops what does not end in time and gives it back: no death is counted, nothing is lost", async () => {
    let hang = true;
    let started = gate();
    const stopped: boolean[] = [];
    const workflows = workflow("flow", { on }, async (_e, ctx) => {
      await ctx.run("work", (signal) => {
        started.open();
        signal.addEventListener("abort", () => stopped.push(true));
        return hang ? gate().opened : undefined;
      });
      return ctx.decide({});
    });
    const world = await World.open({ workflows });
    const runId = await world.submit();
    for (let times = 1; times <= 4; times++) {
      await started.opened;
      started = gate();
      await world.sluice.close(0);
      hang = times < 4;
      await world.restart();
    }
    expect(await world.ended(runId)).toMatchObject({ status: "completed", deaths: 0 });
    expect(stopped).toHaveLength(4);
  });

  test("in the middle of a write that can be repeated repeats it under the same key", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send");
    const arrived = gate();
    const never = gate();
    peer.next(() => (arrived.open(), never.opened.then(() => ({ status: 200 }))));
    const run = async (ctx: Ctx): Promise<unknown> => {
      await ctx.tool("send", send, { text: "a" });
      return ctx.decide({});
    };
    const workflows = workflow("flow", { on, tools: { send } }, (_e, ctx) => run(ctx));
    const world = await World.open({ workflows });
    const runId = await world.submit();
    await arrived.opened;
    await world.sluice.close(0);
    await world.restart();
    expect((await world.ended(runId)).status).toBe("completed");
    expect(peer.received).toHaveLength(2);
    expect(new Set(peer.received.map(({ key }) => key))).toEqual(new Set([`${runId}/send`]));
    expect((await world.steps(runId, "send")).filter(({ phase }) => phase === "settle")).toHaveLength(1);
  });
});
