import { describe, expect, test } from "vitest";
import { StepFailed, event, workflow } from "../../src/index.ts";
import type { FailureClass, WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { ModelPeer, promptFile } from "./model-peer.ts";
import { Peer, ask, post } from "./peer.ts";
import { World, gate } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
type Over = Partial<WorkflowOptions<unknown, { classify: string }>>;
const on = event("ticket.created");
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };
const AT_ONCE = { baseDelayMs: 1, maxDelayMs: 1 };
const QUICK = { transient: AT_ONCE, rate_limited: AT_ONCE, timeout: AT_ONCE };

function flow(run: (ctx: Ctx, event: unknown) => Promise<unknown>, over: Over = {}): ReturnType<typeof workflow> {
  const options = { on, deadline: "24h", prompts: { classify: "classifier" }, failures: QUICK, ...over };
  return workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
}

const classify = (over: Over = {}): ReturnType<typeof workflow> =>
  flow(async (ctx, received) => ctx.decide(await ctx.prompt("classify", received)), over);
const CHAIN = { model: "peer/one", fallback_models: ["peer/two", "peer/three"] };
const chain = promptFile(CHAIN);

describe("a prompt with models to fall back on", () => {
  test.each<[FailureClass, number, object]>([
    ["transient", 5, { status: 503 }],
    ["rate_limited", 8, { status: 429 }],
    ["timeout", 3, () => gate<object>().opened],
  ])("goes on with the next one when the attempts of %s are used up", async (failure, attempts, answer) => {
    const peer = await ModelPeer.start();
    peer.says("one", answer);
    peer.says("two", { content: GOOD });
    const files = failure === "timeout" ? promptFile({ ...CHAIN, limits: { timeout: "300ms" } }) : chain;
    const world = await World.open({ workflows: classify(), files, config: peer.config });
    const runId = await world.submit();
    expect((await world.ended(runId)).decision).toEqual(GOOD);
    expect(peer.counts).toEqual({ one: attempts, two: 1 });
    const steps = await world.steps(runId, "classify");
    expect(steps.map(({ model, attempt, fallback }) => [model, attempt, fallback])).toEqual([
      ...Array.from({ length: attempts }, (_, i) => ["peer/one", i + 1, i === attempts - 1 ? "peer/two" : undefined]),
      ["peer/two", 1, undefined],
      ["peer/two", 1, undefined],
    ]);
    expect(steps.at(attempts - 1)?.error).toMatchObject({ class: failure });
    const why = await world.sluice.why(runId);
    expect(why?.questions[0]?.answer.join("\n")).toMatch(/peer\/one gave no answer \(.*\); went on with peer\/two/);
  });

  test("has attempts of its own at each, and ends where the table says with none left", async () => {
    const peer = await ModelPeer.start();
    for (const model of ["one", "two", "three"]) peer.says(model, { status: 500 });
    const failures = { transient: { ...AT_ONCE, attempts: 2, then: "review" as const } };
    const world = await World.open({ workflows: classify({ failures }), files: chain, config: peer.config });
    const runId = await world.submit();
    expect((await world.review(runId)).why).toBe("transient");
    expect(peer.counts).toEqual({ one: 2, two: 2, three: 2 });
  });

  test("stays with its model where the class does not allow another one", async () => {
    const peer = await ModelPeer.start();
    peer.says("one", { status: 500 });
    const failures = { transient: { ...AT_ONCE, attempts: 2, fallback: false } };
    const world = await World.open({ workflows: classify({ failures }), files: chain, config: peer.config });
    expect(await world.ended(await world.submit())).toMatchObject({ status: "dead", failure: { class: "transient" } });
    expect(peer.counts).toEqual({ one: 2 });
  });

  test("does not change its model for an answer that is wrong, or a request that is", async () => {
    const peer = await ModelPeer.start();
    peer.says("one", { content: "no JSON" });
    const world = await World.open({ workflows: classify(), files: chain, config: peer.config });
    expect((await world.review(await world.submit())).why).toBe("invalid_output");
    peer.says("one", { status: 401 });
    expect(await world.ended(await world.submit())).toMatchObject({ failure: { class: "bug" } });
    expect(peer.counts).toEqual({ one: 3 });
  });

  test("goes on at the right model when the process is gone in between", async () => {
    const peer = await ModelPeer.start();
    const asked = gate();
    peer.says("one", { status: 500 });
    peer.says("two", (_, nth) => (nth === 1 ? (asked.open(), gate<object>().opened) : { content: GOOD }));
    const files = promptFile({ model: "peer/one", fallback_models: ["peer/two"] });
    const failures = { transient: { attempts: 1 } };
    const world = await World.open({ workflows: classify({ failures }), files, config: peer.config });
    const runId = await world.submit();
    await asked.opened;
    await world.sluice.close(0);
    await world.restart();
    expect((await world.ended(runId)).decision).toEqual(GOOD);
    expect(peer.counts).toEqual({ one: 1, two: 2 });
  });

  test("asks its next model anew, and not for the repair of what the first one answered", async () => {
    const peer = await ModelPeer.start();
    peer.says("one", (_, nth) => (nth === 1 ? { content: "no JSON" } : { status: 500 }));
    peer.says("two", { content: GOOD });
    const failures = { transient: { attempts: 1 } };
    const world = await World.open({ workflows: classify({ failures }), files: chain, config: peer.config });
    const runId = await world.submit();
    expect((await world.ended(runId)).decision).toEqual(GOOD);
    const steps = await world.steps(runId, "classify");
    expect(steps.map(({ type, model }) => `${type} ${model}`)).toEqual([
      "model_call peer/one",
      "validation peer/one",
      "repair peer/one",
      "model_call peer/two",
      "validation peer/two",
    ]);
    expect(peer.asked.at(-1)?.messages).toHaveLength(1);
  });

  test("begins with its own model again once it is redriven", async () => {
    const peer = await ModelPeer.start();
    for (const model of ["one", "two", "three"]) peer.says(model, { status: 500 });
    const failures = { transient: { attempts: 1 } };
    const world = await World.open({ workflows: classify({ failures }), files: chain, config: peer.config });
    const runId = await world.submit();
    await world.ended(runId);
    peer.says("one", { content: GOOD });
    await world.redrive(runId);
    await world.until(runId, "The end", ({ status }) => status === "completed");
    expect(peer.counts).toEqual({ one: 2, two: 1, three: 1 });
  });

  test("keeps to the chain that a run has pinned", async () => {
    const peer = await ModelPeer.start();
    const clock = frozenClock();
    peer.says("one", { status: 500 });
    peer.says("two", { content: GOOD });
    const pausing = flow(
      async (ctx, received) => (await ctx.sleep("pause", "1h"), ctx.decide(await ctx.prompt("classify", received))),
      { failures: { transient: { attempts: 1 } } },
    );
    const files = promptFile({ model: "peer/one", fallback_models: ["peer/two"] });
    const world = await World.open({ workflows: pausing, files, config: peer.config, clock });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    const pins = JSON.parse((await world.run(runId)).pins ?? "{}") as { prompts: Record<string, object> };
    expect(pins.prompts["classify"]).toMatchObject({ model: "peer/one", fallbacks: ["peer/two"] });
    clock.advance(3_600_000);
    await world.poke();
    expect((await world.ended(runId)).decision).toEqual(GOOD);
  });
});

