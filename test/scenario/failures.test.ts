import { describe, expect, test } from "vitest";
import { Failure, StepFailed, event, workflow } from "../../src/index.ts";
import type { AnyTool, WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import { ScriptedReply } from "../../src/model/scripted.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { Peer, ask, post } from "./peer.ts";
import { KIM, World, gate } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
type Over = Partial<WorkflowOptions<unknown, { classify: string }>>;
const on = event("ticket.created");
const QUICK = { transient: { baseDelayMs: 1, maxDelayMs: 1 } };
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };

function flow(run: (ctx: Ctx, event: unknown) => Promise<unknown>, over: Over = {}): ReturnType<typeof workflow> {
  const options = { on, deadline: "24h", prompts: { classify: "classifier" }, failures: QUICK, ...over };
  return workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
}

const classify = flow(async (ctx, received) => ctx.decide(await ctx.prompt("classify", received)));

describe("a step that fails for a moment", () => {
  test("is tried again, each attempt on record, then is a dead letter; redriven, only what failed is done again", async () => {
    const peer = await Peer.start();
    const [first, second, third] = ["first", "second", "third"].map((name) => post(peer, name));
    const tools = { first, second, third } as Record<string, AnyTool>;
    const world = await World.open({
      workflows: flow(
        async (ctx) => {
          for (const [name, one] of Object.entries(tools)) await ctx.tool(name, one as never, { text: name } as never);
          return ctx.decide({ done: true });
        },
        { tools },
      ),
    });
    peer.next({ status: 200 }, ...Array.from({ length: 5 }, () => ({ status: 503 })));
    const runId = await world.submit();
    const run = await world.ended(runId);
    expect(run).toMatchObject({
      status: "dead",
      failure: { class: "transient", code: "http_503", step: "second" },
      fingerprint: "flow/second/transient/http_503",
    });
    expect((await world.steps(runId, "second")).filter(({ status }) => status === "error")).toMatchObject(
      [1, 2, 3, 4, 5].map((attempt) => ({ attempt, error: { code: "http_503" } })),
    );
    expect(await world.sluice.deadGroups({})).toMatchObject([
      { fingerprint: run.fingerprint, count: 1, example: runId },
    ]);

    await world.redrive(runId);
    expect(await world.until(runId, "The end", ({ status }) => status === "completed")).toMatchObject({
      decision: { done: true },
      disposition: "applied",
    });
    expect([peer.count("/first"), peer.count("/second"), peer.count("/third")]).toEqual([1, 6, 1]);
    expect(new Set(peer.received.filter(({ path }) => path === "/second").map(({ key }) => key)).size).toBe(1);
  });

  test("a write whose outcome is unknown is not repeated by a redrive either: a person says", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send", { idempotent: false });
    const world = await World.open({
      workflows: flow(async (ctx) => (await ctx.tool("send", send, { text: "a" }), ctx.decide({})), {
        tools: { send },
        failures: { transient: { attempts: 1 } },
      }),
    });
    peer.next({ status: 500 });
    const runId = await world.submit();
    await world.ended(runId);
    await world.redrive(runId);
    const review = await world.review(runId);
    expect(review).toMatchObject({ why: "denied", reason: expect.stringMatching(/nobody can say/) as string });
    expect(peer.received).toHaveLength(1);
    await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM);
    expect((await world.ended(runId)).status).toBe("completed");
    expect(peer.received).toHaveLength(2);
  });

  test("a look-up says whether a cut-off write happened", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send", {
      idempotent: false,
      reconcile: () => ({ status: "done", result: { found: true } }),
    });
    const world = await World.open({
      workflows: flow(
        async (ctx) => {
          const outcome = await ctx.tool("send", send, { text: "a" });
          return ctx.decide({ result: outcome.result ?? null });
        },
        { tools: { send } },
      ),
    });
    peer.next({ status: 500 });
    expect((await world.ended(await world.submit())).decision).toEqual({ result: { found: true } });
    expect(peer.received).toHaveLength(1);
  });

  test("a failure that was caught stays as it is when a later one is redriven", async () => {
    const peer = await Peer.start();
    const [one, other, last] = [ask(peer, "one"), ask(peer, "other"), ask(peer, "last")];
    const world = await World.open({
      workflows: flow(
        async (ctx) => {
          const from = await ctx.tool("one", one, { text: "" }).catch(async (error: unknown) => {
            expect(error).toBeInstanceOf(StepFailed);
            await ctx.tool("other", other, { text: "" });
            return "other";
          });
          await ctx.tool("last", last, { text: "" });
          return ctx.decide({ from });
        },
        { tools: { one, other, last } },
      ),
    });
    peer.next({ status: 400 }, { status: 200 }, { status: 400 });
    const runId = await world.submit();
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { class: "bug", step: "last" } });
    await world.redrive(runId);
    const run = await world.until(runId, "The end", ({ status }) => status === "completed");
    expect(run.decision).toEqual({ from: "other" });
    expect(peer.received.map(({ path }) => path)).toEqual(["/one", "/other", "/last", "/last"]);
  });

  test("429 waits as long as the other side asked, without a process", async () => {
    const peer = await Peer.start();
    const look = ask(peer, "look");
    const clock = frozenClock();
    const world = await World.open({
      workflows: flow(async (ctx) => ctx.decide({ got: await ctx.tool("look", look, { text: "" }) }), {
        tools: { look },
      }),
      clock,
    });
    peer.next({ status: 429, headers: { "retry-after": "120" } });
    const runId = await world.submit();
    expect((await world.waiting(runId, "retry")).wakeAt).toBe(clock.now() + 120_000);
    clock.advance(119_999);
    await world.poke();
    expect((await world.run(runId)).status).toBe("waiting");
    clock.advance(1);
    await world.poke();
    expect((await world.ended(runId)).decision).toEqual({ got: { ok: true } });
    expect(peer.received).toHaveLength(2);
  });

  test("a tool that does not answer in time has three attempts", async () => {
    const peer = await Peer.start();
    const look = ask(peer, "look", { timeout: 20, failures: { timeout: { baseDelayMs: 1, maxDelayMs: 1 } } });
    const never = gate();
    const world = await World.open({
      workflows: flow(async (ctx) => ctx.decide({ got: await ctx.tool("look", look, { text: "" }) }), {
        tools: { look },
      }),
    });
    peer.next(...Array.from({ length: 3 }, () => () => never.opened.then(() => ({ status: 200 }))));
    const run = await world.ended(await world.submit());
    expect(run).toMatchObject({ status: "dead", failure: { class: "timeout", code: "tool_timeout", step: "look" } });
    expect(peer.received).toHaveLength(3);
  });

  test("a result off its schema goes to a person, who enters the right one", async () => {
    const peer = await Peer.start();
    const look = ask(peer, "look", {
      result: { type: "object", required: ["n"], properties: { n: { type: "integer" } } },
    });
    const world = await World.open({
      workflows: flow(async (ctx) => ctx.decide({ got: await ctx.tool("look", look, { text: "" }) }), {
        tools: { look },
      }),
    });
    const runId = await world.submit();
    const review = await world.review(runId);
    expect(review.why).toBe("tool_drift");
    const wrong = { action: "correct", correctedOutput: { n: "1" }, correctionReason: "looked it up" } as const;
    expect(await world.sluice.decideReview(review.reviewId, wrong, KIM)).toMatchObject({
      code: "invalid_correction",
      errors: [{ pointer: "/n" }],
    });
    await world.sluice.decideReview(review.reviewId, { ...wrong, correctedOutput: { n: 1 } }, KIM);
    expect((await world.ended(runId)).decision).toEqual({ got: { n: 1 } });
  });
});

