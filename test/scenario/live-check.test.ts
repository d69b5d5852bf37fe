import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkLive } from "../../src/app/live-check.ts";
import type { LiveFinding } from "../../src/app/live-check.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { KEY_ENV, KIM, PROMPT, World } from "./world.ts";

const VALID = { category: "billing", urgency: "low", confidence: 1 };

/** A workflow's file: what comes before its pause, what after, and its options. */
function file(before: string, after = "return ctx.decide({});", options = ""): string {
  return `
    import { event, tool, workflow } from "sluice";
    const send = tool("send", { effect: "write", risk: "low", args: { type: "object" }, run: () => ({}) });
    const post = tool("post", { effect: "write", risk: "low", args: { type: "object" }, run: () => ({}) });
    export default workflow(
      "flow",
      { on: event("ticket.created"), deadline: "24h", prompts: { classify: "classifier" }, tools: { send, post }, ${options} },
      async (e, ctx) => {
        ${before}
        await ctx.sleep("pause", "1h");
        ${after}
      },
    );`;
}

const BEFORE = `
  const read = await ctx.run("read", () => 1);
  await ctx.prompt("classify", { ticket: e.ticket });
  await ctx.tool("send", send, { to: e.customer.id });
`;

/** A run that sleeps, under a server that goes on running while the files change. */
async function sleeping(options = ""): Promise<{ world: World; runId: string }> {
  const world = await World.open({
    files: { "workflows/flow.ts": file(BEFORE, undefined, options) },
    script: () => VALID,
    clock: frozenClock(),
  });
  const runId = await world.submit();
  await world.waiting(runId, "sleep");
  return { world, runId };
}

async function look(world: World, text: string | null, over: object = {}): Promise<LiveFinding[]> {
  if (text !== null) await writeFile(join(world.dir, "workflows/flow.ts"), text);
  const found: LiveFinding[] = [];
  const { project } = world.sluice;
  for await (const each of checkLive({ project, env: KEY_ENV, dead: false, ...over })) found.push(each);
  return found;
}

