import { describe, expect, test } from "vitest";
import { tool } from "../tool/define.ts";
import { promptSet } from "../prompt/set.ts";
import { promptFromDocument } from "../prompt/load.ts";
import { event, workflow } from "./define.ts";
import type { Workflow } from "./define.ts";
import { workflowMistakes } from "./source-check.ts";
import { readSource } from "./source.ts";
import type { Source } from "./source.ts";

const args = { type: "object", properties: { id: { type: "string" } } } as const;
const lookUp = tool("look_up", { effect: "read", args, run: () => ({}) });
const refund = tool("refund", { effect: "write", args, run: () => ({}) });

const prompts = promptSet([
  promptFromDocument({
    name: "classifier",
    version: "1",
    owner: "support",
    model: "local/in-context",
    inputs: ["ticket.body", "customer.plan"],
    messages: [{ role: "user", content: "{{ ticket.body }} {{ customer.plan }}" }],
    output_schema: { type: "object", properties: { category: { type: "string" } } },
  }),
]);

/** The workflow as it would be loaded; what it looks like as source is given beside it. */
const loaded: Workflow = workflow(
  "triage",
  {
    on: event("ticket.created"),
    decision: { type: "object" },
    success: "suite:regression",
    deadline: "24h",
    prompts: { classify: "classifier" },
    tools: { lookUp, refund },
    thresholds: { review_below: 0.75 },
  },
  async () => undefined,
);

const HEAD = `import { event, workflow } from "sluice";
import { lookUp, refund } from "../tools/desk.ts";
`;
const OPTIONS = `{
  on: event("ticket.created"),
  decision: {}, success: "suite:regression", deadline: "24h",
  prompts: { classify: "classifier" },
  tools: { lookUp, refund },
  thresholds: { review_below: 0.75 },
}`;
const USED = `await ctx.tool("a", lookUp, {}); const w = await ctx.tool("b", refund, {}); use(w);
  await ctx.prompt("classify", { ticket: event.ticket, customer: event.customer });`;

function parsed(file: string, text: string): Source {
  const read = readSource(file, text);
  if ("problem" in read) throw new Error(read.problem.message);
  return read.source;
}

/** `CODE:LINE` of what is found; line 1 is the body's first, and the head of the file is "above". */
function found(
  body: string,
  options: { top?: string; files?: Record<string, string>; all?: boolean; given?: string } = {},
): string[] {
  const before = `${HEAD}${options.top ?? ""}\nexport default workflow("triage", ${options.given ?? OPTIONS}, async (event, ctx) => {\n`;
  const source = parsed("workflows/triage.ts", `${before}${body}\n});\n`);
  const others = Object.entries(options.files ?? {}).map(([file, text]) => parsed(file, text));
  const offset = before.split("\n").length - 1;
  return workflowMistakes(loaded, [source, ...others], prompts, ["regression"])
    .filter(({ code }) => options.all === true || !code.startsWith("unused_"))
    .map(({ file, line = 0, code }) =>
      file === source.file ? `${code}:${line > offset ? line - offset : "above"}` : `${code} ${file}:${line}`,
    );
}

/** The same for a body that decides at its end. */
const within = (body: string, options: Parameters<typeof found>[1] = {}): string[] =>
  found(`${body}\nreturn ctx.decide({});`, options);

describe("a workflow without mistakes", () => {
  test("has none found", () => {
    expect(found(`${USED}\nreturn ctx.decide({});`, { all: true })).toEqual([]);
  });

  test("parallel steps, branches, keys, helpers and steps of code are none", () => {
    const body = `
      const [a, b] = await Promise.all([ctx.tool("one", lookUp, {}), ctx.run("two", async () => (await fetch("x")).json())]);
      await Promise.all(event.items.map((item) => ctx.tool("each", lookUp, item, { key: item.id })));
      for (const item of event.items) await ctx.run(\`for \${item.id}\`, () => Date.now());
      if (a) await ctx.sleep("wait", "1h"); else await ctx.sleep("wait", "2h");
      if (b) { await ctx.run("late", () => 1); return ctx.decide({}); }
      await ctx.run("late", () => 2);
      const pending = ctx.run("later", () => 3);
      await pending;
      const at = new Date(ctx.now());
      const known = new Date("2026-01-01");
      ctx.log("decided", { at, known, chance: ctx.random(), run: ctx.runId });
      if (a.score < ctx.thresholds.review_below) await ctx.rule("score", true);
      await finish(ctx, event);`;
    expect(within(body, { top: "async function finish(c, event) { await c.tool('finish', lookUp, {}); }" })).toEqual(
      [],
    );
  });
});

