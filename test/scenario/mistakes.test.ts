import { describe, expect, test } from "vitest";
import { Failure, event, tool, workflow } from "../../src/index.ts";
import type { AnyTool, WorkflowContext } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { World, gate } from "./world.ts";

type Ctx = WorkflowContext<Record<string, string>>;
const on = event("ticket.created");
const flow = (run: (ctx: Ctx) => Promise<unknown>, tools: Record<string, AnyTool> = {}): ReturnType<typeof workflow> =>
  workflow("flow", { on, deadline: "24h", tools }, (_event, ctx) => run(ctx));

/** Nothing is retried, every wait is over at once. */
const at = frozenClock();

describe("a mistake in workflow code makes a dead letter that says what to do", () => {
  const mistakes: [string, (ctx: Ctx) => Promise<unknown>, string, RegExp][] = [
    [
      "a step that is not awaited at the decision",
      async (ctx) => {
        void ctx.run("left", () => gate().opened);
        return ctx.decide({});
      },
      "step_not_awaited",
      /await every step/,
    ],
    [
      "a step after the decision, though the code swallows what it throws",
      async (ctx) => {
        await ctx.decide({});
        await ctx.run("after", () => 1).catch(() => {});
      },
      "step_after_decide",
      /"after" was called after ctx\.decide/,
    ],
    [
      "a step after the decision",
      async (ctx) => {
        await ctx.decide({});
        await ctx.run("after", () => 1);
      },
      "step_after_decide",
      /"after" was called after ctx\.decide/,
    ],
    [
      "a second decision",
      async (ctx) => {
        await ctx.decide({});
        await ctx.decide({});
      },
      "second_decision",
      /called twice/,
    ],
    [
      "the same name twice without a key",
      async (ctx) => {
        await ctx.run("same", () => 1);
        await ctx.run("same", () => 2);
        await ctx.decide({});
      },
      "duplicate_step",
      /"same" was called twice.*\{ key: "…" \}/,
    ],
    [
      "a step inside the body of another, which a resume would miss",
      async (ctx) => {
        await ctx.run("outer", async () => {
          await ctx.run("inner", () => 1);
          return 1;
        });
        await ctx.decide({});
      },
      "step_in_step",
      /"inner" was called inside the body of another step/,
    ],
    [
      "a decision inside the body of a step",
      (ctx) => ctx.run("outer", () => ctx.decide({}).catch(() => null)),
      "step_in_step",
      /"decide" was called inside/,
    ],
    ["no decision", async (ctx) => await ctx.run("a", () => 1), "no_decision", /without ctx\.decide/],
    ["an exception", () => Promise.reject(new TypeError("x is not a function")), "exception", /TypeError: x is not/],
    ["something thrown that is no error", () => Promise.reject("oh"), "exception", /threw oh/],
    [
      "something thrown that cannot even be made text",
      () => Promise.reject(Object.create(null)),
      "exception",
      /threw something that cannot be shown/,
    ],
    ["a decision that is no object", async (ctx) => ctx.decide(7), "decision_not_object", /takes an object/],
    ["a rule that is given no boolean", async (ctx) => ctx.rule("r", 1 as never), "rule_not_boolean", /true or false/],
    ["a step without a name", async (ctx) => ctx.run("", () => 1), "step_name", /needs a name/],
    ["a step under one of the runtime's own names", async (ctx) => ctx.run("@decide", () => 1), "step_name", /"@"/],
    ["a name with half a character", async (ctx) => ctx.run("a\ud800", () => 1), "step_name", /one line of text/],
    ["a key with half a character", async (ctx) => ctx.run("a", () => 1, { key: "\ud800" }), "step_key", /one line/],
    [
      "a review whose priority is no whole number",
      async (ctx) => ctx.review("look", { of: "classify", priority: 1.5 }),
      "review_priority",
      /whole number/,
    ],
    ["a sleep that outlasts every calendar", async (ctx) => ctx.sleep("pause", 1e15), "exception", /longer than/],
    ["a tool that is none", async (ctx) => ctx.tool("t", {} as never, {} as never), "not_a_tool", /tool\(\)/],
    ["a prompt slot that every object has", async (ctx) => ctx.prompt("__proto__", {}), "unknown_slot", /"__proto__"/],
    ["a prompt slot that is not declared", async (ctx) => ctx.prompt("gone", {}), "unknown_slot", /slot "gone"/],
    [
      "a review of a step that gave nothing",
      async (ctx) => ctx.review("look", { of: "classify" }),
      "review_of_nothing",
      /no output yet/,
    ],
    ["a result that is not JSON", async (ctx) => ctx.run("f", () => (() => 1) as never), "not_json", /"f".*JSON/],
  ];

  test.each(mistakes)("%s", async (_what, run, code, message) => {
    const world = await World.open({ workflows: flow(run) });
    const ended = await world.ended(await world.submit());
    expect(ended).toMatchObject({ status: "dead", failure: { class: "bug", code } });
    expect(ended.failure?.message).toMatch(message);
  });

  test("a call with an explicit key is a step of its own", async () => {
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const values = await Promise.all(["x", "y"].map((key) => ctx.run("same", () => key, { key })));
        return ctx.decide({ values });
      }),
    });
    expect((await world.ended(await world.submit())).decision).toEqual({ values: ["x", "y"] });
  });

  test("a decision off its schema names the place", async () => {
    const decision = { type: "object", required: ["queue"], properties: { queue: { type: "string" } } } as const;
    const world = await World.open({
      workflows: workflow("flow", { on, decision }, (_event, ctx) => ctx.decide({ queue: 7 })),
    });
    const { failure } = await world.ended(await world.submit());
    expect(failure).toMatchObject({ code: "decision_schema", errors: [{ pointer: "/queue" }] });
  });

  test("a write that was started and not awaited is on record before the run dies of it", async () => {
    const called = gate();
    const finish = gate();
    const send = tool("send", {
      effect: "write",
      risk: "low",
      args: { type: "object", properties: {} },
      run: () => (called.open(), finish.opened.then(() => "sent")),
    });
    const world = await World.open({
      workflows: flow(
        async (ctx) => {
          void ctx.tool("send it", send, {});
          await called.opened;
          finish.open();
          throw new Error("Something else.");
        },
        { send },
      ),
    });
    const runId = await world.submit();
    expect((await world.ended(runId)).failure).toMatchObject({ code: "exception" });
    expect(await world.steps(runId, "send it")).toMatchObject([{ phase: "settle", status: "success" }]);
  });
});

