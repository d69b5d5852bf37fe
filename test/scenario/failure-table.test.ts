import { describe, expect, test } from "vitest";
import { FAILURE_POLICY } from "../../src/base/failure.ts";
import type { FailurePolicy } from "../../src/base/failure.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { TraceStep } from "../../src/journal/trace.ts";
import { StepFailed, event, workflow } from "../../src/index.ts";
import type { FailureClass, Workflow, WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import type { Run } from "../../src/journal/run.ts";
import { TERMINAL } from "../../src/journal/run.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import type { FrozenClock } from "../../src/testing/frozen-clock.ts";
import { ModelPeer, promptFile } from "./model-peer.ts";
import type { ModelAnswer } from "./model-peer.ts";
import { Peer, ask } from "./peer.ts";
import { KIM, World, gate } from "./world.ts";

/**
 * Each row of the failure table over real HTTP, under a clock that only the test moves: how often it is tried, with what
 * pauses, where it ends. The rows are a record by class, so that none can be missing. (`poison` needs a process that dies:
 * test/crash/poison.test.ts.)
 */
type Tried = Exclude<FailureClass, "poison">;
type Ctx = WorkflowContext<{ classify: string }>;
type Overrides = Partial<Record<FailureClass, Partial<FailurePolicy>>>;
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };

interface Place {
  models: ModelPeer;
  peer: Peer;
}

interface Row {
  /** What the other side does, every time. */
  prepare(place: Place): void;
  /** The step that fails; `failures` are the step's own. */
  take(ctx: Ctx, place: Place, failures: Overrides): Promise<unknown>;
  options?: Partial<WorkflowOptions<unknown, { classify: string }>>;
  /** The step's name. */
  step: string;
  code: string;
  /** Requests that one attempt makes. */
  requests: number;
}

const STATS = { type: "object", required: ["n"], properties: { n: { type: "integer" } } };
const tools = (place: Place) => ({ look: ask(place.peer, "look", { timeout: "300ms", result: STATS }) });

const model = (code: string, answer: ModelAnswer | (() => Promise<ModelAnswer>), requests = 1): Row => ({
  prepare: ({ models }) => models.says("one", answer),
  take: async (ctx, _place, failures) => await ctx.prompt("classify", { ticket: { body: "x" } }, { failures }),
  step: "classify",
  code,
  requests,
});

const tool = (code: string, reply: () => { status: number } | Promise<{ status: number }>, requests = 1): Row => ({
  prepare: ({ peer }) => peer.next(...Array.from({ length: 20 }, () => reply)),
  take: async (ctx, place, failures) => await ctx.tool("look", tools(place).look, { text: "a" }, { failures }),
  step: "look",
  code,
  requests,
});

const never = <T>(): Promise<T> => gate<T>().opened;