describe("options that are not written out as a whole", () => {
  const top = `const common = { deadline: "1h", tools: { lookUp } };\n`;

  test("may declare the tool that a step calls", () => {
    const body = `const a = await ctx.tool("a", lookUp, {}); await ctx.run("b", () => a);`;
    expect(within(body, { top, given: "{ on, ...common }" })).toEqual([]);
  });
});

type Row = readonly [what: string, body: string, expected: readonly string[], options?: Parameters<typeof found>[1]];

const STEPS: readonly Row[] = [
  ["a verb that does not exist", `await ctx.promt("classify", {});`, ["unknown_verb:1"]],
  ["a step that nobody awaits", `ctx.tool("a", lookUp, {});`, ["step_not_awaited:1"]],
  ["a step behind void", `void ctx.run("a", () => 1);`, ["step_not_awaited:1"]],
  ["a step behind a condition that nobody awaits", `event.x && ctx.run("a", () => 1);`, ["step_not_awaited:1"]],
  ["a promise read as if it were the result", `const a = ctx.tool("a", lookUp, {});\nif (a.plan) await ctx.run("b", () => 1);`, ["step_not_awaited:1"]],
  ["a promise that is never looked at", `const a = ctx.tool("a", lookUp, {});`, ["step_not_awaited:1"]],
  ["a chain that nobody awaits", `ctx.run("a", () => 1).then(() => 2);`, ["step_not_awaited:1"]],
  ["one name for two steps", `await ctx.run("a", () => 1);\nawait ctx.tool("a", lookUp, {});`, ["duplicate_step:2"]],
  ["one name within a branch and behind it", `if (event.x) await ctx.run("a", () => 1);\nawait ctx.run("a", () => 1);`, ["duplicate_step:2"]],
  ["a step in a loop", `for (const x of event.items) await ctx.run("a", () => x);`, ["step_repeated:1"]],
  ["a step in a mapping", `await Promise.all(event.items.map((x) => ctx.tool("a", lookUp, x)));`, ["step_repeated:1"]],
  ["a helper called twice", `await both(ctx);\nawait both(ctx);`, ["step_repeated:above"], { top: `async function both(ctx) { await ctx.run("a", () => 1); }` }],
  ["a slot that is not declared", `await ctx.prompt("clasify", {});`, ["unknown_slot:1"]],
  ["an input that is not passed", `await ctx.prompt("classify", { ticket: event.ticket });`, ["missing_input:1"]],
  ["a tool that is not declared", `await ctx.tool("a", other, {});`, ["undeclared_tool:1"], { top: `import { other } from "../tools/desk.ts";` }],
  ["a fallback that is not declared", `await ctx.tool("a", lookUp, {}, { fallback: other });`, ["undeclared_tool:1"], { top: `import { other } from "../tools/desk.ts";` }],
  ["a write as a fallback", `await ctx.tool("a", lookUp, {}, { fallback: refund });`, ["fallback_on_write:1"]],
  ["a fallback on itself", `await ctx.tool("a", lookUp, {}, { fallback: lookUp });`, ["fallback_to_itself:1"]],
  ["a failure class there is not", `await ctx.run("a", () => 1, { failures: { timeuot: { attempts: 2 } } });`, ["wrong_failures:1"]],
  ["fewer than no attempts", `await ctx.tool("a", lookUp, {}, {\n  failures: {\n    timeout: { attempts: -1 } } });`, ["wrong_failures:3"]],
  ["a tool called past its guard", `await refund.run({ id: "1" });`, ["tool_called_directly:1"]],
  ["a write whose outcome is thrown away", `await ctx.tool("a", refund, {});`, ["write_outcome_ignored:1"]],
  ["a review of no prompt step", `await ctx.prompt("classify", { ticket: 1, customer: 1 });\nawait ctx.review("low", { of: "clasify" });`, ["review_of_nothing:2"]],
  ["a threshold that is not declared", `if (1 < ctx.thresholds.reviw_below) await ctx.run("a", () => 1);`, ["unknown_threshold:1"]],
  ["a threshold in brackets", `if (1 < ctx.thresholds["x"]) await ctx.run("a", () => 1);`, ["unknown_threshold:1"]],
  ["a step within a step", `await ctx.run("a", async () => { await ctx.run("b", () => 1); });`, ["step_in_step:1"]],
  ["the context given to somebody unknown", `await elsewhere(ctx);`, ["context_escapes:1"]],
  ["the context kept in an object", `const kept = { ctx };`, ["context_escapes:1"]],
]; // prettier-ignore