describe("what differs on every resume", () => {
  const calls: [string, () => unknown, string][] = [
    ["Date.now()", () => Date.now(), "ctx.now()"],
    ["new Date()", () => new Date(), "new Date(ctx.now())"],
    ["Math.random()", () => Math.random(), "ctx.random()"],
    ["crypto.randomUUID()", () => crypto.randomUUID(), "ctx.run()"],
    ["setTimeout()", () => setTimeout(() => {}, 1), "ctx.sleep()"],
    ["fetch()", () => fetch("http://127.0.0.1:1/"), "ctx.tool() or ctx.run()"],
    ["performance.now()", () => performance.now(), "ctx.now()"],
  ];

  test.each(calls)("%s outside a step throws in dev, naming the verb to use", async (call, use, verb) => {
    const world = await World.open({ workflows: flow(async (ctx) => ctx.decide({ value: String(await use()) })) });
    const { failure } = await world.ended(await world.submit());
    expect(failure).toMatchObject({ class: "bug", code: "nondeterminism" });
    expect(failure?.message).toContain(call);
    expect(failure?.message).toContain(`use ${verb}`);
  });

  test("is a warning in serve, once for each call", async () => {
    const world = await World.open({
      mode: "serve",
      workflows: flow(async (ctx) => ctx.decide({ value: Date.now() - Date.now(), also: Math.random() < 2 })),
    });
    const runId = await world.submit();
    expect((await world.ended(runId)).status).toBe("completed");
    const warnings = world.log.filter(({ level }) => level === "warn");
    expect(warnings.map(({ message }) => message.split(" ")[0])).toEqual(["Date.now()", "Math.random()"]);
    expect(warnings[0]?.data).toMatchObject({ run_id: runId, workflow: "flow" });
  });

  test("is a warning also where the log looks at the clock itself", async () => {
    const lines: number[] = [];
    const world = await World.open({
      mode: "serve",
      workflows: flow(async (ctx) => ctx.decide({ value: Date.now() })),
      onLog: () => void lines.push(Date.now()),
    });
    expect((await world.ended(await world.submit())).status).toBe("completed");
    expect(lines).toHaveLength(1);
  });

  test("is allowed inside a step and in dates that say when", async () => {
    const world = await World.open({
      workflows: flow(async (ctx) => {
        const taken = await ctx.run("now", () => Date.now());
        return ctx.decide({ day: new Date(0).getUTCDate(), recent: taken > 0 });
      }),
    });
    expect((await world.ended(await world.submit())).decision).toEqual({ day: 1, recent: true });
  });
});

/** Runs `before` up to its pause of an hour, then `after` in its place. */
async function changed(
  before: Parameters<typeof flow>,
  after: Parameters<typeof flow>,
): Promise<{ world: World; runId: string }> {
  const clock = frozenClock(at.now());
  const world = await World.open({ workflows: flow(...before), clock });
  const runId = await world.submit();
  await world.waiting(runId, "sleep");
  clock.advance(3_600_000);
  await world.restart({ workflows: flow(...after) });
  return { world, runId };
}