const TABLE: Readonly<Record<Tried, Record<string, Row>>> = {
  transient: {
    "a model that answers 503": model("http_503", { status: 503 }),
    "a tool that answers 500": tool("http_500", () => ({ status: 500 })),
  },
  rate_limited: {
    "a model that answers 429": model("http_429", { status: 429 }),
    "a tool that answers 429": tool("http_429", () => ({ status: 429 })),
  },
  timeout: {
    "a model that never answers": model("model_timeout", never),
    "a tool that never answers": tool("tool_timeout", never),
  },
  invalid_output: {
    "an answer that is no JSON": model("not_json", { content: "It is billing." }, 2),
    "an answer off its schema": model("schema", { content: { ...GOOD, category: "refund" } }, 2),
    "an answer with a field too many": model("schema", { content: { ...GOOD, more: 1 } }, 2),
  },
  rule_failed: {
    "a rule that does not hold": {
      prepare: ({ models }) => models.says("one", { content: GOOD }),
      take: async (ctx, _place, failures) => {
        await ctx.prompt("classify", { ticket: { body: "x" } });
        await ctx.rule("known plan", false, { failures });
      },
      step: "known plan",
      code: "rule_failed",
      requests: 0,
    },
  },
  tool_drift: { "a result off its schema": tool("result_schema", () => ({ status: 200 })) },
  denied: {
    "arguments off their schema": {
      prepare: () => {},
      take: async (ctx, place, failures) =>
        await ctx.tool("look", tools(place).look, { text: 7 as never }, { failures }),
      step: "look",
      code: "invalid_arguments",
      requests: 0,
    },
    "a tool that is not granted": {
      prepare: () => {},
      take: async (ctx, { peer }, failures) => await ctx.tool("look", ask(peer, "other"), { text: "a" }, { failures }),
      step: "look",
      code: "unknown_tool",
      requests: 0,
    },
  },
  budget: {
    "more model calls than the run may make": {
      ...model("run_budget", { content: GOOD }, 0),
      options: { budget: { modelCalls: 0 } },
    },
  },
  refused: {
    "a content filter": model("content_filter", { content: "", choice: { finish_reason: "content_filter" } }),
    "a refusal": model("refusal", { message: { content: null, refusal: "I will not." } }),
    "an answer that was cut off": model("length", { content: '{"cat', choice: { finish_reason: "length" } }),
  },
  bug: {
    "a model that refuses the key": model("http_401", { status: 401 }),
    "a tool that refuses the request": tool("http_400", () => ({ status: 400 })),
    "code that throws": {
      prepare: () => {},
      take: async (ctx, _place, failures) => await ctx.run("look", () => Promise.reject(new Error("oh")), { failures }),
      step: "look",
      code: "exception",
      requests: 0,
    },
  },
};

interface Outcome {
  world: World;
  run: Run;
  /** Failed attempts of the step, and the pauses between them in ms. */
  failed: TraceStep[];
  pauses: number[];
  /** Requests that both servers have seen. */
  requests: number;
}

/** Runs a row to its end or its review, with the clock moved on to whatever the run waits for. */
async function played(row: Row, failures: Overrides, ofStep: Overrides = {}, setting = {}): Promise<Outcome> {
  const place = { models: await ModelPeer.start(), peer: await Peer.start() };
  row.prepare(place);
  const clock = frozenClock();
  const run = async (ctx: Ctx): Promise<unknown> => (await row.take(ctx, place, ofStep), ctx.decide({}));
  const options = { on: event("ticket.created"), deadline: "24h", prompts: { classify: "classifier" }, tools: tools(place), failures, ...row.options }; // prettier-ignore
  const workflows: Workflow = workflow("flow", options, (_event, ctx) => run(ctx as unknown as Ctx));
  const files = promptFile({ model: "peer/one", limits: { timeout: "300ms" } });
  const world = await World.open({ workflows, files, config: place.models.config, clock, ...setting });
  const runId = await world.submit();
  const { last, pauses } = await throughRetries(world, runId, clock);
  const requests = place.models.asked.length + place.peer.received.length;
  const failed = (await world.steps(runId, row.step)).filter(({ error }) => error !== undefined);
  return { world, run: last, failed, pauses, requests };
}

async function throughRetries(
  world: World,
  runId: string,
  clock: FrozenClock,
): Promise<{ last: Run; pauses: number[] }> {
  const pauses: number[] = [];
  for (;;) {
    const standing = await world.until(runId, "A stop", (run) => TERMINAL.includes(run.status) || (run.status === "waiting" && (run.wakeAt ?? Infinity) > clock.now())); // prettier-ignore
    if (standing.wait !== "retry") return { last: standing, pauses };
    pauses.push((standing.wakeAt as number) - clock.now());
    clock.advance(pauses.at(-1) as number);
    await world.poke();
  }
}

async function expectEnd(
  { world, run }: Outcome,
  failure: string,
  code: string,
  then: FailurePolicy["then"],
): Promise<void> {
  if (then === "dead_letter") expect(run).toMatchObject({ status: "dead", failure: { class: failure, code } });
  else expect((await world.review(run.runId)).why).toBe(failure);
}

const rows = Object.entries(TABLE).flatMap(([failure, cases]) =>
  Object.entries(cases).map(([what, row]) => [failure as Tried, what, row] as const),
);

test("every class of the table is here, or in the tests of killed processes", () => {
  expect([...Object.keys(TABLE), "poison"].toSorted()).toEqual(Object.keys(FAILURE_POLICY).toSorted());
});