describe("a model's answer", () => {
  test("that is not JSON is shown its errors once, and the repaired one counts", async () => {
    const world = await World.open({ workflows: classify, script: ["Sure! It is billing.", GOOD] });
    const runId = await world.submit();
    expect((await world.ended(runId)).decision).toEqual(GOOD);
    expect(world.model.requests).toHaveLength(2);
    expect(world.model.requests[1]?.messages.at(-1)?.content).toMatch(/cannot be used/);
    expect((await world.steps(runId, "classify")).map(({ type, status }) => [type, status])).toEqual([
      ["model_call", "success"],
      ["validation", "error"],
      ["repair", "success"],
      ["validation", "success"],
    ]);
  });

  test.each([
    ["off its schema", { ...GOOD, category: "refund" }],
    ["with a field too many", { ...GOOD, extra: 1 }],
    ["with a rule broken", { ...GOOD, confidence: 0 }],
  ])("%s twice goes to a person after exactly two calls", async (_what, bad) => {
    const rules = [{ name: "sure", check: (output: unknown) => (output as typeof GOOD).confidence > 0 || "unsure" }];
    const workflows = flow(async (ctx, received) =>
      ctx.decide(await ctx.prompt("classify", received, { rules: rules })),
    );
    const world = await World.open({ workflows, script: [bad, bad] });
    const runId = await world.submit();
    const review = await world.review(runId);
    expect(review).toMatchObject({ why: "invalid_output", of: "classify", step: "@review:classify" });
    expect(world.model.requests).toHaveLength(2);
    expect(await world.sluice.decideReview(review.reviewId, { action: "approve" }, KIM)).toMatchObject({
      code: "nothing_to_approve",
    });
    const correct = { action: "correct", correctedOutput: GOOD, correctionReason: "read it" } as const;
    expect(await world.sluice.decideReview(review.reviewId, correct, KIM)).toMatchObject({ ok: true });
    expect(await world.ended(runId)).toMatchObject({ disposition: "reviewed", decision: GOOD });
    expect(world.model.requests).toHaveLength(2);
  });

  test("of a keyed call is corrected under its key", async () => {
    const workflows = flow(async (ctx, received) => {
      const both = ["a", "b"].map((key) => ctx.prompt("classify", received, { key }));
      const [a, b] = await Promise.all(both);
      return ctx.decide({ a, b });
    });
    let calls = 0;
    const world = await World.open({ workflows, script: () => (++calls <= 1 ? GOOD : { nothing: true }) });
    const runId = await world.submit();
    const review = await world.review(runId);
    const correctedOutput = { ...GOOD, category: "other" };
    const correct = { action: "correct", correctedOutput, correctionReason: "read it" } as const;
    await world.sluice.decideReview(review.reviewId, correct, KIM);
    expect((await world.ended(runId)).decision).toEqual({ a: GOOD, b: correctedOutput });
  });

  test.each([
    ["refusal", "refusal"],
    ["content_filter", "content_filter"],
    ["length", "length"],
  ] as const)("that ends by %s goes to a person without a repair", async (finishReason, code) => {
    const reply = new ScriptedReply({ text: JSON.stringify(GOOD).slice(0, 9), finishReason });
    const world = await World.open({ workflows: classify, script: [reply] });
    const runId = await world.submit();
    expect((await world.review(runId)).why).toBe("refused");
    expect(world.model.requests).toHaveLength(1);
    expect((await world.steps(runId, "classify")).at(-1)).toMatchObject({ validation: { verdict: "refused", code } });
  });

  test("that never comes is retried without losing the answer that a repair was asked for", async () => {
    const down = new Failure({ class: "transient", code: "http_500", message: "Down." });
    const world = await World.open({ workflows: classify, script: ["no", down, GOOD] });
    const runId = await world.submit();
    expect((await world.ended(runId)).decision).toEqual(GOOD);
    expect(world.model.requests).toHaveLength(3);
    expect((await world.steps(runId, "classify")).map(({ type }) => type)).toEqual([
      "model_call",
      "validation",
      "repair",
      "repair",
      "validation",
    ]);
  });

  test("the repair's record says what it was shown: the mistakes, and the answer that had them", async () => {
    const body = "Please call 0171 4455667 at once.";
    const wrong = JSON.stringify({ category: "refund", urgency: body, confidence: 0.9 });
    const world = await World.open({ workflows: classify, script: [wrong, GOOD] });
    const runId = await world.submit({ ticket: { id: "tkt_9", body } });
    await world.ended(runId);
    const [call, , repair] = await world.steps(runId, "classify");
    expect(repair).toMatchObject({
      type: "repair",
      input: {
        errors: [{ pointer: "/category" }, { pointer: "/urgency" }],
        answer: expect.stringMatching(/^\{"category":"refund","urgency":"\[redacted:[^"]+\]"/) as string,
      },
    });
    expect(JSON.stringify(repair)).not.toContain("4455667");
    expect(call?.input).toMatchObject({ "ticket.body": expect.stringContaining("[redacted:") as string });
    expect(world.model.requests[1]?.messages.at(-2)?.content).toBe(wrong);
  });
});