describe("code that changed between resumes stops with both sides named", () => {
  const idArgs = { type: "object", properties: { id: { type: "string" } } } as const;
  const look = tool("look", {
    effect: "read",
    args: idArgs,
    run: ({ id }) => ({ id: id ?? "" }),
  });

  test("another kind under the same name", async () => {
    const { world, runId } = await changed(
      [async (ctx) => (await ctx.run("a", () => 1), await ctx.sleep("pause", "1h"), ctx.decide({}))],
      [async (ctx) => (await ctx.rule("a", true), await ctx.sleep("pause", "1h"), ctx.decide({}))],
    );
    expect((await world.ended(runId)).failure).toMatchObject({
      code: "divergence",
      message: expect.stringMatching(/"a": recorded a code step, now a rule step/) as string,
    });
  });

  test("another input, told by the fields that differ", async () => {
    const { world, runId } = await changed(
      [
        async (ctx) => (await ctx.tool("a", look, { id: "1" }), await ctx.sleep("pause", "1h"), ctx.decide({})),
        { look },
      ],
      [
        async (ctx) => (await ctx.tool("a", look, { id: "2" }), await ctx.sleep("pause", "1h"), ctx.decide({})),
        { look },
      ],
    );
    const { failure } = await world.ended(runId);
    expect(failure).toMatchObject({ code: "divergence" });
    expect(failure?.message).toContain('at step "a": it is given other input. /id was "1", is "2".');
  });

  test("another name: what is on record and what took its place", async () => {
    const { world, runId } = await changed(
      [async (ctx) => (await ctx.run("old", () => 1), await ctx.sleep("pause", "1h"), ctx.decide({}))],
      [async (ctx) => (await ctx.run("new", () => 1), await ctx.sleep("pause", "1h"), ctx.decide({}))],
    );
    const { failure } = await world.ended(runId);
    expect(failure).toMatchObject({ code: "divergence" });
    expect(failure?.message).toMatch(/"old".*does without it and takes "new"/);
  });

  test("a write under another name is not done again", async () => {
    let sent = 0;
    const send = tool("send", {
      effect: "write",
      risk: "low",
      args: { type: "object", properties: {} },
      run: () => ++sent,
    });
    const { world, runId } = await changed(
      [async (ctx) => (await ctx.tool("send", send, {}), await ctx.sleep("pause", "1h"), ctx.decide({})), { send }],
      [async (ctx) => (await ctx.tool("send it", send, {}), await ctx.sleep("pause", "1h"), ctx.decide({})), { send }],
    );
    const { failure } = await world.ended(runId);
    expect(failure).toMatchObject({ class: "bug", code: "divergence", step: "send it" });
    expect(failure?.message).toMatch(/at step "send".*renamed/);
    expect(sent).toBe(1);
  });

  test("a write that has happened, given other input, though nothing was corrected", async () => {
    const send = tool("send", { effect: "write", risk: "low", args: idArgs, run: () => 1 });
    const sending =
      (id: string) =>
      async (ctx: Ctx): Promise<unknown> => (
        await ctx.tool("send", send, { id }),
        await ctx.sleep("pause", "1h"),
        ctx.decide({})
      );
    const { world, runId } = await changed([sending("1"), { send }], [sending("2"), { send }]);
    expect((await world.ended(runId)).failure?.message).toContain(
      'at step "send": it is given other input. /id was "1"',
    );
  });

  test("a step that failed may be gone from the code that a redrive resumes on", async () => {
    let sent = 0;
    const send = tool("send", { effect: "write", risk: "low", args: idArgs, run: () => ++sent });
    const sending =
      (name: string) =>
      async (ctx: Ctx): Promise<unknown> => (
        await ctx.tool(name, send, {}),
        await ctx.sleep("pause", "1h"),
        ctx.decide({})
      );
    const { world, runId } = await changed([sending("send"), { send }], [sending("send it"), { send }]);
    expect((await world.ended(runId)).failure).toMatchObject({ code: "divergence", step: "send it" });
    await world.restart({ workflows: flow(sending("send"), { send }) });
    await world.redrive(runId);
    const { failure } = await world.until(runId, "The end", ({ status }) => status === "completed");
    expect([failure, sent]).toEqual([null, 1]);
  });

  test("put right, a redrive takes the run to its end", async () => {
    const before: Parameters<typeof flow> = [
      async (ctx) => (await ctx.run("a", () => 1), await ctx.sleep("pause", "1h"), ctx.decide({})),
    ];
    const { world, runId } = await changed(before, [
      () => {
        throw new Failure({ class: "bug", code: "typo", message: "A typo." });
      },
    ]);
    expect((await world.ended(runId)).status).toBe("dead");
    await world.restart({ workflows: flow(...before) });
    await world.redrive(runId);
    expect((await world.until(runId, "The end", ({ status }) => status === "completed")).failure).toBeNull();
  });
});
