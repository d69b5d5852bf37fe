import { describe, expect, test } from "vitest";
import { DECIDE, between, drawn, implied, loaded, parsed, prompts, step } from "../testing/drawn.ts";
import type { Given } from "../testing/drawn.ts";
import type { Workflow } from "./define.ts";
import { drawPicture } from "./picture.ts";

describe("helpers", () => {
  test("that are given the context are followed, in this file and in others", () => {
    const given = {
      top: `import { check } from "../lib/check.ts";\nasync function begin(c, kind) { await c.tool("begin " + kind, lookUp, {}); if (kind) return; await c.tool('more', lookUp, {}); }`,
      files: { "lib/check.ts": `export const check = async (context) => { await context.rule("sound", true); };` },
    };
    const body = `await begin(ctx, "now"); await check(ctx); ${DECIDE}`;
    expect(between(body, given)).toEqual([
      "trigger > begin now",
      "begin now > more [else]",
      "begin now > sound [kind]",
      "more > sound",
      "sound > decide",
    ]);
    expect(drawn(body, given).nodes.find(({ id }) => id === "step:sound")?.detail["file"]).toBe("lib/check.ts");
  });

  test("within the function are followed, with what they close over", () => {
    const body = `const load = async (name) => ctx.tool(name, lookUp, {}); await load("a"); await load("b"); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "a > b", "b > decide"]);
  });

  test("that call themselves come round", () => {
    const top = `async function again(ctx) { await ctx.tool("a", lookUp, {}, { key: "x" }); if (more) await again(ctx); }`;
    expect(between(`await again(ctx); ${DECIDE}`, { top }).toSorted()).toEqual([
      "a > a [more]",
      "a > decide [else]",
      "trigger > a",
    ]);
    expect(drawn(`await again(ctx); ${DECIDE}`, { top }).nodes.find(({ id }) => id === "step:a")?.repeated).toBe(true);
  });

  test("a tool that a helper is given is known", () => {
    const top = `async function call(ctx, which) { return await ctx.tool("call", which, {}); }`;
    const { nodes } = drawn(`await call(ctx, refund); ${DECIDE}`, { top });
    expect(nodes.find(({ id }) => id === "step:call")?.detail).toMatchObject({ tool: "refund", effect: "write" });
  });
});

describe("what cannot be seen", () => {
  const codes = (body: string, given: Given = {}): string[] =>
    drawn(body, given).problems.map(({ code, file, line }) => `${code} ${file}:${line}`);

  test("is a problem with its place where the context goes somewhere else", () => {
    expect(codes(`${step("a")}\nawait other.run({ ctx });\n${DECIDE}`)).toEqual([
      "context_escapes workflows/triage.ts:9",
    ]);
  });

  test("is a pattern where part of a step's name is computed", () => {
    const body = "for (const day of days) await ctx.sleep(`wait ${day.n} days`, '1d');" + DECIDE;
    const { nodes } = drawn(body);
    expect(nodes.find(({ kind }) => kind === "sleep")).toMatchObject({
      id: "step:wait ${…} days",
      label: "wait … days",
      detail: { duration: "1d" },
      repeated: true,
    });
    expect(codes(body)).toEqual(["computed_step_name workflows/triage.ts:8"]);
  });

  test("is said where a function is called by code that is not the project's", () => {
    const body = `await retry(() => ctx.tool("a", lookUp, {})); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "a > decide"]);
    expect(codes(body)).toEqual(["unseen_call workflows/triage.ts:8"]);
  });

  test("is a step that no way leads to: it is shown all the same", () => {
    const body = `const later = async () => { ${step("a")} }; keep.later = later; ${DECIDE}`;
    expect(codes(body)).toEqual(["unreached_step workflows/triage.ts:8"]);
    expect(implied(body)).toContain("trigger > a [not seen from where]");
  });

  test("is what lies behind helpers that call each other without measure, and that takes no time", () => {
    const calls = Array.from(
      { length: 30 },
      (_, i) => `async function f${i}(ctx) { await f${i + 1}(ctx); await f${i + 1}(ctx); }`,
    );
    const top = `${calls.join("\n")}\nasync function f30(ctx) { ${step("a")} }`;
    const since = performance.now();
    expect(codes(`await f0(ctx); ${DECIDE}`, { top })).toEqual(
      expect.arrayContaining([expect.stringContaining("too_many_calls")]),
    );
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  test("is everything where the function stands somewhere else", () => {
    const source = parsed(
      "workflows/triage.ts",
      `import run from "elsewhere"; import { workflow } from "sluice"; export default workflow("triage", {}, run);`,
    );
    const picture = drawPicture(loaded, [source], prompts);
    expect(picture.nodes.map(({ id }) => id)).toEqual(["trigger"]);
    expect(picture.problems).toMatchObject([{ code: "unseen_function", file: "workflows/triage.ts" }]);
  });

  test("is everything where there is no source", () => {
    expect(drawPicture(loaded, [], prompts).problems).toMatchObject([{ code: "unseen_function" }]);
  });
});

