import { describe, expect, test } from "vitest";
import type { Actor } from "../../src/app/sluice.ts";
import { Failure, event, workflow } from "../../src/index.ts";
import type { WorkflowContext } from "../../src/index.ts";
import { DEFAULT_MIN_SAMPLE } from "../../src/journal/redrive.ts";
import type { Redrive, RedrivePlan } from "../../src/journal/redrive.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/base/clock.ts";
import { Peer, post } from "./peer.ts";
import { CHAIN_KEY, KIM, World } from "./world.ts";

type Ctx = WorkflowContext<{ classify: string }>;
const on = event("ticket.created");
const PAT: Actor = { name: "pat", role: "operator" };
const ONCE = { transient: { attempts: 1 } };
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };
const DOWN = (): Failure => new Failure({ class: "transient", code: "http_500", message: "Down." });

function flow(run: (ctx: Ctx, event: unknown) => Promise<unknown>, over = {}): ReturnType<typeof workflow> {
  const options = { on, prompts: { classify: "classifier" }, failures: ONCE, ...over };
  return workflow("flow", options, (received, ctx) => run(ctx as unknown as Ctx, received));
}

const ASKS = flow(async (ctx, received) => ctx.decide(await ctx.prompt("classify", received)));

/** `count` dead runs in a world whose model answers as `answers` says from now on. */
async function dead(
  count: number,
  setting: Partial<Parameters<typeof World.open>[0]> = {},
): Promise<{ world: World; runs: string[]; answers: { now: () => unknown } }> {
  const answers: { now: () => unknown } = { now: DOWN };
  const script = () => answers.now();
  const world = await World.open({ workflows: ASKS, script: script as never, ...setting });
  const runs: string[] = [];
  for (let i = 0; i < count; i++) runs.push(await world.submit());
  for (const runId of runs) expect((await world.ended(runId)).status).toBe("dead");
  return { world, runs, answers };
}

async function start(world: World, plan: Partial<RedrivePlan>): Promise<Redrive> {
  const whole = { canary: 0, perMinute: null, stopRate: null, minSample: DEFAULT_MIN_SAMPLE, release: null, ...plan };
  return await world.sluice.startRedrive({ filter: { workflow: "flow" }, reason: "mended", plan: whole }, PAT);
}

/** The redrive once `holds` says so of it. */
async function until(world: World, { redriveId }: Redrive, holds: (redrive: Redrive) => boolean): Promise<Redrive> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const redrive = (await world.sluice.redriveOf(redriveId)) as Redrive;
    if (holds(redrive)) return redrive;
    if (performance.now() > deadline) throw new Error(`It did not come about: ${JSON.stringify(redrive)}`);
  }
}

const over = (redrive: Redrive): boolean => redrive.state !== "running";

async function statuses(world: World, runs: readonly string[]): Promise<string[]> {
  return await Promise.all(runs.map(async (runId) => (await world.run(runId)).status));
}

describe("a redrive in the background", () => {
  test("redrives a canary first, then the others, and says who, why and what came of it", async () => {
    const { world, runs, answers } = await dead(8);
    answers.now = () => GOOD;
    const ended = await until(world, await start(world, { canary: 2 }), over);
    expect(ended).toMatchObject({ state: "done", total: 8, redriven: 8, wentOn: 8, died: 0, by: "pat" });
    expect(new Set(await statuses(world, runs))).toEqual(new Set(["completed"]));
    const [step] = await world.steps(runs[0] as string, "@redrive");
    expect(step?.["output"] ?? step?.["detail"]).toBeDefined();
    expect(JSON.stringify(step)).toContain(ended.redriveId);
  });

  test("stops where one of the canary dies again, of whatever: the others stay dead", async () => {
    const { world, runs, answers } = await dead(6);
    answers.now = () => {
      throw new Failure({ class: "bug", code: "other", message: "Something else." });
    };
    const ended = await until(world, await start(world, { canary: 2 }), over);
    expect(ended).toMatchObject({ state: "stopped", redriven: 2 });
    expect(ended.why).toContain("died again");
    const untouched = await Promise.all(runs.slice(2).map((runId) => world.steps(runId, "@redrive")));
    expect(untouched.flat()).toEqual([]);
    const first = await world.ended(runs[0] as string);
    expect(first.failure?.code).toBe("other");
  });

  test("takes a canary that waits for a person for good", async () => {
    const { world, answers } = await dead(3);
    answers.now = () => "no JSON at all";
    const ended = await until(world, await start(world, { canary: 1 }), over);
    expect(ended).toMatchObject({ state: "done", waits: 3, died: 0 });
  });

  test("stops when too large a share has died again", async () => {
    const { world, answers } = await dead(30);
    let calls = 0;
    answers.now = () => (++calls % 3 === 0 ? DOWN() : GOOD);
    const job = await start(world, { perMinute: 1_200, stopRate: 0.25, minSample: 6 });
    const ended = await until(world, job, over);
    expect(ended.state).toBe("stopped");
    expect(ended.redriven).toBeLessThan(30);
    expect(ended.died / (ended.died + ended.wentOn)).toBeGreaterThanOrEqual(0.25);
  });

  test("goes no faster than its rate", async () => {
    const { world, answers } = await dead(5);
    const times: number[] = [];
    answers.now = () => (times.push(performance.now()), GOOD);
    await until(world, await start(world, { perMinute: 300 }), over);
    // Four pauses of 200 ms, of which at most 250 ms are caught up with.
    expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(450);
  });

  test("goes on where it was in the next process, and redrives no run twice", async () => {
    const { world, runs, answers } = await dead(12);
    answers.now = () => GOOD;
    const job = await start(world, { perMinute: 600 });
    await until(world, job, ({ redriven }) => redriven >= 4);
    await world.restart();
    const ended = await until(world, job, over);
    expect(ended).toMatchObject({ state: "done", redriven: 12, wentOn: 12 });
    const redrives = await Promise.all(runs.map((runId) => world.steps(runId, "@redrive")));
    expect(redrives.map((steps) => steps.length)).toEqual(runs.map(() => 1));
  });

  test("is cancelled on command: what was redriven goes on, the rest stays dead", async () => {
    const { world, runs, answers } = await dead(6);
    answers.now = () => GOOD;
    const job = await start(world, { perMinute: 60 });
    await until(world, job, ({ redriven }) => redriven === 1);
    expect(await world.sluice.cancelRedrive(job.redriveId, KIM)).toMatchObject({ state: "cancelled", endedBy: "kim" });
    expect((await world.ended(runs[0] as string)).status).toBe("completed");
    expect(new Set(await statuses(world, runs.slice(1)))).toEqual(new Set(["dead"]));
  });

  test("sends nothing into a workflow on hold", async () => {
    const { world, runs, answers } = await dead(3);
    answers.now = () => GOOD;
    await world.sluice.pause("flow", PAT, "wait");
    const job = await start(world, { canary: 1 });
    for (let looks = 0; looks < 20; looks++) await world.poke();
    expect((await world.sluice.redriveOf(job.redriveId))?.redriven).toBe(0);
    await world.sluice.resume("flow", PAT, "go on", null);
    await until(world, job, over);
    expect(new Set(await statuses(world, runs))).toEqual(new Set(["completed"]));
  });
});

