import assert from "node:assert/strict";
import { newId } from "../../base/id.ts";
import { CHAIN_START, auditLink } from "../../journal/chain.ts";
import type { CandidateAnswer } from "../../release/candidates.ts";
import type { Serving, ServingNote } from "../../release/serving.ts";
import { aspect, type Aspect, type World } from "./world.ts";

function noteOf(world: World, worker: string, version: number): ServingNote {
  const serves = [{ workflow: world.workflow, release: version + 10, version }];
  return { worker, host: "box", pid: 7, startedAt: world.clock.now(), serves };
}

async function servedBy(world: World, worker: string, since: number): Promise<Serving[] | undefined> {
  return (await world.store.serving(since)).find((each) => each.worker === worker)?.serves;
}

export const serving: Aspect = aspect("serving", {
  "a process says which release it serves, and since when": async (world) => {
    const worker = newId("wrk");
    const first = world.clock.now();
    await world.store.noteServing(noteOf(world, worker, 1));
    const { workflow } = world;
    assert.deepEqual(await servedBy(world, worker, first), [{ workflow, release: 11, version: 1, since: first }]);
    world.clock.advance(1_000);
    await world.store.noteServing(noteOf(world, worker, 1));
    assert.deepEqual(await servedBy(world, worker, first), [{ workflow, release: 11, version: 1, since: first }]);
    await world.store.noteServing(noteOf(world, worker, 2));
    assert.deepEqual(await servedBy(world, worker, first), [
      { workflow, release: 12, version: 2, since: first + 1_000 },
    ]);
  },

  "one that has been silent, or has left, serves nothing": async (world) => {
    const [silent, left] = [newId("wrk"), newId("wrk")];
    await world.store.noteServing(noteOf(world, silent, 1));
    world.clock.advance(1_000);
    await world.store.noteServing(noteOf(world, left, 1));
    assert.equal(await servedBy(world, silent, world.clock.now()), undefined);
    await world.store.leaveServing(left);
    assert.equal(await servedBy(world, left, 0), undefined);
    assert.notEqual(await servedBy(world, silent, 0), undefined);
  },
});

async function publish(world: World, number: number, body: object): Promise<void> {
  const row = { workflow: world.workflow, number, body: JSON.stringify(body), createdAt: world.clock.now() };
  assert.equal(await world.store.publish(row, number - 1), true);
}

export const offAndOn: Aspect = aspect("off and on", {
  "a release that is off and holds its events lets no run be claimed, until another one is present": async (world) => {
    const runId = await world.submit();
    await publish(world, 1, { stage: "off", whenOff: "hold" });
    assert.deepEqual(await world.claim(), []);
    const [hold] = await world.store.holdsOf(world.workflow);
    assert.deepEqual([hold?.state, hold?.cause, hold?.acts.at(-1)?.reason], ["held", "release", "release 1"]);
    await publish(world, 2, { stage: "shadow" });
    assert.equal((await world.claim())[0]?.run.runId, runId);
    assert.equal((await world.store.holdsOf(world.workflow))[0]?.state, "over");
  },

  "a release that is off and sends its events to review holds nothing": async (world) => {
    const runId = await world.submit();
    await publish(world, 1, { stage: "off", whenOff: "review" });
    assert.equal((await world.claim())[0]?.run.runId, runId);
  },

  "a run that parked for it goes on once it is on again": async (world) => {
    const started = await world.start();
    await publish(world, 1, { stage: "off" });
    await world.park(started, "hold", null);
    await publish(world, 2, { stage: "partial" });
    assert.equal((await world.claim())[0]?.run.runId, started.runId);
  },

  "neither a resume nor a release ends what the other one holds": async (world) => {
    const { store, workflow } = world;
    await world.submit();
    await publish(world, 1, { stage: "off" });
    assert.equal(await store.resume({ workflow, by: "kim", reason: "", perMinute: null }), null);
    await store.pause({ holdId: newId("hld"), workflow, by: "kim", reason: "night" });
    await publish(world, 2, { stage: "partial" });
    assert.deepEqual(await world.claim(), []);
    await store.resume({ workflow, by: "kim", reason: "day", perMinute: null });
    assert.equal((await world.claim()).length, 1);
  },
});

const PINNED = { prompts: { classify: { candidate: { version: "2", mode: "shadow" } } } };

/** A run that has ended and stands in the audit chain, with the pins given. */
async function ended(world: World, pins: object): Promise<string> {
  const { store } = world;
  const { runId, epoch } = await world.start();
  const body = JSON.stringify(pins);
  const command = { do: "complete", disposition: "applied" } as const;
  const decision = world.sealed("@decide", { kind: "decide", type: "decision" });
  await store.commit({ runId, epoch, records: [decision], pins: { release: 1, stage: "partial", body }, command });
  for (const head of await store.unauditedHeads(100)) {
    const last = await store.auditHead();
    const entry = { index: (last?.index ?? 0) + 1, runId: head.runId, lastSeq: head.lastSeq, head: head.chain };
    await store.appendAudit([{ ...entry, link: auditLink(world.chainKey, last?.link ?? CHAIN_START, entry) }]);
  }
  return runId;
}

