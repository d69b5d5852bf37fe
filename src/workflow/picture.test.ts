import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { promptFromDocument } from "../prompt/load.ts";
import { promptSet } from "../prompt/set.ts";
import { tool } from "../tool/define.ts";
import { event, workflow } from "./define.ts";
import type { Workflow } from "./define.ts";
import type { Picture } from "./picture-graph.ts";
import { drawPicture } from "./picture.ts";
import { readBody } from "./source-body.ts";
import { readSource, textOf } from "./source.ts";
import type { Source } from "./source.ts";

const args = { type: "object", properties: { id: { type: "string" } } } as const;
const lookUp = tool("look_up", { effect: "read", args, run: () => ({}) });
const refund = tool("refund", { effect: "write", kind: "refund", args, run: () => ({}) });

const prompts = promptSet(
  ["1", "2"].map((version) =>
    promptFromDocument({
      name: "classifier",
      version,
      owner: "support",
      model: "local/in-context",
      inputs: ["ticket"],
      messages: [{ role: "user", content: "{{ ticket }}" }],
      output_schema: { type: "object", properties: { category: { type: "string" }, confidence: { type: "number" } } },
    }),
  ),
);

const loaded: Workflow = workflow(
  "triage",
  {
    on: event("ticket.created", { version: 2 }),
    decision: { type: "object", properties: { queue: { type: "string" } } },
    prompts: { classify: "classifier" },
    tools: { lookUp, refund },
    thresholds: { review_below: 0.75 },
  },
  async () => undefined,
);

function parsed(file: string, text: string): Source {
  const read = readSource(file, text);
  if ("problem" in read) throw new Error(read.problem.message);
  return read.source;
}

interface Given {
  /** Beside the workflow's function, in its file. */
  top?: string;
  files?: Record<string, string>;
  of?: Workflow;
}

function sourcesOf(body: string, { top = "", files = {} }: Given = {}): Source[] {
  const text = `import { event, workflow } from "sluice";
import { lookUp, refund } from "../tools/desk.ts";
${top}
export default workflow("triage", {
  on: event("ticket.created", { version: 2 }), decision: {}, prompts: { classify: "classifier" },
  tools: { lookUp, refund }, thresholds: { review_below: 0.75 },
}, async (event, ctx) => {
${body}
});
`;
  return [parsed("workflows/triage.ts", text), ...Object.entries(files).map(([file, code]) => parsed(file, code))];
}

function drawn(body: string, given: Given = {}): Picture {
  return drawPicture(given.of ?? loaded, sourcesOf(body, given), prompts);
}

const short = (id: string): string => id.replace(/^step:/, "");

/** `FROM > TO`, with the label behind it: only what is written. */
function written(body: string, given: Given = {}): string[] {
  return drawn(body, given)
    .edges.filter(({ implied }) => !implied)
    .map(({ from, to, label, kind }) => {
      const way = `${short(from)} > ${short(to)}`;
      return `${way}${label === null ? "" : ` [${label}]`}${kind === "failure" ? " !" : ""}`;
    });
}

/** The same for what the engine does by itself. */
function implied(body: string, given: Given = {}): string[] {
  return drawn(body, given)
    .edges.filter((edge) => edge.implied)
    .map(({ from, to, label }) => `${short(from)} > ${short(to)} [${label}]`);
}

const step = (name: string): string => `await ctx.tool("${name}", lookUp, {});`;
const DECIDE = "return ctx.decide({});";
/** What is left of a workflow that decides, without what always stands at its ends. */
function between(body: string, given: Given = {}): string[] {
  return written(body, given).filter((way) => way !== "decide > end:completed");
}

describe("steps that follow one another", () => {
  test("are a line from the trigger to the end", () => {
    expect(written(`${step("a")} ${step("b")} ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > b",
      "b > decide",
      "decide > end:completed",
    ]);
  });

  test("are taken in the order in which they run where one stands in the other's arguments", () => {
    expect(between(`await ctx.tool("b", lookUp, { id: await ctx.tool("a", lookUp, {}) }); ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > b",
      "b > decide",
    ]);
  });

  test("that end without a decision end in the dead letters", () => {
    expect(written(step("a"))).toEqual([
      "trigger > a",
      "a > end:dead [no decision, keeps failing, rate limit, timeout, error] !",
    ]);
  });
});

