import { describe, expect, test } from "vitest";
import type { Stage } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { TERMINAL } from "../../src/journal/run.ts";
import type { Script } from "../../src/model/scripted.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import type { Picture } from "../../src/workflow/picture-graph.ts";
import { nodeMatcher } from "../../src/workflow/picture-match.ts";
import { KIM, World } from "./world.ts";

/**
 * What runs do is what the picture shows: each pair of steps that follow one another on record is an edge of it. What the
 * tools and the rule do is told by ids in the event.
 */
const TOOLS = `import { Failure, tool } from "sluice";
const args = { type: "object", properties: { id: { type: "string" } } } as const;
let calls = 0;
export const lookUp = tool("look_up", { effect: "read", args, run: ({ id }: { id?: string }) => {
  if (id === "down") throw new Failure({ class: "transient", code: "http_503", message: "Unavailable." });
  if (id === "flaky" && calls++ < 2) throw new Failure({ class: "transient", code: "http_503", message: "Unavailable." });
  return { plan: id === "unknown" ? "none" : "pro" };
} });
export const note = tool("note", { effect: "write", risk: "low", idempotent: true, args, run: () => ({ ok: true }) });
export const send = tool("send", { effect: "write", kind: "external_message", risk: "low", idempotent: true, args,
  simulate: () => ({ ok: true }), run: () => ({ ok: true }) });
`;

const HELPER = `export async function addExtras(ctx, id) {
  try {
    await ctx.tool("extra", lookUp, { id });
  } catch {
    await ctx.run("without extras", () => null);
  }
}
`;

const OPTIONS = `on: event("ticket.created"), decision: { type: "object" }, deadline: "24h",
  prompts: { classify: "classifier" }, tools: { lookUp, note, send }, thresholds: { review_below: 0.75 },
  failures: { transient: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 } }`;

const TRIAGE = `
  const account = await ctx.tool("look up", lookUp, { id: customer.id });
  const result = await ctx.prompt("classify", { ticket });
  await ctx.rule("known plan", account.plan !== "none");
  const final = result.confidence < ctx.thresholds.review_below
    ? await ctx.review("low confidence", { of: "classify", expiresIn: "4h" })
    : result;
  if (final.category === "billing") await ctx.tool("note", note, { id: ticket.id });
  else if (final.category === "account") await ctx.tool("send", send, { id: ticket.id });
  await addExtras(ctx, ticket.id);
  return ctx.decide({ ...final });
`;

const GOOD = { category: "other", urgency: "low", confidence: 0.9 };
const BILLING = { ...GOOD, category: "billing" };
const ACCOUNT = { ...GOOD, category: "account" };
const UNSURE = { ...GOOD, confidence: 0.3 };

async function worldOf(body: string, script: Script, stage: Stage = "partial", more: object = {}): Promise<World> {
  const workflow = `import { event, workflow } from "sluice";
import { lookUp, note, send } from "../tools/desk.ts";
import { addExtras } from "../lib/extras.ts";
void addExtras; void note; void send; void lookUp;
export default workflow("flow", { ${OPTIONS} }, async ({ ticket, customer }: any, ctx: any) => {
${body}
});
`;
  const files = {
    "workflows/flow.ts": workflow,
    "tools/desk.ts": TOOLS,
    "lib/extras.ts": `import { lookUp } from "../tools/desk.ts";\n${HELPER.replaceAll("(ctx, id)", "(ctx: any, id: string)")}`,
  };
  return await World.open({ files, script, stage, ...more });
}

/** The nodes that a run has come to, in the order of its records, its end last. */
async function nodesOf(world: World, runId: string, picture: Picture): Promise<string[]> {
  const match = nodeMatcher(picture.nodes);
  const trace = await world.trace(runId);
  const nodes = trace
    .filter(({ type }) => type !== "override")
    .map(({ type, name }) => (type === "trigger" ? "trigger" : (match(name) ?? `not in the picture: ${name}`)));
  const { status } = await world.run(runId);
  if (TERMINAL.includes(status)) nodes.push(`end:${status}`);
  return nodes.filter((node, i) => node !== nodes[i - 1]);
}

async function conforms(world: World, runId: string): Promise<string[]> {
  const picture = await world.sluice.workflowPicture("flow");
  const drawn = new Set(picture.edges.map(({ from, to }) => `${from} -> ${to}`));
  const nodes = await nodesOf(world, runId, picture);
  const taken = nodes.slice(1).map((to, i) => `${nodes[i]} -> ${to}`);
  expect(taken.filter((edge) => !drawn.has(edge))).toEqual([]);
  // What the store counts is laid over the picture: it goes by the same names.
  const { edges } = await world.sluice.traffic({ workflow: "flow", since: 0, until: Number.MAX_SAFE_INTEGER });
  const match = nodeMatcher(picture.nodes);
  const drawnAs = (id: string): string => (id.startsWith("step:") ? (match(id.slice(5)) ?? id) : id);
  const counted = edges
    .filter(({ to }) => !to.startsWith("now:"))
    .map(({ from, to }) => `${drawnAs(from)} -> ${drawnAs(to)}`);
  expect(counted.length).toBeGreaterThan(0);
  expect(counted.filter((edge) => !drawn.has(edge))).toEqual([]);
  return nodes.map((node) => node.replace(/^step:/, ""));
}