describe("a wait for an event", () => {
  test("leads on by whether it came in time", () => {
    const body = `const paid = await ctx.waitFor("payment", event("payment.received"), { timeout: "2d" });
      if (paid === null) { ${step("remind")} } else { ${step("thank")} } ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > payment",
      'payment > remind ["payment" timed out]',
      "payment > thank [else]",
      "remind > decide",
      "thank > decide",
    ]);
    expect(between(body.replace("=== null", "!= null"))).toContain('payment > remind ["payment" came]');
  });

  test("ends with the run's deadline", () => {
    const of = { ...loaded, deadlineMs: 3_600_000 };
    expect(implied(`await ctx.waitFor("payment", event("paid")); ${DECIDE}`, { of })).toContain(
      "payment > end:dead [deadline of 1 h]",
    );
  });
});

describe("nodes", () => {
  test("say what there is to know before a run", () => {
    const top = 'const paid = event("payment.received");';
    const body = `await ctx.prompt("classify", { ticket: 1 });
await ctx.tool("pay", refund, {}, { required: true });
await ctx.rule("sound", a.b > 1);
await ctx.review("look", { of: "classify", team: "billing", expiresIn: "4h", reveal: ["ticket.body"] });
await ctx.sleep("wait", "2h");
await ctx.run("count", () => 1);
await ctx.waitFor("payment", paid, { where: { "payment.id": 1, note: "x" }, timeout: "2d" });
await ctx.waitFor("any", event("payment.received"));
${DECIDE}`;
    const detail = Object.fromEntries(
      drawn(body, { top }).nodes.map((node) => [node.id, [node.kind, node.line, node.detail]]),
    );
    expect(detail).toMatchObject({
      trigger: ["trigger", 4, { event: "ticket.created", version: 2 }],
      "step:classify": [
        "prompt",
        8,
        { prompt: "classifier", versions: ["1", "2"], output: ["category", "confidence"] },
      ],
      "step:pay": ["tool", 9, { tool: "refund", effect: "write", kind: "refund", risk: "high", required: true }],
      "step:sound": ["rule", 10, { holds: "a.b > 1" }],
      "step:look": ["review", 11, { of: "classify", team: "billing", expires_in: "4h", reveal: ["ticket.body"] }],
      "step:wait": ["sleep", 12, { duration: "2h" }],
      "step:count": ["code", 13, {}],
      "step:payment": ["wait", 14, { event: "payment.received", where: ["payment.id", "note"], timeout: "2d" }],
      "step:any": ["wait", 15, { event: "payment.received", where: [], timeout: null }],
      decide: ["decide", 16, { fields: ["queue"] }],
    });
  });

  test("are optional where a run can complete without them", () => {
    const { nodes } = drawn(`${step("a")} if (x) { ${step("b")} } ${DECIDE}`);
    expect(nodes.filter(({ optional }) => optional).map(({ id }) => id)).toEqual([
      "step:b",
      "step:@review:a",
      "step:@review:b",
      "step:@review:@decision",
      "end:dead",
      "end:stopped",
    ]);
  });
});

describe("what the engine does by itself", () => {
  test("an invalid answer goes to a person, who corrects it, or stops the run", () => {
    const edges = implied(`await ctx.prompt("classify", { ticket: 1 }); ${step("a")} ${DECIDE}`);
    expect(edges).toEqual(
      expect.arrayContaining([
        "classify > @review:classify [invalid twice, refused]",
        "classify > end:dead [keeps failing, rate limit, timeout, error]",
        "@review:classify > a [corrected]",
        "@review:classify > end:stopped [rejected]",
      ]),
    );
    expect(edges).not.toContain("@review:classify > classify [approved]");
  });

  test("goes by what the workflow and the step say of failures", () => {
    const of = { ...loaded, failures: { timeout: { then: "review" }, refused: { then: "dead_letter" } } } as Workflow;
    const body = `await ctx.prompt("classify", { ticket: 1 }, { failures: { transient: { then: "review" } } }); ${DECIDE}`;
    expect(implied(body, { of })).toEqual(
      expect.arrayContaining([
        "classify > @review:classify [invalid twice, keeps failing, timeout]",
        "classify > end:dead [refused, rate limit, error]",
      ]),
    );
  });

  test("a rule that does not hold is asked about, and asked again", () => {
    const edges = implied(`await ctx.prompt("classify", { ticket: 1 }); await ctx.rule("sound", x); ${DECIDE}`);
    expect(edges).toEqual(
      expect.arrayContaining([
        "sound > @review:sound [does not hold]",
        "@review:sound > sound [overridden, corrected]",
      ]),
    );
  });

  test("the decision may wait for a person, with the writes that are proposed", () => {
    const edges = implied(`await ctx.tool("pay", refund, {}); ${DECIDE}`);
    expect(edges).toEqual(
      expect.arrayContaining([
        "pay > @review:@decision [at suggestion, writes to approve]",
        "@review:@decision > pay [approved]",
        "@review:@decision > decide [confirmed]",
        "@review:@decision > end:stopped [rejected]",
      ]),
    );
  });

  test("a required write is approved before it is tried", () => {
    const edges = implied(`${step("a")} await ctx.tool("pay", refund, {}, { required: true }); ${DECIDE}`);
    expect(edges).toEqual(expect.arrayContaining(["a > @review:pay [needs approval]", "@review:pay > pay [approved]"]));
  });

  test("a deadline ends the run wherever it waits", () => {
    const of = { ...loaded, deadlineMs: 3_600_000 };
    expect(implied(`await ctx.sleep("wait", "2h"); ${DECIDE}`, { of })).toContain("wait > end:dead [deadline of 1 h]");
  });

  test("is one edge for each kind between two nodes", () => {
    const { edges } = drawn(`try { ${step("a")} ${step("b")} } catch { throw new Error(); } ${DECIDE}`);
    const keys = edges.map(({ from, to, kind }) => `${from} ${to} ${kind === "failure"}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
  });
});
