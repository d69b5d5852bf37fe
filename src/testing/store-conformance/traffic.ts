import assert from "node:assert/strict";
import type { Traffic } from "../../journal/ports.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import type { SealedRecord } from "../../journal/record.ts";
import type { RunCommand } from "../../journal/transition.ts";
import { aspect, type Aspect, type Started, type World } from "./world.ts";

const COMPLETE: RunCommand = { do: "complete", disposition: "applied" };
const DIE: RunCommand = { do: "die", failure: { class: "bug", code: "threw", message: "no", step: null } };

const decided = (world: World): SealedRecord => world.sealed("@decision", { kind: "decide", type: "decision" });
const broken = (world: World, name: string): SealedRecord => world.sealed(name, { status: "error" });
const asked = (world: World, name: string): SealedRecord =>
  world.sealed(name, { kind: "review", type: "review", status: "waiting", ends: false });

/** A run that takes these steps, each in a commit of its own. */
async function goes(world: World, names: readonly string[]): Promise<Started> {
  const started = await world.start();
  return await goesOn(world, started, names);
}

async function goesOn(world: World, started: Started, names: readonly string[]): Promise<Started> {
  let { lastSeq } = started;
  for (const name of names) {
    const { runId, epoch } = started;
    const result = await world.store.commit({ runId, epoch, records: [world.sealed(name)] });
    assert.ok(result.ok);
    ({ lastSeq } = result);
  }
  return { ...started, lastSeq };
}

async function trafficOf(world: World, over: { since?: number; until?: number } = {}): Promise<Traffic> {
  const { workflow } = world;
  return await world.store.traffic({ workflow, since: 0, until: world.clock.now() + 1, ...over });
}

/** `from > to`: count. */
function edgesOf(traffic: Traffic): Record<string, number> {
  return Object.fromEntries(traffic.edges.map(({ from, to, count }) => [`${from} > ${to}`, count]));
}

function errorsOf(traffic: Traffic): Record<string, number> {
  return Object.fromEntries(traffic.nodes.filter(({ errors }) => errors > 0).map(({ id, errors }) => [id, errors]));
}

async function found(world: World, filter: RunFilter): Promise<string[]> {
  const within = { ...filter, workflow: world.workflow };
  const { items } = await world.store.list(within, { limit: 100 });
  const counts = await world.store.counts(within);
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  assert.equal(total, items.length, JSON.stringify(filter));
  return items.map(({ runId }) => runId);
}

