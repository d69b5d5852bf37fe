import { DatabaseSync } from "node:sqlite";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import type { FrozenClock } from "../../src/testing/frozen-clock.ts";
import type { Actor } from "../../src/app/sluice.ts";
import { KIM, World } from "./world.ts";

const DAY = 86_400_000;
const ADA: Actor = { name: "ada", role: "admin" };
const on = event("ticket.created");
const GOOD = { category: "billing", urgency: "high", confidence: 0.9 };
const SECRET = "Charged twice, says Zoë Quux.";
const LONG = "a long unmarked text ".repeat(600);

const flow = workflow("flow", { on, deadline: "400d", prompts: { classify: "classifier" } }, async (received, ctx) => {
  const { ticket } = received as unknown as { ticket: { id: string; body: string } };
  const result = (await ctx.prompt("classify", received)) as unknown as { category: string };
  await ctx.run("long", () => LONG);
  if (ticket.id === "tkt_review") await ctx.review("look", { of: "classify" });
  if (ticket.id === "tkt_dead") throw new Error(`It fails on ${ticket.body}`);
  return ctx.decide({ category: result.category, word: "zanzibar" });
});

async function open(config: { retainOriginals?: string; retainRecords?: string }): Promise<{
  world: World;
  clock: FrozenClock;
}> {
  const clock = frozenClock();
  const script = Array.from({ length: 20 }, () => JSON.stringify(GOOD));
  const world = await World.open({ workflows: flow, script, clock, timers: clock, config });
  return { world, clock };
}

const ticket = (id: string) => ({ ticket: { id, body: SECRET } });

/** Lets the follower pass until the run shows what it is to do. */
async function until(world: World, clock: FrozenClock, runId: string, holds: (run: Run) => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds(await world.run(runId))) {
    if (performance.now() > deadline) throw new Error("Retention did not come to the run.");
    // Its next pass is timed once the one before is over.
    if (clock.pending > 0) clock.advance(60_000);
  }
}
type Run = Awaited<ReturnType<World["run"]>>;

/** Changes the store behind its back, as somebody with the files but without the key could. */
async function tamper(world: World, sql: string): Promise<void> {
  await world.sluice.close(1_000);
  const db = new DatabaseSync(join(world.sluice.project.config.dataDir, "sluice.db"));
  db.exec(sql);
  db.close();
  await world.restart();
}

describe("originals", () => {
  test("go when their time is over: the run keeps its redacted trace, its chain holds, and it says so", async () => {
    const { world, clock } = await open({ retainOriginals: "30d" });
    const runId = await world.submit(ticket("tkt_1"));
    await world.ended(runId);
    expect(await world.sluice.reveal(runId, KIM, "looking")).toMatchObject({ ok: true });
    clock.advance(29 * DAY);
    clock.advance(60_000);
    expect((await world.run(runId)).originalsRemovedAt).toBeNull();

    clock.advance(DAY);
    await until(world, clock, runId, ({ originalsRemovedAt }) => originalsRemovedAt !== null);
    const revealed = await world.sluice.reveal(runId, KIM, "looking again");
    expect(revealed).toMatchObject({ ok: false, code: "key_destroyed" });
    expect(revealed).toMatchObject({ message: expect.stringMatching(/removed on 2026-06-2\d/) as string });
    expect(JSON.stringify(await world.trace(runId))).toContain("[redacted:");
    expect(await world.sluice.auditVerify()).toMatchObject({ ok: true, keyless: 1, tombstones: 0 });
  });

  test("of a dead run go too, and then it is refused a redrive in clear words", async () => {
    const { world, clock } = await open({ retainOriginals: "1d" });
    const runId = await world.submit(ticket("tkt_dead"));
    expect((await world.ended(runId)).status).toBe("dead");
    clock.advance(DAY);
    await until(world, clock, runId, ({ originalsRemovedAt }) => originalsRemovedAt !== null);
    const request = { filter: { runId }, limit: 1, dryRun: false, reason: "try" };
    const report = await world.sluice.redrive(request, KIM);
    expect(JSON.stringify(report)).toMatch(/originals of run .* were removed on 2026-/);
    expect((await world.run(runId)).status).toBe("dead");
  });

  test("of a run that has not ended stay, however long it waits", async () => {
    const { world, clock } = await open({ retainOriginals: "1d" });
    const waiting = await world.submit(ticket("tkt_review"));
    await world.review(waiting);
    const done = await world.submit(ticket("tkt_1"));
    await world.ended(done);
    clock.advance(200 * DAY);
    await until(world, clock, done, ({ originalsRemovedAt }) => originalsRemovedAt !== null);
    expect((await world.run(waiting)).originalsRemovedAt).toBeNull();
    const { reviewId } = await world.review(waiting);
    expect(await world.sluice.decideReview(reviewId, { action: "approve" }, KIM)).toMatchObject({ ok: true });
    expect(await world.ended(waiting)).toMatchObject({ status: "completed" });
  });

  test("stay for ever where that is set", async () => {
    const { world, clock } = await open({ retainOriginals: "forever" });
    const runId = await world.submit(ticket("tkt_1"));
    await world.ended(runId);
    clock.advance(4_000 * DAY);
    clock.advance(60_000);
    expect(await world.sluice.reveal(runId, KIM, "looking")).toMatchObject({ ok: true });
  });
});