const EFFECTS: readonly Row[] = [
  ["the network", `const a = await fetch("http://x");`, ["side_effect_outside_step:1"]],
  ["the clock", `const a = Date.now();\nconst b = new Date();\nconst c = performance.now();`, ["side_effect_outside_step:1", "side_effect_outside_step:2", "side_effect_outside_step:3"]],
  ["chance", `const a = Math.random() + crypto.randomUUID();`, ["side_effect_outside_step:1", "side_effect_outside_step:1"]],
  ["a timer", `await new Promise((resolve) => setTimeout(resolve, 10));`, ["side_effect_outside_step:1"]],
  ["a file", `await readFile("x");`, ["side_effect_outside_step:1"], { top: `import { readFile } from "node:fs/promises";` }],
  ["a file through a namespace", `fs.writeFileSync("x", "");`, ["side_effect_outside_step:1"], { top: `import * as fs from "fs";` }],
  ["a client made at the top", `await db.query("select 1");`, ["side_effect_outside_step:1"], { top: `import pg from "pg";\nconst db = new pg.Pool();` }],
  ["a helper in the same file", `await ask();`, ["side_effect_outside_step:above"], { top: `async function ask() { return fetch("x"); }` }],
  ["a helper in another file", `await ask();`, ["side_effect_outside_step workflows/lib/ask.ts:1"], { top: `import { ask } from "./lib/ask.ts";`, files: { "workflows/lib/ask.ts": `export const ask = async () => fetch("x");` } }],
  ["the console", `console.log("here");`, ["console_in_workflow:1"]],
  ["text parsed unchecked", `const a = JSON.parse(event.text);`, ["unvalidated_output:1"]],
  ["a model's package", ``, ["hidden_model_call:above"], { top: `import OpenAI from "openai";` }],
  ["a model's address", `await ctx.run("ask", () => fetch("https://x/v1/chat/completions"));`, ["hidden_model_call:1"]],
  ["a model in a helper", ``, ["hidden_model_call workflows/lib/ask.ts:1"], { files: { "workflows/lib/ask.ts": `import { generateText } from "ai";` } }],
  ["a prompt in the code", "const p = `You are a careful assistant who classifies ${event.text} into topics.`;", ["hidden_prompt:1"]],
]; // prettier-ignore

describe("mistakes in steps", () => {
  test.each(STEPS.map(([what, body, expected, options = {}]) => ({ what, body, expected, options })))(
    "$what",
    ({ body, expected, options }) => {
      expect(within(body, options)).toEqual(expected);
    },
  );

  test("a workflow that never decides", () => {
    expect(found(`await ctx.run("a", () => 1);`)).toEqual(["no_decide:above"]);
  });

  test("what is declared and never used", () => {
    expect(within("", { all: true })).toEqual(["unused_slot:above", "unused_tool:above", "unused_tool:above"]);
  });

  test("the context taken apart is followed", () => {
    const text = `${HEAD}export default workflow("triage", ${OPTIONS}, async (event, { run, decide }) => {\n  run("a", () => Date.now());\n  const b = Date.now();\n  return decide({});\n});\n`;
    const codes = workflowMistakes(loaded, [parsed("workflows/triage.ts", text)], prompts, ["regression"]).map(
      ({ code }) => code,
    );
    expect(codes.filter((code) => !code.startsWith("unused_"))).toEqual([
      "step_not_awaited",
      "side_effect_outside_step",
    ]);
  });
});

describe("mistakes beside the steps", () => {
  test.each(EFFECTS.map(([what, body, expected, options = {}]) => ({ what, body, expected, options })))(
    "$what",
    ({ body, expected, options }) => {
      expect(within(body, options)).toEqual(expected);
    },
  );

  test("within a step all of that is permitted", () => {
    const body = `await ctx.run("a", async () => { await ask(); return [Date.now(), Math.random(), await fetch("x")]; });`;
    expect(within(body, { top: `async function ask() { return fetch("x"); }` })).toEqual([]);
  });
});

describe("what the definition lacks", () => {
  test("a decision, a success and a deadline: it cannot be measured", () => {
    const bare = workflow("bare", { on: event("ticket.created"), success: "suite:regresion" }, async () => undefined);
    const text = `import { workflow } from "sluice";\nexport default workflow("bare", {\n  success: "suite:regresion",\n}, async (event, ctx) => ctx.decide({}));\n`;
    const problems = workflowMistakes(bare, [parsed("workflows/bare.ts", text)], prompts, ["regression"]);
    expect(problems.map(({ code, line }) => `${code}:${line}`)).toEqual([
      "no_decision:2",
      "no_deadline:2",
      "no_eval_suite:3",
    ]);
    expect(problems[0]?.message).toContain("cannot be measured");
    expect(problems[2]?.fix).toContain(`"regression"`);
  });
});