type Answer = Parameters<World["sluice"]["decideReview"]>[1];
const approve: Answer = { action: "approve", correctionReason: "Seen." };
const reject: Answer = { action: "reject", correctionReason: "No." };
const correct = (correctedOutput: JsonObject): Answer => ({
  action: "correct",
  correctedOutput,
  correctionReason: "Off.",
});

/** One run, whose reviews are answered in order. */
async function passed(
  given: { body?: string; script: Script; stage?: Stage; event?: JsonObject },
  ...answers: Answer[]
): Promise<string[]> {
  const world = await worldOf(given.body ?? TRIAGE, given.script, given.stage);
  const runId = await world.submit(given.event ?? {});
  for (const answer of answers) {
    const review = await world.review(runId);
    await conforms(world, runId);
    const result = await world.sluice.decideReview(review.reviewId, answer, KIM);
    expect(result).toMatchObject({ ok: true });
  }
  await world.ended(runId);
  return await conforms(world, runId);
}

const ticket = (id: string): JsonObject => ({ ticket: { id, body: "Charged twice." } });
const customer = (id: string): JsonObject => ({ customer: { id } });
const BEGIN = ["trigger", "look up", "classify"];

describe("a run goes as its workflow is drawn", () => {
  test("straight on", async () => {
    const way = await passed({ script: [GOOD] });
    expect(way).toEqual([...BEGIN, "known plan", "extra", "decide", "end:completed"]);
  });

  test("through a branch with a write that happens", async () => {
    const way = await passed({ script: [BILLING] });
    expect(way).toEqual([...BEGIN, "known plan", "note", "extra", "decide", "end:completed"]);
  });

  test("through a review that is approved", async () => {
    const way = await passed({ script: [UNSURE] }, approve);
    expect(way).toEqual([...BEGIN, "known plan", "low confidence", "extra", "decide", "end:completed"]);
  });

  test("through a review that is corrected, on another branch then", async () => {
    const way = await passed({ script: [UNSURE] }, correct(BILLING));
    expect(way).toEqual([...BEGIN, "known plan", "low confidence", "note", "extra", "decide", "end:completed"]);
  });

  test("to its stop where the review is rejected", async () => {
    const way = await passed({ script: [UNSURE] }, reject);
    expect(way.slice(-2)).toEqual(["low confidence", "end:stopped"]);
  });

  test("to its stop where nobody answers in time, twice", async () => {
    const clock = frozenClock();
    const world = await worldOf(TRIAGE, [UNSURE], "partial", { clock });
    const runId = await world.submit();
    for (let expiry = 0; expiry < 2; expiry++) {
      const { wakeAt } = await world.waiting(runId, "review");
      clock.advance(4 * 3_600_000);
      await world.poke();
      await world.until(runId, "The expiry", (run) => run.status === "stopped" || (run.wakeAt ?? 0) > (wakeAt ?? 0));
    }
    await world.ended(runId);
    expect((await conforms(world, runId)).slice(-2)).toEqual(["low confidence", "end:stopped"]);
  });

  test("to a person where an answer is invalid twice, and on with the correction", async () => {
    const way = await passed({ script: ["no JSON", "nor this"] }, correct(GOOD));
    expect(way).toEqual([...BEGIN, "@review:classify", "known plan", "extra", "decide", "end:completed"]);
  });

  test("to a person where a rule does not hold, and on once it is overridden", async () => {
    const way = await passed({ script: [GOOD], event: customer("unknown") }, approve);
    expect(way).toEqual([
      ...BEGIN,
      "known plan",
      "@review:known plan",
      "known plan",
      "extra",
      "decide",
      "end:completed",
    ]);
  });

  test("round again where a correction does not make the rule hold", async () => {
    const way = await passed({ script: [GOOD], event: customer("unknown") }, correct(BILLING), reject);
    expect(way.slice(-4)).toEqual(["@review:known plan", "known plan", "@review:known plan", "end:stopped"]);
  });

  test("to a person at suggestion, with what is proposed, which happens then", async () => {
    const way = await passed({ script: [BILLING], stage: "suggestion" }, approve);
    expect(way.slice(-6)).toEqual(["note", "extra", "@review:@decision", "note", "decide", "end:completed"]);
  });

  test("to a person at suggestion with nothing proposed", async () => {
    const way = await passed({ script: [GOOD], stage: "suggestion" }, approve);
    expect(way.slice(-4)).toEqual(["extra", "@review:@decision", "decide", "end:completed"]);
  });

  test("to a person with a message to somebody outside, whatever the stage", async () => {
    const way = await passed({ script: [ACCOUNT] }, approve);
    expect(way.slice(-6)).toEqual(["send", "extra", "@review:@decision", "send", "decide", "end:completed"]);
  });

  test("to its stop where what is proposed is rejected", async () => {
    const way = await passed({ script: [ACCOUNT] }, reject);
    expect(way.slice(-2)).toEqual(["@review:@decision", "end:stopped"]);
  });

  test("past a first review, and to a second one for what is proposed after it", async () => {
    const way = await passed({ script: [UNSURE] }, correct({ ...ACCOUNT, confidence: 0.9 }), approve);
    expect(way).toEqual(expect.arrayContaining(["low confidence", "send", "extra", "@review:@decision"]));
  });

  test("into the catch where a step has failed for good", async () => {
    const way = await passed({ script: [GOOD], event: ticket("down") });
    expect(way.slice(-4)).toEqual(["extra", "without extras", "decide", "end:completed"]);
  });

  test("to its death where nothing catches that", async () => {
    expect(await passed({ script: [], event: customer("down") })).toEqual(["trigger", "look up", "end:dead"]);
  });

  test("on after a step that failed for a moment", async () => {
    expect((await passed({ script: [GOOD], event: ticket("flaky") })).at(-1)).toBe("end:completed");
  });
});