describe("a read with a tool to fall back on", () => {
  const looking = async (over: object = {}, other: object = {}): Promise<{ peer: Peer; world: World }> => {
    const peer = await Peer.start();
    const [look, spare] = [ask(peer, "look", over), ask(peer, "spare", other)];
    const workflows = flow(
      async (ctx) => ctx.decide({ got: await ctx.tool("look up", look, { text: "a" }, { fallback: spare }) }),
      { tools: { look, spare }, failures: { transient: { ...AT_ONCE, attempts: 2 }, timeout: { attempts: 1 } } },
    );
    return { peer, world: await World.open({ workflows }) };
  };

  test.each<[string, object, (peer: Peer) => void, number]>([
    ["keeps failing", {}, (peer) => peer.next({ status: 500 }, { status: 500 }), 2],
    ["does not answer in time", { timeout: 20 }, (peer) => peer.next(() => gate<{ status: number }>().opened), 1],
  ])("gets its answer there when its own tool %s", async (_what, over, prepare, calls) => {
    const { peer, world } = await looking(over);
    prepare(peer);
    const runId = await world.submit();
    expect((await world.ended(runId)).decision).toEqual({ got: { ok: true } });
    expect(peer.received.map(({ path, body }) => [path, body])).toEqual([
      ...Array.from({ length: calls }, () => ["/look", { text: "a" }]),
      ["/spare", { text: "a" }],
    ]);
    const steps = await world.steps(runId, "look up");
    expect(steps.map(({ tool, status, fallback }) => [tool, status, fallback])).toEqual([
      ...Array.from({ length: calls - 1 }, () => ["look", "error", undefined]),
      ["look", "error", "spare"],
      ["spare", "success", undefined],
    ]);
    const tools = (await world.sluice.why(runId))?.questions.find(({ id }) => id === "tools");
    expect(tools?.answer.join("\n")).toContain("went on with spare");
  });

  test("holds the other tool's result against the other tool's schema", async () => {
    const { peer, world } = await looking({}, { result: { type: "object", required: ["n"], properties: { n: { type: "integer" } } } }); // prettier-ignore
    peer.next({ status: 500 }, { status: 500 });
    expect((await world.review(await world.submit())).why).toBe("tool_drift");
    expect(peer.received.map(({ path }) => path)).toEqual(["/look", "/look", "/spare"]);
  });

  test("may be caught once both have failed, with the same branch after a restart", async () => {
    const peer = await Peer.start();
    const [look, spare, note] = [ask(peer, "look"), ask(peer, "spare"), post(peer, "note")];
    const caught: string[] = [];
    const arrived = gate();
    const workflows = flow(
      async (ctx) => {
        const got = await ctx.tool("look up", look, { text: "a" }, { fallback: spare }).catch((error: unknown) => {
          if (!(error instanceof StepFailed)) throw error;
          caught.push(`${error.class} ${error.step}`);
          return null;
        });
        await ctx.tool("note", note, { text: got === null ? "none" : "some" }, { required: true });
        return ctx.decide({ got });
      },
      { tools: { look, spare, note }, failures: { transient: { attempts: 1 } } },
    );
    const world = await World.open({ workflows });
    peer.next({ status: 500 }, { status: 500 }, () => (arrived.open(), gate<{ status: number }>().opened));
    const runId = await world.submit();
    await arrived.opened;
    await world.sluice.close(0);
    await world.restart();
    expect((await world.ended(runId)).decision).toEqual({ got: null });
    expect(peer.received.map(({ path }) => path)).toEqual(["/look", "/spare", "/note", "/note"]);
    expect(caught).toEqual(["transient look up", "transient look up"]);
  });

  test("is refused by the guard where the other tool is not declared", async () => {
    const peer = await Peer.start();
    const [look, spare] = [ask(peer, "look"), ask(peer, "spare")];
    const workflows = flow(
      async (ctx) => ctx.decide({ got: await ctx.tool("look up", look, { text: "a" }, { fallback: spare }) }),
      { tools: { look }, failures: { transient: { attempts: 1 } } },
    );
    const world = await World.open({ workflows });
    peer.next({ status: 500 });
    const runId = await world.submit();
    expect(await world.review(runId)).toMatchObject({
      why: "denied",
      reason: expect.stringContaining("spare") as string,
    });
    expect(peer.count("/spare")).toBe(0);
  });

  test("is a mistake where a write is involved", async () => {
    const peer = await Peer.start();
    const [look, send] = [ask(peer, "look"), post(peer, "send")];
    const workflows = flow(
      // @ts-expect-error -- a write has no fallback
      async (ctx) => ctx.decide({ got: await ctx.tool("send", send, { text: "a" }, { fallback: look }) }),
      { tools: { look, send } },
    );
    const world = await World.open({ workflows });
    expect(await world.ended(await world.submit())).toMatchObject({
      status: "dead",
      failure: {
        class: "bug",
        code: "fallback_on_write",
        message: expect.stringContaining("send is a write") as string,
      },
    });
    expect(peer.received).toEqual([]);
  });
});