function answerOf(world: World, runId: string, over: Partial<CandidateAnswer> = {}): CandidateAnswer {
  return {
    runId,
    workflow: world.workflow,
    slot: "classify",
    key: "",
    release: 1,
    prompt: "classifier",
    version: "2",
    hash: "h2",
    model: "local/x",
    status: "valid",
    code: null,
    repaired: false,
    output: '{"category":"billing"}',
    agrees: true,
    agreesWithPerson: null,
    servedAgreesWithPerson: null,
    fields: { category: true },
    costUsd: 0.01,
    latencyMs: 20,
    inputTokens: 10,
    outputTokens: 2,
    askedAt: world.clock.now(),
    ...over,
  };
}

export const candidates: Aspect = aspect("candidates", {
  "ended runs that have pinned a shadow candidate are followed in the order of the audit chain": async (world) => {
    const { store } = world;
    const start = (await store.auditHead())?.index ?? 0;
    const first = await ended(world, PINNED);
    await ended(world, { prompts: { classify: {} } });
    const third = await ended(world, PINNED);
    const seen = await store.endedWithCandidate(start, 10);
    assert.deepEqual(
      seen.runs.map(({ runId }) => runId),
      [first, third],
    );
    assert.equal(seen.position, start + 3);
    assert.deepEqual(await store.endedWithCandidate(seen.position, 10), { runs: [], position: seen.position });
    const one = await store.endedWithCandidate(start, 1);
    assert.deepEqual([one.runs.length, one.position], [1, start + 1]);
  },

  "an answer is kept once, with how far the follower has come": async (world) => {
    const { store } = world;
    const follower = world.name("follower");
    const runId = await ended(world, PINNED);
    assert.equal(await store.followed(follower), 0);
    await store.noteCandidates({ answers: [answerOf(world, runId)], followed: { follower, position: 5 } });
    await store.noteCandidates({ answers: [answerOf(world, runId, { status: "failed" })] });
    assert.equal(await store.followed(follower), 5);
    assert.deepEqual(await store.candidatesOfRun(runId), [answerOf(world, runId)]);
  },

  "a latency between two milliseconds is kept as the nearest whole one": async (world) => {
    const runId = await ended(world, PINNED);
    await world.store.noteCandidates({ answers: [answerOf(world, runId, { latencyMs: 20.718 })] });
    assert.equal((await world.store.candidatesOfRun(runId))[0]?.latencyMs, 21);
  },

  "totals count by what came of it, and say how often it agrees": async (world) => {
    const { store, workflow } = world;
    const made: CandidateAnswer[] = [];
    for (const over of [
      { latencyMs: 10, agreesWithPerson: false, servedAgreesWithPerson: true },
      { latencyMs: 30, agrees: false, fields: { category: false }, costUsd: null, repaired: true },
      { status: "invalid", code: "schema", output: null, agrees: null, fields: null, servedAgreesWithPerson: true },
      { status: "skipped", code: "budget", output: null, agrees: null, fields: null, costUsd: null, latencyMs: null },
    ] as const)
      made.push(answerOf(world, await ended(world, PINNED), over));
    await store.noteCandidates({ answers: made });
    const [totals] = await store.candidateTotals(workflow);
    assert.deepEqual(totals, {
      workflow,
      slot: "classify",
      prompt: "classifier",
      version: "2",
      hash: "h2",
      model: "local/x",
      total: 4,
      valid: 2,
      invalid: 1,
      failed: 0,
      skipped: 1,
      repaired: 1,
      skippedWhy: { budget: 1 },
      compared: 2,
      agreed: 1,
      judged: 2,
      candidateRight: 0,
      servedRight: 2,
      fields: { category: { compared: 2, agreed: 1 } },
      costUsd: 0.02,
      unknownCosts: 1,
      latencyAvgMs: 20,
      latencyP95Ms: 30,
      inputTokens: 40,
      outputTokens: 8,
      firstAt: world.clock.now(),
      lastAt: world.clock.now(),
    });
    const differing = await store.candidateAnswers({ workflow, differing: true }, { limit: 10 });
    assert.deepEqual(differing, { items: [made[1]], next: null });
    const page = await store.candidateAnswers({ workflow, slot: "classify", version: "2" }, { limit: 3 });
    assert.equal(page.items.length, 3);
    const rest = await store.candidateAnswers({ workflow }, { limit: 3, cursor: page.next as string });
    assert.deepEqual(rest, { items: [made[0]], next: null });
  },

  "what was spent is known by when it was asked for": async (world) => {
    const { store } = world;
    world.clock.advance(1_000);
    const since = world.clock.now();
    const runId = await ended(world, PINNED);
    await store.noteCandidates({ answers: [answerOf(world, runId, { costUsd: 0.25 })] });
    assert.equal(await store.candidatesSpent(since), 0.25);
    assert.equal(await store.candidatesSpent(since + 1), 0);
  },

  "the outputs go with the values of their run": async (world) => {
    const { store } = world;
    const runId = await ended(world, PINNED);
    await store.noteCandidates({ answers: [answerOf(world, runId, { key: "jane" })] });
    const { endedAt } = (await store.run(runId)) as { endedAt: number };
    while ((await store.removeValues({ endedBy: endedAt, limit: 100 })).more);
    const [kept] = await store.candidatesOfRun(runId);
    assert.deepEqual([kept?.output, kept?.key === "jane", kept?.agrees], [null, false, true]);
    await store.noteCandidates({ answers: [answerOf(world, runId, { slot: "later" })] });
    assert.equal((await store.candidatesOfRun(runId)).length, 1);
  },
});
