import { describe, expect, test } from "vitest";
import { Failure, event, workflow } from "../../src/index.ts";
import type { AnyTool, WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { Peer, post } from "./peer.ts";
import { KIM, World, gate } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
const on = event("ticket.created");
const PAYLOAD = { text: "hello" };
const HOUR = 3_600_000;

interface Setting {
  tool: object;
  /** Of the steps around the write. */
  run?: (ctx: Ctx, send: AnyTool) => Promise<unknown>;
  options?: Partial<WorkflowOptions<unknown, Record<string, string>>>;
}

/** A run whose write was claimed and called when its process went away, and a new process over the same data. */
async function cutOff({ tool, run, options }: Setting): Promise<{ world: World; peer: Peer; runId: string }> {
  const peer = await Peer.start();
  const send = post(peer, "send", { idempotent: false, ...tool }) as unknown as AnyTool;
  const body =
    run ?? (async (ctx: Ctx) => ctx.decide({ outcome: await ctx.tool("send it", send as never, PAYLOAD as never) }));
  const workflows = workflow("flow", { on, deadline: "24h", tools: { send }, ...options }, (_event, ctx) =>
    body(ctx, send),
  );
  const called = gate();
  const clock = frozenClock();
  // The process dies before the settle: nothing is written any more once the call has been made.
  const probe = (point: string): Promise<void> | void =>
    point === "write_called" ? (called.open(), new Promise<void>(() => {})) : undefined;
  const world = await World.open({ workflows, clock, probe });
  const runId = await world.submit();
  await called.opened;
  await world.restart({ probe: () => {} }, 0);
  return { world, peer, runId };
}

async function unknownReview(world: World, runId: string): Promise<{ reviewId: string; item: JsonObject }> {
  const { reviewId } = await world.review(runId);
  const item = await world.sluice.review(reviewId, KIM);
  return { reviewId, item: item as unknown as JsonObject };
}

describe("a write that was cut off between call and settle", () => {
  test("is called again under its key where the tool takes one", async () => {
    const { world, peer, runId } = await cutOff({ tool: { idempotent: true } });
    expect((await world.ended(runId)).status).toBe("completed");
    expect(peer.received.map(({ body }) => body)).toEqual([PAYLOAD, PAYLOAD]);
    expect(new Set(peer.received.map(({ key }) => key)).size).toBe(1);
  });

  test("has the outcome its look-up knows, and is not called again", async () => {
    const asked: Json[] = [];
    const reconcile = (args: Json): object => (asked.push(args), { status: "done", result: { ok: "found" } });
    const { world, peer, runId } = await cutOff({ tool: { reconcile } });
    expect((await world.ended(runId)).decision).toMatchObject({ outcome: { status: "done", result: { ok: "found" } } });
    expect(asked).toEqual([PAYLOAD]);
    expect(peer.received).toHaveLength(1);
  });

  test("is called again where its look-up says that it did not happen", async () => {
    const { world, peer, runId } = await cutOff({ tool: { reconcile: () => ({ status: "not_done" }) } });
    expect((await world.ended(runId)).status).toBe("completed");
    expect(peer.received).toHaveLength(2);
  });

  test.each([
    ["there is no look-up", {}, { said: "none" }],
    ["its look-up does not know", { reconcile: () => ({ status: "unknown" }) }, { said: "unknown" }],
    [
      "its look-up throws",
      {
        reconcile: () => {
          throw new TypeError("no such field");
        },
      },
      { said: "failed", class: "bug" },
    ],
    [
      "its look-up answers nonsense",
      { reconcile: () => "perhaps" },
      { said: "failed", class: "tool_drift", code: "bad_reconcile" },
    ],
    [
      "its look-up answers off the tool's schema",
      {
        result: { type: "object", required: ["id"] },
        run: () => ({ id: 1 }),
        reconcile: () => ({ status: "done", result: {} }),
      },
      { said: "failed", class: "tool_drift", code: "result_schema" },
    ],
    [
      "its look-up does not answer in time",
      { timeout: "50ms", reconcile: () => new Promise(() => {}), failures: { timeout: { attempts: 1 } } },
      { said: "failed", class: "timeout", code: "tool_timeout" },
    ],
    [
      "its look-up is turned away",
      {
        reconcile: () => {
          throw new Failure({ class: "rate_limited", code: "http_429", message: "Too many." });
        },
        failures: { rate_limited: { attempts: 1 } },
      },
      { said: "failed", class: "rate_limited", code: "http_429" },
    ],
  ])("goes to a person with all that is known where %s", async (_what, tool, lookUp) => {
    const { world, peer, runId } = await cutOff({ tool });
    const { item } = await unknownReview(world, runId);
    expect(item["unknownOutcome"]).toMatchObject({
      step: "send it",
      tool: "send",
      payload: PAYLOAD,
      idempotencyKey: `${runId}/send it`,
      attempt: 1,
      epoch: 1,
      worker: expect.stringMatching(/^wrk_/),
      claimedAt: expect.any(Number),
      lookUp,
    });
    expect((item["review"] as JsonObject)["why"]).toBe("denied");
    const why = await world.sluice.why(runId);
    const told = why?.questions.find(({ id }) => id === "tools")?.answer.join("\n") ?? "";
    expect(told).toContain(`under the key ${runId}/send it, payload {"text":"hello"}`);
    expect(peer.received.length).toBeLessThanOrEqual(1);
  });

  test("is looked up again by the failure table where the look-up fails for a while, and never taken for turned away", async () => {
    let fails = 2;
    const failing = new Failure({ class: "rate_limited", code: "http_429", message: "Too many." });
    const reconcile = (): object => {
      if (fails-- > 0) throw failing;
      return { status: "done", result: { ok: "found" } };
    };
    const failures = { rate_limited: { attempts: 3, baseDelayMs: 0, maxDelayMs: 0 } };
    const { world, peer, runId } = await cutOff({ tool: { reconcile, failures } });
    expect((await world.ended(runId)).decision).toMatchObject({ outcome: { result: { ok: "found" } } });
    expect(peer.received).toHaveLength(1);
    expect((await world.steps(runId, "send it")).filter(({ error }) => error !== undefined)).toHaveLength(2);
  });
});

describe("what a person says of a call nobody knows the outcome of", () => {
  test("approve: it is called again, once", async () => {
    const { world, peer, runId } = await cutOff({ tool: {} });
    const { reviewId } = await unknownReview(world, runId);
    await world.sluice.decideReview(reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).decision).toMatchObject({ outcome: { status: "done" } });
    expect(peer.received).toHaveLength(2);
    await world.restart();
    expect(peer.received).toHaveLength(2);
  });

  test("correct: its result is what was entered, and it is not called", async () => {
    const { world, peer, runId } = await cutOff({ tool: {} });
    const { reviewId } = await unknownReview(world, runId);
    const answer = {
      action: "correct",
      correctedOutput: { ok: "by hand" },
      correctionReason: "seen at the desk",
    } as const;
    expect(await world.sluice.decideReview(reviewId, answer, KIM)).toMatchObject({ ok: true });
    expect((await world.ended(runId)).decision).toMatchObject({
      outcome: { status: "done", result: { ok: "by hand" } },
    });
    expect(peer.received).toHaveLength(1);
  });

  test("reject: the run ends, and it is not called", async () => {
    const { world, peer, runId } = await cutOff({ tool: {} });
    const { reviewId } = await unknownReview(world, runId);
    await world.sluice.decideReview(reviewId, { action: "reject", correctionReason: "not worth it" }, KIM);
    expect(await world.ended(runId)).toMatchObject({ status: "stopped", disposition: "rejected" });
    expect(peer.received).toHaveLength(1);
  });
});