describe("values", () => {
  test("become tombstones when their time is over: what was made of them goes too, and everything says so", async () => {
    const { world, clock } = await open({ retainRecords: "90d" });
    const sent = world.event(ticket("tkt_review"));
    await world.sluice.submit([sent]);
    const [{ runId } = { runId: "" }] = (await world.sluice.listRuns({}, { limit: 1 })).items;
    const { reviewId } = await world.review(runId);
    await world.sluice.decideReview(reviewId, { action: "approve" }, KIM);
    await world.ended(runId);
    expect((await world.sluice.listRuns({ q: "zanzibar" }, { limit: 5 })).items).toHaveLength(1);

    clock.advance(91 * DAY);
    await until(world, clock, runId, ({ valuesRemovedAt }) => valuesRemovedAt !== null);
    const run = await world.run(runId);
    expect(run).toMatchObject({ status: "completed", disposition: "reviewed", decision: null });
    const trace = await world.trace(runId);
    expect(trace.length).toBeGreaterThan(3);
    for (const step of trace) {
      expect(step).toMatchObject({ input: null, output: null });
      expect(step.values_removed_at).toMatch(/^2026-0[89]/);
    }
    expect(trace.find(({ type }) => type === "model_call")).toMatchObject({
      prompt: "classifier",
      prompt_version: "1",
    });
    const why = await world.sluice.why(runId);
    expect(JSON.stringify(why)).toContain("Removed by retention on 2026-");
    await expect(world.sluice.messages(runId, 2)).rejects.toMatchObject({ code: "values_removed", status: 410 });
    await expect(world.sluice.review(reviewId, KIM)).rejects.toMatchObject({ code: "values_removed" });
    expect((await world.sluice.listRuns({ q: "zanzibar" }, { limit: 5 })).items).toHaveLength(0);
    expect((await world.sluice.listReviews({ runId }, { limit: 5 })).items).toHaveLength(1);
    const [again] = await world.sluice.submit([sent]);
    expect(again).toMatchObject({ outcome: "duplicate" });
    const verdict = await world.sluice.auditVerify();
    expect(verdict).toMatchObject({ ok: true, keyless: 1, tombstones: verdict.records });
  });

  test("cannot be removed without the key: a forged tombstone, a changed and a missing record are found", async () => {
    const { world, clock } = await open({ retainRecords: "1d" });
    const [gone, kept] = [await world.submit(ticket("tkt_1")), await world.submit(ticket("tkt_2"))];
    for (const runId of [gone, kept]) await world.ended(runId);
    clock.advance(2 * DAY);
    await until(world, clock, gone, ({ valuesRemovedAt }) => valuesRemovedAt !== null);
    const later = await world.submit(ticket("tkt_3"));
    await world.ended(later);
    const no = (runId: string) => `(SELECT run_no FROM runs WHERE run_id = '${runId}')`;
    const body = (runId: string, seq: number) =>
      `(SELECT body FROM records WHERE run_no = ${no(runId)} AND seq = ${seq})`;
    const forge = `UPDATE records SET body = ${body(gone, 2)}, blob_refs = NULL, vault = NULL WHERE run_no = ${no(later)} AND seq = 2`;
    await tamper(world, forge);
    expect(await world.sluice.auditVerify()).toMatchObject({ ok: false, problems: [`${later}: record 2 was changed`] });
    await tamper(
      world,
      `UPDATE records SET body = replace(body, '"at":1', '"at":2') WHERE run_no = ${no(gone)} AND seq = 3`,
    );
    expect((await world.sluice.auditVerify()).problems).toContain(`${gone}: record 3 was changed`);
    await tamper(world, `DELETE FROM records WHERE run_no = ${no(kept)} AND seq = 2`);
    expect((await world.sluice.auditVerify()).problems).toContain(`${kept}: record 2 is missing`);
  });
});