describe("conditions", () => {
  test("if and else are two ways", () => {
    expect(between(`if (event.vip) { ${step("a")} } else { ${step("b")} } ${DECIDE}`)).toEqual([
      "trigger > a [event.vip]",
      "trigger > b [else]",
      "a > decide",
      "b > decide",
    ]);
  });

  test("a branch that takes no step is no branch", () => {
    expect(between(`let x = 1; if (event.vip) x = 2; else if (event.old) x = 3; ${step("a")} ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > decide",
    ]);
  });

  test("an if without else is gone round", () => {
    expect(between(`${step("a")} if (x) { ${step("b")} } ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > b [x]",
      "a > decide [else]",
      "b > decide",
    ]);
  });

  test("a chain of else if names what has to hold, not what has failed before", () => {
    const body = `if (a) { ${step("one")} } else if (b) { ${step("two")} } else { ${step("three")} } ${DECIDE}`;
    expect(between(body).slice(0, 3)).toEqual(["trigger > one [a]", "trigger > two [b]", "trigger > three [else]"]);
  });

  test("of several, one within the other, all are named", () => {
    expect(between(`if (a) { if (b) { ${step("x")} } } ${DECIDE}`)).toEqual([
      "trigger > x [a · b]",
      "trigger > decide [else]",
      "x > decide",
    ]);
  });

  test("a ternary is two ways, and a threshold is called by its name", () => {
    const body = `const result = await ctx.prompt("classify", { ticket: 1 });
      const final = result.confidence < (ctx.thresholds["review_below"] ?? 1)
        ? await ctx.review("low confidence", { of: "classify" }) : result;
      ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > classify",
      "classify > low confidence [result.confidence < review_below]",
      "classify > decide [else]",
      "low confidence > decide",
    ]);
    const reviewed = drawn(body).nodes.find(({ id }) => id === "step:low confidence");
    expect(reviewed?.detail["thresholds"]).toEqual({ review_below: 0.75 });
  });

  test.each([
    ["a && await ctx.tool('x', lookUp, {});", "a"],
    ["a || await ctx.tool('x', lookUp, {});", "!(a)"],
    ["a.b ?? await ctx.tool('x', lookUp, {});", "a.b == null"],
  ])("%s", (code, condition) => {
    expect(between(`${code} ${DECIDE}`)).toEqual([
      `trigger > x [${condition}]`,
      "trigger > decide [else]",
      "x > decide",
    ]);
  });

  test("a step within a condition comes before it, and stands in it by its name", () => {
    expect(between(`if ((await ctx.tool("a", lookUp, {})).vip) { ${step("b")} } ${DECIDE}`)).toEqual([
      "trigger > a",
      'a > b ["a".vip]',
      "a > decide [else]",
      "b > decide",
    ]);
  });

  test("are on one line, inert, and not longer than reads well", () => {
    const [way = ""] = between(
      `if (event.ticket.subject\n   .includes("\\u202e\u202e\u001b[31m${"long ".repeat(40)}")) { ${step("a")} } ${DECIDE}`,
    );
    expect(way).toMatch(/^trigger > a \[event\.ticket\.subject \.includes\("/);
    expect(way.length).toBeLessThan(100);
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(way).not.toMatch(/[\u001b\u202e\n]/);
  });

  test("switch has a way for each case, falls through, and goes on after break", () => {
    const body = `switch (event.kind) {
      case "a": case "b": ${step("one")} break;
      case "c": ${step("two")}
      default: ${step("three")}
    } ${DECIDE}`;
    expect(between(body)).toEqual([
      'trigger > one [event.kind === "a" or event.kind === "b"]',
      'trigger > two [event.kind === "c"]',
      "trigger > three [else]",
      "two > three",
      "three > decide",
      "one > decide",
    ]);
  });

  test("switch without default goes on where no case holds", () => {
    expect(between(`switch (x) { case 1: ${step("a")} } ${DECIDE}`)).toEqual(
      ["trigger > a [x === 1]", "a > decide", "trigger > decide [else]"].toSorted(sameOrder),
    );
  });

  function sameOrder(a: string, b: string): number {
    return Number(a.startsWith("a >")) - Number(b.startsWith("a >"));
  }
});

describe("ways out", () => {
  test("an early return leads from where it stands to its decision", () => {
    expect(written(`if (spam) return ctx.decide({ spam }); ${step("a")} ${DECIDE}`)).toEqual(
      ["trigger > decide [spam]", "decide > end:completed", "trigger > a [else]", "a > decide"].toSorted(
        (a, b) => Number(a.startsWith("decide")) - Number(b.startsWith("decide")),
      ),
    );
  });

  test("a throw ends the run", () => {
    expect(between(`${step("a")} if (bad) throw new Error("no"); ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > end:dead [bad: throws, keeps failing, rate limit, timeout, error] !",
      "a > decide [else]",
    ]);
  });

  test("several decisions are one node", () => {
    const { nodes } = drawn(`if (a) return ctx.decide({ a }); return ctx.decide({});`);
    expect(nodes.filter(({ kind }) => kind === "decide")).toHaveLength(1);
  });
});