describe("a call nobody knows the outcome of", () => {
  test("is not repeated by a redrive: it is looked up again, and asked about again", async () => {
    const failures = { denied: { then: "dead_letter" } } as const;
    const { world, peer, runId } = await cutOff({ tool: {}, options: { failures } });
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { code: "outcome_unknown" } });
    await world.redrive(runId);
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { code: "outcome_unknown" } });
    expect(peer.received).toHaveLength(1);
  });

  test("stays one after a restart from before it, and what a person enters holds over another restart", async () => {
    const run = async (ctx: Ctx, send: AnyTool): Promise<unknown> => {
      const first = await ctx.run("first", () => "x");
      const outcome = await ctx.tool("send it", send as never, PAYLOAD as never);
      await ctx.sleep("pause", HOUR);
      return ctx.decide({ first, outcome });
    };
    const { world, peer, runId } = await cutOff({ tool: {}, run });
    const before = await world.review(runId);
    const restart = { from: "first", unpin: false, dryRun: false, reason: "tried" };
    expect(await world.sluice.restart(runId, restart, KIM)).toMatchObject({
      setAside: ["first"],
      kept: [{ step: "send it", settled: false }],
      withdrawnReviews: [before.reviewId],
    });
    await world.until(runId, "another review", ({ status, nextSeq }) => status === "waiting" && nextSeq > 8);
    const { reviewId } = await unknownReview(world, runId);
    expect(reviewId).not.toBe(before.reviewId);
    const answer = { action: "correct", correctedOutput: { ok: "by hand" }, correctionReason: "seen" } as const;
    await world.sluice.decideReview(reviewId, answer, KIM);
    await world.waiting(runId, "sleep");
    await world.sluice.restart(runId, restart, KIM);
    const waits = await world.until(
      runId,
      "its pause",
      ({ status, wait, nextSeq }) => nextSeq > 14 && status === "waiting" && wait === "sleep",
    );
    expect(waits.status).toBe("waiting");
    expect(peer.received).toHaveLength(1);
  });
});
