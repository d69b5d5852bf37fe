import { expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { Peer, post } from "./peer.ts";
import { World } from "./world.ts";

const on = event("ticket.created");
const HOUR = 3_600_000;

test("a clock that is set back an hour loses no lease and no wait, and doubles nothing", async () => {
  const peer = await Peer.start();
  const send = post(peer, "send", { idempotent: false });
  const held = Promise.withResolvers<void>();
  const flow = workflow("flow", { on, deadline: "24h", tools: { send } }, async (_received, ctx) => {
    await ctx.sleep("pause", "10m");
    await ctx.tool("send", send, { text: "hello" });
    return ctx.decide({ done: true });
  });
  const clock = frozenClock();
  const world = await World.open({ workflows: flow, clock });
  const runId = await world.submit();
  await world.waiting(runId, "sleep");
  clock.advance(11 * 60_000);
  peer.next(async () => {
    await held.promise;
    return { status: 200 };
  });
  await world.poke();
  await expect.poll(() => peer.count("/send"), { timeout: 10_000 }).toBe(1);

  clock.advance(-HOUR);
  const second = await world.submit();
  await world.waiting(second, "sleep");
  held.resolve();
  expect(await world.ended(runId)).toMatchObject({ status: "completed" });
  expect(peer.count("/send")).toBe(1);
  clock.advance(HOUR);
  await world.poke();
  expect(await world.ended(second)).toMatchObject({ status: "completed" });
  expect(peer.count("/send")).toBe(2);
  expect(await world.sluice.auditVerify()).toMatchObject({ ok: true, runs: 2 });
});
