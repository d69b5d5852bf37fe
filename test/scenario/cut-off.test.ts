import { describe, expect, test } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { Peer, post } from "./peer.ts";
import { publish } from "./release.ts";
import { KIM, World, gate } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
const on = event("ticket.created");

/** A run whose process is gone in the middle of its write: claimed, received by the other side, no answer seen. */
async function cutOff(over: object): Promise<{ world: World; peer: Peer; runId: string }> {
  const peer = await Peer.start();
  const send = post(peer, "send", { idempotent: false, ...over });
  const run = async (ctx: Ctx): Promise<unknown> => {
    const { status, result } = await ctx.tool("send", send, { text: "a" });
    return ctx.decide({ status, result: (result ?? null) as never });
  };
  const received = gate();
  peer.next(() => (received.open(), gate<{ status: number }>().opened));
  const options = { on, deadline: "24h", tools: { send } };
  const world = await World.open({ workflows: workflow("flow", options, (_e, ctx) => run(ctx)) });
  const runId = await world.submit();
  await received.opened;
  await world.sluice.close(0);
  return { world, peer, runId };
}

const reconciled = (answer: Json): object => ({ reconcile: () => answer });
const DONE = { status: "done", result: { found: true } };

describe("a write that was cut off", () => {
  test("and can be neither repeated nor looked up is a person's to judge: entered as it was", async () => {
    const { world, peer, runId } = await cutOff({ result: { type: "object", properties: { id: { type: "string" } } } });
    await world.restart();
    const { reviewId, reason } = await world.review(runId);
    expect(reason).toMatch(/nobody can say whether it happened/);
    const correctedOutput = { id: "seen there" };
    const entered = { action: "correct", correctedOutput, correctionReason: "looked" } as const;
    expect(await world.sluice.decideReview(reviewId, entered, KIM)).toMatchObject({ ok: true });
    expect((await world.ended(runId)).decision).toEqual({ status: "done", result: correctedOutput });
    expect(peer.received).toHaveLength(1);
  });

  test("is called again once a person says so", async () => {
    const { world, peer, runId } = await cutOff({});
    await world.restart();
    const { reviewId } = await world.review(runId);
    await world.sluice.decideReview(reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).decision).toMatchObject({ status: "done" });
    expect(peer.received).toHaveLength(2);
  });

  test.each([
    ["settled where a look-up finds it", DONE, 1, { status: "done", result: { found: true } }],
    ["called again where a look-up does not", { status: "not_done" }, 2, { status: "done", result: { ok: true } }],
  ])("is %s", async (_what, answer, calls, decision) => {
    const { world, peer, runId } = await cutOff(reconciled(answer));
    await world.restart();
    expect((await world.ended(runId)).decision).toEqual(decision);
    expect(peer.received).toHaveLength(calls);
  });

  test.each([
    ["is settled where it happened", DONE, { status: "done", result: { found: true } }],
    ["does not happen any more where it had not", { status: "not_done" }, { status: "blocked", result: null }],
  ])("%s, when the stage was lowered meanwhile", async (_what, answer, decision) => {
    const { world, peer, runId } = await cutOff(reconciled(answer));
    await publish(world, { stage: "shadow", development: false });
    await world.restart({ mode: "serve" });
    expect((await world.ended(runId)).decision).toEqual(decision);
    expect(peer.received).toHaveLength(1);
  });
});