describe("redriving", () => {
  test("repeats no settled write, however often it is done", async () => {
    const peer = await Peer.start();
    const send = post(peer, "send", { failures: ONCE });
    const answers = { ok: false };
    const workflows = flow(
      async (ctx, received) => {
        await ctx.tool("first", send, { text: "1" }, { required: true });
        await ctx.prompt("classify", received);
        await ctx.tool("second", send, { text: "2" }, { required: true });
        return ctx.decide({});
      },
      { tools: { send } },
    );
    const script = () => (answers.ok ? GOOD : DOWN());
    const world = await World.open({ workflows, script: script, stage: "expanded" });
    const runId = await world.submit();
    for (let times = 0; times < 5; times++) {
      expect((await world.ended(runId)).status).toBe("dead");
      await world.redrive(runId);
    }
    expect((await world.ended(runId)).status).toBe("dead");
    answers.ok = true;
    await until(world, await start(world, { canary: 1 }), over);
    expect((await world.run(runId)).status).toBe("completed");
    expect(peer.received.map(({ body }) => (body as { text: string }).text)).toEqual(["1", "2"]);
  });

  test("on a chosen release goes by it from then on; an unknown one is refused with those there are", async () => {
    const { world, runs, answers } = await dead(1);
    answers.now = () => GOOD;
    const runId = runs[0] as string;
    const request = { filter: { runId }, limit: 1, dryRun: false, reason: "mended" };
    await expect(world.sluice.redrive({ ...request, release: 9 }, PAT)).rejects.toThrow(
      "Workflow flow has no release 9. It has 1.",
    );
    const number = await addRelease(world);
    const report = await world.sluice.redrive({ ...request, release: number }, PAT);
    expect(report.redriven).toEqual([runId]);
    const ended = await world.ended(runId);
    expect([ended.status, ended.release]).toEqual(["completed", number]);
    const call = (await world.steps(runId, "classify")).at(-1);
    expect(call?.["release"]).toBe(number);
  });

  test("counts all that match, and takes no more than the limit", async () => {
    const { world, answers } = await dead(5);
    answers.now = () => GOOD;
    const request = { filter: { workflow: "flow" }, limit: 2, reason: "mended" };
    expect(await world.sluice.redrive({ ...request, dryRun: true }, PAT)).toMatchObject({ matched: 5, redriven: [] });
    const report = await world.sluice.redrive({ ...request, dryRun: false }, PAT);
    expect([report.matched, report.redriven.length]).toEqual([5, 2]);
    const [group] = await world.sluice.deadGroups({});
    expect(group?.count).toBe(3);
    const whole = await world.sluice.redrive(
      { ...request, filter: { fingerprint: group?.fingerprint as string }, limit: 10, dryRun: false },
      PAT,
    );
    expect(whole.redriven).toHaveLength(3);
  });
});

/** A second release like the first, made while the world stands still. */
async function addRelease(world: World): Promise<number> {
  await world.sluice.close();
  const store = await openSqliteStore({ dataDir: `${world.dir}/.sluice`, chainKey: CHAIN_KEY, clock: systemClock });
  const present = await store.control("flow");
  const body = { ...(JSON.parse(present?.body ?? "{}") as object), number: 2 };
  const row = { workflow: "flow", number: 2, body: JSON.stringify(body), createdAt: systemClock.now() };
  await store.publish(row, present?.version ?? 0);
  await store.close();
  await world.restart();
  return 2;
}