describe.each(rows)("%s, by %s", (failure, _what, row) => {
  const policy = FAILURE_POLICY[failure];

  test("is tried as often as the table says, with its pauses, and ends where it says", async () => {
    const outcome = await played(row, {});
    await expectEnd(outcome, failure, row.code, policy.then);
    expect(outcome.failed.map(({ error }) => (error as JsonObject)["class"])).toEqual(Array.from({ length: policy.attempts }, () => failure)); // prettier-ignore
    expect(outcome.failed.at(-1)?.error).toMatchObject({ code: row.code });
    expect(outcome.pauses).toHaveLength(policy.attempts - 1);
    for (const [i, pause] of outcome.pauses.entries()) {
      const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** i);
      expect(pause).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
      expect(pause).toBeLessThanOrEqual(ceiling);
    }
    if (row.requests > 0) expect(outcome.requests).toBe(row.requests * policy.attempts);
  });

  test("is as the workflow says, where it says so, and as the step says before that", async () => {
    const then = policy.then === "review" ? "dead_letter" : "review";
    const ofWorkflow = { attempts: 2, baseDelayMs: 10, maxDelayMs: 10, then } as const;
    const changed = await played(row, { [failure]: ofWorkflow });
    await expectEnd(changed, failure, row.code, then);
    expect(changed.failed).toHaveLength(2);
    const ofStep = await played(row, { [failure]: ofWorkflow }, { [failure]: { attempts: 3, then: policy.then } });
    await expectEnd(ofStep, failure, row.code, policy.then);
    expect(ofStep.failed).toHaveLength(3);
  });
});

describe("whatever the class", () => {
  test("Retry-After goes before the pause of the table, of a model and of a tool", async () => {
    const headers = { "retry-after": "90" };
    const rate = FAILURE_POLICY.rate_limited.attempts;
    for (const [row, attempts] of [
      [model("http_429", { status: 429, headers }), rate],
      [tool("http_429", () => ({ status: 429, headers })), rate],
      [tool("http_503", () => ({ status: 503, headers })), rate],
      [model("http_503", { status: 503, headers }), FAILURE_POLICY.transient.attempts],
    ] as const) {
      const { pauses, failed } = await played(row, {});
      expect(pauses).toEqual(Array.from({ length: attempts - 1 }, () => 90_000));
      expect(failed.every(({ error }) => (error as JsonObject)["retry_after_ms"] === 90_000)).toBe(true);
    }
  });

  test("what the code catches it catches again after a restart, and takes the same branch", async () => {
    const models = await ModelPeer.start();
    models.says("one", { content: "no JSON" });
    const caught: string[] = [];
    const arrived = gate();
    let hang = true;
    const failures = { invalid_output: { then: "dead_letter" } } as const;
    const workflows = workflow("flow", { on: event("ticket.created"), deadline: "24h", prompts: { classify: "classifier" }, failures }, async (received, ctx) => {
      const got = await ctx.prompt("classify", received).catch((error: unknown) => {
        if (!(error instanceof StepFailed)) throw error;
        caught.push(`${error.class} ${error.info.code} ${error.step}`);
        return null;
      });
      await ctx.run("after", () => (arrived.open(), hang ? gate().opened : undefined));
      await ctx.decide({ got });
    }); // prettier-ignore
    const world = await World.open({ workflows, files: promptFile({ model: "peer/one" }), config: models.config });
    const runId = await world.submit();
    await arrived.opened;
    await world.sluice.close(0);
    hang = false;
    await world.restart();
    expect((await world.ended(runId)).decision).toEqual({ got: null });
    expect(caught).toEqual(["invalid_output not_json classify", "invalid_output not_json classify"]);
    expect(models.asked).toHaveLength(2);
  });

  test("in shadow nobody is asked: the run stops, and what it failed of is on record", async () => {
    const row = TABLE.refused["a refusal"] as Row;
    const { run } = await played(row, {}, {}, { mode: "serve" });
    expect(run).toMatchObject({
      status: "stopped",
      disposition: "shadowed",
      failure: { class: "refused", code: "refusal" },
    });
  });

  test("a person's answer takes the place of what failed", async () => {
    const { world, run } = await played(TABLE.refused["a refusal"] as Row, {});
    const review = await world.review(run.runId);
    const correct = { action: "correct", correctedOutput: GOOD, correctionReason: "read it" } as const;
    expect(await world.sluice.decideReview(review.reviewId, correct, KIM)).toMatchObject({ ok: true });
    expect(await world.ended(run.runId)).toMatchObject({ status: "completed", disposition: "reviewed" });
  });

  test("a step that changes the table wrongly is a mistake that says which, before anything is called", async () => {
    const outcome = await played(
      tool("", () => ({ status: 500 })),
      {},
      { timeuot: { attempts: 2 } } as Overrides,
    );
    expect(outcome.run).toMatchObject({
      status: "dead",
      failure: {
        class: "bug",
        code: "wrong_failures",
        message: expect.stringMatching(/"look".*"timeuot".*timeout/) as string,
      },
    });
    expect(outcome.requests).toBe(0);
  });

  test.each([
    ["a class there is not", { timeuot: {} }, /There is no failure class "timeuot".*timeout/],
    ["less than one attempt", { timeout: { attempts: -1 } }, /failures\.timeout\.attempts is -1/],
    ["an end there is not", { bug: { then: "retry" } }, /failures\.bug\.then is "retry"/],
    ["the class that no code is left for", { poison: { attempts: 9 } }, /keeps killing its worker/],
  ])("a workflow with %s cannot be defined", (_what, failures, message) => {
    const define = (): Workflow => workflow("flow", { on: event("ticket.created"), failures: failures as Overrides }, async () => undefined); // prettier-ignore
    expect(define).toThrow(message);
  });
});