describe("loops", () => {
  test("lead back, are entered for each item, and mark what may be taken again", () => {
    const body = `for (const row of event.rows) { await ctx.tool("a", lookUp, {}, { key: row }); ${step("b")} } ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > a [for each row of event.rows]",
      "trigger > decide [else]",
      "a > b",
      "b > a [for each row of event.rows]",
      "b > decide [else]",
    ]);
    expect(
      drawn(body)
        .nodes.filter(({ repeated }) => repeated)
        .map(({ id }) => id),
    ).toEqual(expect.arrayContaining(["step:a", "step:b"]));
    expect(drawn(body).nodes.find(({ id }) => id === "decide")?.repeated).toBe(false);
  });

  test("while, break and continue", () => {
    const body = `while (true) { ${step("a")} if (done) break; if (skip) continue; ${step("b")} } ${DECIDE}`;
    expect(between(body).toSorted()).toEqual([
      "a > a [skip]",
      "a > b [else]",
      "a > decide [done]",
      "b > a",
      "trigger > a",
    ]);
  });

  test("do while runs once at least", () => {
    expect(between(`do { ${step("a")} } while (more); ${DECIDE}`).toSorted()).toEqual([
      "a > a [more]",
      "a > decide [else]",
      "trigger > a",
    ]);
  });

  test("a label says which loop is left", () => {
    const body = `outer: for (const a of as) { for (const b of bs) { ${step("x")} break outer; } } ${DECIDE}`;
    expect(between(body)).toContain("x > decide");
    expect(between(body)).not.toContain("x > x");
  });
});

describe("steps side by side", () => {
  test("Promise.all: branches that join", () => {
    const body = `${step("a")} const [x, y] = await Promise.all([
      ctx.tool("b", lookUp, {}), ctx.prompt("classify", { ticket: 1 }), 7]); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "a > b", "a > classify", "b > decide", "classify > decide"]);
  });

  test("for every item of a list", () => {
    const body = `await Promise.all(event.rows.map((row) => ctx.tool("b", lookUp, {}, { key: row.id }))); ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > b [for each row of event.rows]",
      "trigger > decide [else]",
      "b > decide",
    ]);
    expect(drawn(body).nodes.find(({ id }) => id === "step:b")?.repeated).toBe(true);
  });

  test("begun before and waited for later", () => {
    const body = `const a = ctx.tool("a", lookUp, {}); ${step("b")} await a; ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "trigger > b", "a > decide", "b > decide"]);
  });

  test("gathered in a list", () => {
    const body = `const jobs = []; jobs.push(ctx.tool("a", lookUp, {})); jobs.push(ctx.tool("b", lookUp, {}));
      await Promise.all(jobs); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "trigger > b", "a > decide", "b > decide"]);
  });

  test("allSettled goes on with what has failed", () => {
    const body = `await Promise.allSettled([ctx.tool("a", lookUp, {}), ctx.tool("b", lookUp, {})]); ${DECIDE}`;
    expect(between(body).filter((way) => way.endsWith("!"))).toEqual([
      "a > decide [keeps failing, rate limit, timeout, error] !",
      "b > decide [keeps failing, rate limit, timeout, error] !",
    ]);
  });

  test("a chain of then", () => {
    const body = `await ctx.tool("a", lookUp, {}).then((a) => ctx.tool("b", lookUp, a)).then(() => 1); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "a > b", "b > decide"]);
  });

  test("a chain of catch", () => {
    const body = `await ctx.tool("a", lookUp, {}).catch(() => ctx.tool("b", lookUp, {})); ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > a",
      "a > b [keeps failing, rate limit, timeout, error] !",
      "a > decide",
      "b > decide",
    ]);
  });
});

describe("try and catch", () => {
  test("a failure goes to the catch and no further", () => {
    const body = `try { ${step("a")} } catch { ${step("b")} } ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > a",
      "a > b [keeps failing, rate limit, timeout, error] !",
      "a > decide",
      "b > decide",
    ]);
    expect(implied(body)).not.toContain(expect.stringContaining("a > end:dead"));
    expect(implied(body)).toContain("b > end:dead [keeps failing, rate limit, timeout, error]");
  });

  test("what is thrown again ends the run", () => {
    const body = `try { ${step("a")} } catch (error) { if (error.class === "timeout") ${step("b")} else throw error; } ${DECIDE}`;
    expect(between(body)).toContain('a > b [error.class === "timeout": keeps failing, rate limit, timeout, error] !');
    expect(between(body)).toContain("a > end:dead [keeps failing, rate limit, timeout, error] !");
  });

  test("finally lies on every way", () => {
    const body = `try { ${step("a")} if (x) return ctx.decide({}); } finally { ${step("b")} } ${DECIDE}`;
    expect(between(body)).toEqual(expect.arrayContaining(["a > decide [x]", "decide > b", "a > b [else]"]));
  });
});

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