export const traffic: Aspect = aspect("traffic", {
  "each run is counted at the nodes and edges it came by, and each count leads to its runs": async (world) => {
    const first = await goes(world, ["classify", "escalate"]);
    await world.move(first, COMPLETE, [decided(world)]);
    const second = await goes(world, ["classify"]);
    await world.move(second, COMPLETE, [decided(world)]);
    const running = await goes(world, ["classify"]);
    const queued = await world.submit();
    const seen = await trafficOf(world);
    assert.deepEqual([seen.runs, seen.unplaced, seen.sampled], [4, 0, 4]);
    assert.deepEqual(edgesOf(seen), {
      "trigger > now:queued": 1,
      "trigger > step:classify": 3,
      "step:classify > step:escalate": 1,
      "step:escalate > decide": 1,
      "decide > end:completed": 2,
      "step:classify > decide": 1,
      "step:classify > now:running": 1,
    });
    for (const { from, to, count } of seen.edges)
      assert.equal((await found(world, { edgeFrom: from, edgeTo: to })).length, count, `${from} > ${to}`);
    for (const { id, count } of seen.nodes) assert.equal((await found(world, { edgeTo: id })).length, count, id);
    assert.deepEqual(await found(world, { edgeFrom: "step:classify", edgeTo: "decide" }), [second.runId]);
    assert.deepEqual(await found(world, { edgeTo: "now:running" }), [running.runId]);
    assert.deepEqual(await found(world, { edgeFrom: "trigger", edgeTo: "now:queued" }), [queued]);
    assert.deepEqual(await found(world, { edgeFrom: "decide", edgeTo: "end:dead" }), []);
    assert.deepEqual(await found(world, { edgeFrom: "decide", edgeTo: "step:classify" }), []);
    assert.deepEqual(await found(world, { edgeTo: "step:classify", status: "queued" }), []);
    assert.deepEqual(await found(world, { edgeTo: "step:unknown" }), []);
  },

  "a run that comes round again is counted once, however often": async (world) => {
    const around = Array.from({ length: 40 }, () => ["ask", "look up"]).flat();
    await world.move(await goes(world, around), COMPLETE, [decided(world)]);
    await world.move(await goes(world, ["ask", "ask", "look up", "ask"]), COMPLETE, [decided(world)]);
    assert.deepEqual(edgesOf(await trafficOf(world)), {
      "trigger > step:ask": 2,
      "step:ask > step:look up": 2,
      "step:look up > step:ask": 2,
      "step:look up > decide": 1,
      "step:ask > decide": 1,
      "decide > end:completed": 2,
    });
  },

  "a failed step is counted as such, and stays so when a redrive goes on from it": async (world) => {
    const started = await goes(world, ["classify"]);
    await world.move(started, DIE, [broken(world, "look up")]);
    const dead = await trafficOf(world);
    assert.deepEqual(errorsOf(dead), { "step:look up": 1 });
    assert.deepEqual(edgesOf(dead), {
      "trigger > step:classify": 1,
      "step:classify > step:look up": 1,
      "step:look up > end:dead": 1,
    });
    const record = world.sealed("@redrive", { kind: "override", type: "override" });
    await world.store.command({ runId: started.runId, command: { do: "redrive" }, record });
    const again = await goesOn(world, await world.resume(started.runId), ["look up"]);
    await world.move(again, COMPLETE, [decided(world)]);
    const after = await trafficOf(world);
    assert.deepEqual(errorsOf(after), { "step:look up": 1 });
    assert.deepEqual(edgesOf(after), {
      "trigger > step:classify": 1,
      "step:classify > step:look up": 1,
      "step:look up > decide": 1,
      "decide > end:completed": 1,
    });
  },

  "a run waits at the review that it asked, and goes on from there once it is answered": async (world) => {
    const started = await goes(world, ["classify"]);
    const review = world.newReview();
    const { runId, epoch } = started;
    const records = [asked(world, "low confidence")];
    const result = await world.store.commit({ runId, epoch, records, reviews: [review] });
    assert.ok(result.ok);
    await world.park({ ...started, lastSeq: result.lastSeq }, "review", null);
    assert.deepEqual(await found(world, { edgeFrom: "step:low confidence", edgeTo: "now:waiting" }), [runId]);
    world.clock.advance(500);
    const { reviewId } = review;
    const answer = [world.sealed("low confidence", { kind: "review", type: "review" })];
    const expectedNextSeq = result.lastSeq + 1;
    const answered = await world.store.answer({
      reviewId,
      by: "ann",
      action: "approve",
      records: answer,
      expectedNextSeq,
    });
    assert.ok(answered.ok);
    await world.move(await world.resume(runId), COMPLETE, [decided(world)]);
    const seen = await trafficOf(world);
    assert.deepEqual(edgesOf(seen), {
      "trigger > step:classify": 1,
      "step:classify > step:low confidence": 1,
      "step:low confidence > decide": 1,
      "decide > end:completed": 1,
    });
    assert.equal(seen.edges.find(({ to }) => to === "step:low confidence")?.p95Ms, 500);
  },

  "a write that was refused leaves the run where it was": async (world) => {
    const started = await goes(world, ["classify"]);
    await world.store.commit({ ...started, records: [world.sealed("escalate")], controlVersion: 7 });
    await world.store.commit({ ...started, epoch: started.epoch + 1, records: [world.sealed("escalate")] });
    assert.deepEqual(await found(world, { edgeTo: "step:escalate" }), []);
    assert.deepEqual(await found(world, { edgeFrom: "step:classify", edgeTo: "now:running" }), [started.runId]);
  },

  "times are of the steps on record, by nearest rank": async (world) => {
    for (let ms = 1; ms <= 20; ms++) {
      const startedAt = world.clock.now();
      const started = await world.start();
      world.clock.advance(ms);
      const endedAt = world.clock.now();
      await world.move(started, COMPLETE, [world.sealed("look up", { startedAt, endedAt }), decided(world)]);
    }
    const { nodes, edges } = await trafficOf(world);
    const node = nodes.find(({ id }) => id === "step:look up");
    assert.deepEqual([node?.p50Ms, node?.p95Ms, node?.sample], [10, 19, 20]);
    const edge = edges.find(({ to }) => to === "step:look up");
    assert.deepEqual([edge?.p95Ms, edge?.sample], [19, 20]);
    const trigger = nodes.find(({ id }) => id === "trigger");
    assert.deepEqual([trigger?.p50Ms, trigger?.sample], [null, 0]);
  },

  "the window takes its beginning and leaves out its end": async (world) => {
    await world.submit();
    world.clock.advance(10);
    const since = world.clock.now();
    await world.submit();
    world.clock.advance(10);
    const until = world.clock.now();
    await world.submit();
    assert.equal((await trafficOf(world, { since, until })).runs, 1);
    assert.equal((await trafficOf(world, { since })).runs, 2);
    assert.deepEqual(await trafficOf(world, { until: 1 }), { runs: 0, unplaced: 0, sampled: 0, nodes: [], edges: [] });
  },
});

export const runViews: Aspect = aspect("views of runs", {
  "each view of a run is kept, and changes nothing of it": async (world) => {
    const { store, clock } = world;
    const [runId, other] = [await world.submit(), await world.submit()];
    const before = await store.load(runId);
    assert.deepEqual(await store.runViews(runId), []);
    await store.noteRunView(runId, "ann", "ticket 12");
    const first = { by: "ann", at: clock.now(), reason: "ticket 12" };
    clock.advance(5);
    await store.noteRunView(runId, "bob", "a complaint");
    assert.deepEqual(await store.runViews(runId), [first, { by: "bob", at: clock.now(), reason: "a complaint" }]);
    assert.deepEqual(await store.runViews(other), []);
    assert.deepEqual(await store.load(runId), before);
    await assert.rejects(store.noteRunView("run_unknown", "ann", "why"), /run_unknown/);
    assert.deepEqual(await store.runViews("run_unknown"), []);
  },
});