describe("a run's deadline", () => {
  const SLEEPING = workflow("flow", { on: event("ticket.created"), deadline: "2h" }, async (_event, ctx) => {
    await ctx.sleep("pause", "3h");
    await ctx.decide({});
  });

  test.each(["dev", "serve"] as const)("ends it while it waits, under %s at its stage", async (mode) => {
    const clock = frozenClock();
    const world = await World.open({ workflows: SLEEPING, clock, mode });
    const runId = await world.submit();
    await world.waiting(runId, "sleep");
    clock.advance(7_200_000);
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({
      status: "dead",
      stage: mode === "dev" ? "partial" : "shadow",
      failure: { class: "timeout", code: "deadline" },
    });
  });

  test("ends it while it waits for another attempt, also across a restart", async () => {
    const peer = await Peer.start();
    const look = ask(peer, "look");
    const clock = frozenClock();
    const workflows = workflow(
      "flow",
      { on: event("ticket.created"), deadline: "1h", tools: { look } },
      async (_e, ctx) => {
        await ctx.tool("look", look, { text: "a" });
        await ctx.decide({});
      },
    );
    const world = await World.open({ workflows, clock });
    peer.next({ status: 429, headers: { "retry-after": "7200" } });
    const runId = await world.submit();
    expect((await world.waiting(runId, "retry")).wakeAt).toBe(clock.now() + 3_600_000);
    await world.restart();
    clock.advance(3_600_000);
    await world.poke();
    expect(await world.ended(runId)).toMatchObject({ status: "dead", failure: { code: "deadline" } });
    expect(peer.received).toHaveLength(1);
  });

  test("ends it before it is begun, where it has stood in the queue for so long", async () => {
    const clock = frozenClock();
    const begun = gate();
    const release = gate();
    const workflows = workflow(
      "flow",
      { on: event("ticket.created"), deadline: "1h", concurrency: { limit: 1 } },
      async (_e, ctx) => {
        await ctx.run("hold", () => (begun.open(), release.opened));
        await ctx.decide({});
      },
    );
    const world = await World.open({ workflows, clock });
    const [first, second] = [await world.submit(), await world.submit()];
    await begun.opened;
    clock.advance(3_600_000);
    release.open();
    await world.ended(first);
    expect(await world.ended(second)).toMatchObject({ status: "dead", failure: { code: "deadline" } });
  });
});