describe("nodes", () => {
  test("say what there is to know before a run", () => {
    const body = `await ctx.prompt("classify", { ticket: 1 });
await ctx.tool("pay", refund, {}, { required: true });
await ctx.rule("sound", a.b > 1);
await ctx.review("look", { of: "classify", team: "billing", expiresIn: "4h", reveal: ["ticket.body"] });
await ctx.sleep("wait", "2h");
await ctx.run("count", () => 1);
${DECIDE}`;
    const detail = Object.fromEntries(drawn(body).nodes.map((node) => [node.id, [node.kind, node.line, node.detail]]));
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
      decide: ["decide", 14, { fields: ["queue"] }],
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

describe("any workflow", () => {
  let names = 0;
  const leaf = fc.constantFrom("tool", "prompt", "rule", "sleep", "code").map((kind) => {
    const name = `s${names++}`;
    if (kind === "tool") return `await ctx.tool("${name}", lookUp, {});`;
    if (kind === "prompt") return `await ctx.prompt("${name}", { ticket: 1 });`;
    if (kind === "rule") return `await ctx.rule("${name}", true);`;
    if (kind === "sleep") return `await ctx.sleep("${name}", "1h");`;
    return `await ctx.run("${name}", () => 1);`;
  });
  const { code } = fc.letrec<{ code: string; block: string }>((tie) => ({
    block: fc.array(tie("code"), { maxLength: 3 }).map((parts) => `{ ${parts.join("\n")} }`),
    code: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.tuple(tie("block"), tie("block")).map(([a, b]) => `if (c${names++}) ${a} else ${b}`),
      tie("block").map((a) => `for (const x of list) ${a}`),
      tie("block").map((a) => `if (c${names++}) { ${a} return ctx.decide({}); }`),
      fc.tuple(tie("block"), tie("block")).map(([a, b]) => `try ${a} catch ${b}`),
      fc.tuple(tie("block"), tie("block")).map(([a, b]) => `try ${a} finally ${b}`),
      fc
        .tuple(tie("block"), tie("block"))
        .map(([a, b]) => `await Promise.all([(async () => ${a})(), (async () => ${b})()]);`),
      fc
        .tuple(tie("block"), tie("block"))
        .map(
          ([a, b]) =>
            `switch (k) { case ${names++}: ${a} case ${names++}: ${b} break; default: ${a === b ? "" : "k = 1;"} }`,
        ),
      tie("block").map((a) => `while (go) { ${a} if (stop) break; }`),
      tie("block").map((a) => `await Promise.all(list.map(async (x) => ${a}));`),
    ),
  }));

  test("has a node for every step in it, each on a way from the trigger to an end", () => {
    fc.assert(
      fc.property(fc.array(code, { maxLength: 4 }), (parts) => {
        const body = `${parts.join("\n")}\n${DECIDE}`;
        const sources = sourcesOf(body);
        const { nodes, edges } = drawPicture(loaded, sources, prompts);
        const ids = new Set(nodes.map(({ id }) => id));
        for (const { verb, node } of readBody(sources)?.verbs ?? []) {
          const id = verb === "decide" ? "decide" : `step:${textOf(node.arguments[0])}`;
          expect(ids).toContain(id);
        }
        expect(edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
        const reached = closure(
          ["trigger"],
          edges.map(({ from, to }) => [from, to]),
        );
        const ending = closure(
          nodes.filter(({ kind }) => kind === "end").map(({ id }) => id),
          edges.map(({ from, to }) => [to, from]),
        );
        expect([...ids].filter((id) => !reached.has(id))).toEqual([]);
        expect([...ids].filter((id) => !ending.has(id))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  function closure(from: readonly string[], edges: readonly (readonly [string, string])[]): Set<string> {
    const seen = new Set(from);
    for (let size = -1; size !== seen.size;) {
      size = seen.size;
      for (const [a, b] of edges) if (seen.has(a)) seen.add(b);
    }
    return seen;
  }
});