describe("in shadow, a run goes", () => {
  test("past the review that nobody is asked", async () => {
    const body = TRIAGE.replace(/result\.confidence < .*\n\s*\? (await .*)\n.*: result;/, "$1;");
    const way = await passed({ body, script: [BILLING], stage: "shadow" });
    expect(way).toEqual([...BEGIN, "known plan", "note", "extra", "decide", "end:completed"]);
  });

  test("to its stop where an answer is invalid", async () => {
    expect(await passed({ script: ["no", "no"], stage: "shadow" })).toEqual([...BEGIN, "end:stopped"]);
  });

  test("to its stop where a rule does not hold", async () => {
    const way = await passed({ script: [GOOD], stage: "shadow", event: customer("unknown") });
    expect(way.slice(-2)).toEqual(["known plan", "end:stopped"]);
  });

  test("on with a simulated write, or to its stop at one that cannot be", async () => {
    const body = (name: string): string =>
      `await ctx.tool("must", ${name}, { id: "1" }, { required: true }); return ctx.decide({});`;
    const simulated = await passed({ body: body("send"), script: [], stage: "shadow" });
    expect(simulated).toEqual(["trigger", "must", "decide", "end:completed"]);
    expect(await passed({ body: body("note"), script: [], stage: "shadow" })).toEqual([
      "trigger",
      "must",
      "end:stopped",
    ]);
  });
});

describe("other shapes", () => {
  test("a required write is asked about before it is tried", async () => {
    const body = `await ctx.tool("look up", lookUp, {});
      await ctx.tool("must", send, { id: "1" }, { required: true });
      return ctx.decide({});`;
    const way = await passed({ body, script: [] }, approve);
    expect(way).toEqual(["trigger", "look up", "@review:must", "must", "decide", "end:completed"]);
  });

  test("a loop with names that are made when it runs, and a sleep", async () => {
    const body =
      "for (const day of [1, 2, 3]) {\n" +
      "  await ctx.tool(`look ${day}`, lookUp, {});\n" +
      "  await ctx.sleep(`wait ${day}`, 1);\n" +
      "}\nreturn ctx.decide({});";
    const way = await passed({ body, script: [] });
    expect(way).toEqual(["trigger", ...[1, 2, 3].flatMap(() => ["look ${…}", "wait ${…}"]), "decide", "end:completed"]);
  });

  test("steps side by side: each is reached from what lay before all of them, and all lead on", async () => {
    const body = `await ctx.tool("first", lookUp, {});
      await Promise.all([ctx.tool("left", lookUp, {}), ctx.run("right", () => 1)]);
      return ctx.decide({});`;
    const world = await worldOf(body, []);
    const runId = await world.submit();
    await world.ended(runId);
    const picture = await world.sluice.workflowPicture("flow");
    const nodes = await nodesOf(world, runId, picture);
    const leadsTo = (to: string): string[] => picture.edges.filter((edge) => edge.to === to).map(({ from }) => from);
    for (const [i, to] of nodes.entries()) {
      if (i === 0) continue;
      expect(
        nodes.slice(0, i).some((from) => leadsTo(to).includes(from)),
        to,
      ).toBe(true);
    }
    expect(leadsTo("step:left")).toEqual(expect.arrayContaining(["step:first"]));
    expect(leadsTo("step:right")).not.toContain("step:left");
    expect(leadsTo("decide")).toEqual(expect.arrayContaining(["step:left", "step:right"]));
  });
});