describe("erasure", () => {
  const reason = `request 4711 of Zoë Quux: "${SECRET}"`;

  test("destroys the key of an ended run at once, on record with a redacted reason, and no file holds it", async () => {
    const { world } = await open({});
    const runId = await world.submit(ticket("tkt_1"));
    await world.ended(runId);
    const report = await world.sluice.erase({ runId, cancel: false, dryRun: false, reason }, ADA);
    expect(report).toMatchObject({ matched: 1, erased: 1, unfinished: 0, swept: true });
    expect(await world.sluice.reveal(runId, ADA, "after all")).toMatchObject({ ok: false, code: "key_destroyed" });
    const record = (await world.trace(runId)).at(-1);
    expect(record).toMatchObject({ type: "override", name: "@erase", detail: { by: "ada" } });
    expect(JSON.stringify(record)).not.toContain("Charged twice");
    const [noted] = await world.sluice.erasures(5);
    expect(noted).toMatchObject({ by: "ada" });
    expect(JSON.parse(noted?.done ?? "null")).toMatchObject({ erased: 1, finished: true });
    await world.restart();
    expect(await world.sluice.auditVerify()).toMatchObject({ ok: true, keyless: 1 });
  });

  test("of an event takes all its runs, refuses while one has not ended, and cancels it where that is said", async () => {
    const { world } = await open({});
    const runId = await world.submit(ticket("tkt_review"));
    const { reviewId } = await world.review(runId);
    const { eventId } = await world.run(runId);
    const asked = { eventId, dryRun: false, reason };
    expect(await world.sluice.erase({ ...asked, dryRun: true, cancel: true }, ADA)).toMatchObject({
      matched: 1,
      unfinished: 1,
      erased: 0,
    });
    expect(await world.sluice.erase({ ...asked, cancel: false }, ADA)).toMatchObject({ unfinished: 1, erased: 0 });
    expect((await world.run(runId)).status).toBe("waiting");
    expect(await world.sluice.erase({ ...asked, cancel: true }, ADA)).toMatchObject({ erased: 1, cancelled: 1 });
    expect(await world.run(runId)).toMatchObject({
      status: "cancelled",
      originalsRemovedAt: expect.any(Number) as number,
    });
    const { items } = await world.sluice.listReviews({ runId }, { limit: 5 });
    expect(items).toMatchObject([{ reviewId, status: "withdrawn" }]);
    expect(await world.sluice.erase({ ...asked, cancel: true }, ADA)).toMatchObject({ erased: 0, erasedBefore: 1 });
  });

  test("takes the body of an event that was refused", async () => {
    const { world } = await open({});
    const wrong = { ...world.event(), ticket: { id: 5, body: SECRET }, event_id: "evt_wrong" };
    expect(await world.sluice.submit([wrong])).toMatchObject([{ outcome: "refused" }]);
    const asked = { eventId: "evt_wrong", cancel: false, reason };
    expect(await world.sluice.erase({ ...asked, dryRun: true }, ADA)).toMatchObject({ matched: 0, quarantined: 1 });
    expect(await world.sluice.erase({ ...asked, dryRun: false }, ADA)).toMatchObject({ quarantined: 1 });
    expect(await world.sluice.erase({ ...asked, dryRun: true }, ADA)).toMatchObject({ quarantined: 0 });
  });

  test("leaves the wrapped key in none of the files", async () => {
    const { world } = await open({});
    const runId = await world.submit(ticket("tkt_1"));
    await world.ended(runId);
    const { dataDir } = world.sluice.project.config;
    const db = new DatabaseSync(join(dataDir, "sluice.db"), { readOnly: true });
    const wrapped = db.prepare("SELECT wrapped FROM run_keys").get()?.["wrapped"] as Uint8Array;
    db.close();
    const holding = () => readdirSync(dataDir).filter((name) => readFileSync(join(dataDir, name)).includes(wrapped));
    expect(holding()).not.toEqual([]);
    await world.sluice.erase({ runId, cancel: false, dryRun: false, reason }, ADA);
    expect(holding()).toEqual([]);
  });
});