// Each case loads the project in a thread of its own.
describe("sluice check --live, beside a server with the code from before", { timeout: 120_000 }, () => {
  /** The usual steps with one change. */
  function changed(from: string, to: string): string {
    expect(BEFORE).toContain(from);
    return file(BEFORE.replace(from, to));
  }

  test.each([
    ["the same code: safe", () => file(BEFORE), { verdict: "safe", steps: [] }],
    [
      "a step after what is on record: safe",
      () => file(BEFORE, 'await ctx.run("later", () => 1); return ctx.decide({});'),
      { verdict: "safe", steps: [] },
    ],
    [
      "a step ahead of what is on record: it is executed",
      () => file(`await ctx.run("new", () => 1);${BEFORE}`),
      { verdict: "re-executes", steps: ["new"] },
    ],
    [
      "another name: missing",
      () => changed('ctx.run("read"', 'ctx.run("find"'),
      { verdict: "missing", steps: ["read"] },
    ],
    [
      "a step that is gone: missing",
      () => changed('const read = await ctx.run("read", () => 1);', ""),
      { verdict: "missing", steps: ["read"] },
    ],
    [
      "another kind",
      () => changed('ctx.run("read", () => 1)', 'ctx.rule("read", true)'),
      { verdict: "type changed", steps: ["read"] },
    ],
    [
      "another tool",
      () => changed('ctx.tool("send", send', 'ctx.tool("send", post'),
      { verdict: "type changed", steps: ["send"] },
    ],
    [
      "another input",
      () => changed("ticket: e.ticket", 'ticket: { ...e.ticket, body: "other" }'),
      { verdict: "type changed", steps: ["classify"] },
    ],
    [
      "code that throws",
      () => changed("const read", "(undefined as any).x; const read"),
      { verdict: "fails", steps: [] },
    ],
    [
      "a clock outside of a step",
      () => changed("const read", "Date.now(); const read"),
      { verdict: "unknown", steps: [] },
    ],
  ])("tells %s", async (_what, text, expected) => {
    const { world } = await sleeping();
    expect(await look(world, text())).toMatchObject([expected]);
  });

  test("changes nothing, and the server notices nothing of it", async () => {
    const { world, runId } = await sleeping();
    const before = await world.run(runId);
    await look(world, file(BEFORE.replace("const read", "throw new Error(); const read")));
    expect(await world.run(runId)).toEqual(before);
    await world.waiting(await world.submit(), "sleep");
  });

  test("names both sides of an input, and shows nothing that is sensitive", async () => {
    const { world } = await sleeping();
    const text = file(BEFORE.replace("ticket: e.ticket", 'ticket: { ...e.ticket, body: e.ticket.body + " and more" }'));
    const [found] = await look(world, text);
    expect(found?.why).toMatch(/\/ticket\.body was "\[redacted:/);
    expect(JSON.stringify(found)).not.toContain("Charged twice");
  });

  test("cuts off code that hangs, also where it does not let go of its thread, and goes on with the next run", async () => {
    const { world, runId } = await sleeping();
    await world.submit();
    const [waits] = await look(world, file(`await new Promise(() => {});${BEFORE}`), { limit: 1 });
    expect(waits).toMatchObject({ verdict: "unknown", cutOff: true });
    const spins = `if (e.event_id === "evt_1") for (;;) {}`;
    const found = await look(world, file(`${spins}${BEFORE}`));
    expect(found.find((each) => each.runId === runId)).toMatchObject({ verdict: "unknown", cutOff: true });
    expect(found.find((each) => each.runId !== runId)).toMatchObject({ verdict: "safe" });
  });

  test("says what is gone: the workflow, a pinned prompt version, the event's contract", async () => {
    const { world } = await sleeping();
    await mkdir(join(world.dir, "prompts/classifier"), { recursive: true });
    await writeFile(join(world.dir, "prompts/classifier/2.json"), JSON.stringify({ ...PROMPT, version: "2" }));
    await rm(join(world.dir, "prompts/classifier/1.json"));
    expect(await look(world, null)).toMatchObject([{ verdict: "missing", steps: ["classify"] }]);
    await writeFile(
      join(world.dir, "prompts/classifier/1.json"),
      JSON.stringify({ ...PROMPT, messages: [{ role: "user", content: "Sort: {{ ticket.body }}" }] }),
    );
    expect(await look(world, null)).toMatchObject([{ verdict: "type changed", steps: ["classify"] }]);
    await rm(join(world.dir, "workflows/flow.ts"));
    expect(await look(world, null)).toMatchObject([
      { verdict: "missing", why: "The workflow flow is not in the project." },
    ]);
  });

  test("says of a pinned run that it waits for its code, and of a dead one what a redrive would meet", async () => {
    const { world, runId } = await sleeping("pinned: true");
    expect(await look(world, file(BEFORE, undefined, "pinned: true, priority: () => 1"))).toMatchObject([
      { verdict: "pinned" },
    ]);
    await world.sluice.cancel(runId, KIM, "over");
    expect(await look(world, null)).toEqual([]);
  });

  test("looks at no more runs than asked for, at one workflow's, and at dead ones when asked", async () => {
    const broken = file(BEFORE.replace("const read", 'if (e.customer.id === "bad") throw new Error("no"); const read'));
    const world = await World.open({
      files: { "workflows/flow.ts": broken },
      script: () => VALID,
      clock: frozenClock(),
    });
    const dead = await world.submit({ customer: { id: "bad" } });
    await world.ended(dead);
    await world.waiting(await world.submit(), "sleep");
    await world.waiting(await world.submit(), "sleep");
    expect(await look(world, null)).toHaveLength(2);
    expect(await look(world, null, { limit: 1 })).toHaveLength(1);
    expect(await look(world, null, { workflow: "other" })).toEqual([]);
    const found = await look(world, null, { dead: true });
    expect(found.find(({ runId }) => runId === dead)).toMatchObject({ verdict: "fails", status: "dead" });
    expect(await look(world, file(BEFORE), { dead: true })).toMatchObject([
      { verdict: "safe" },
      { verdict: "safe" },
      { verdict: "safe", status: "dead" },
    ]);
  });

  test("works without a server, and refuses another key and a folder without data", async () => {
    const { world } = await sleeping();
    const { project } = world.sluice;
    await world.sluice.close(200);
    const all = async (env: Record<string, string>, dataDir = project.config.dataDir): Promise<LiveFinding[]> => {
      const found: LiveFinding[] = [];
      const given = { ...project, config: { ...project.config, dataDir } };
      for await (const each of checkLive({ project: given, env, dead: false })) found.push(each);
      return found;
    };
    expect(await all(KEY_ENV)).toMatchObject([{ verdict: "safe" }]);
    const other = Buffer.alloc(32, 7).toString("base64");
    await expect(all({ SLUICE_KEY: other })).rejects.toMatchObject({ code: "wrong_key" });
    await expect(all(KEY_ENV, join(world.dir, "nothing"))).rejects.toMatchObject({ code: "no_store" });
    await world.restart();
  });
});
