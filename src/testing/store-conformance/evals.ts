import assert from "node:assert/strict";
import type { EvalPlan, EvalRun, NewResult } from "../../eval/ports.ts";
import type { Evidence } from "../../release/evidence.ts";
import { aspect, digest, type Aspect, type World } from "./world.ts";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const cancelled = { class: "denied", code: "cancelled", message: "Not needed." } as const;

let made = 0;

function planOf(suite: string): EvalPlan {
  return {
    suite,
    suiteHash: "s1",
    scorersHash: "",
    datasets: [{ name: "golden", kind: "golden", version: 1, hash: "d1", cases: 4 }],
    subject: { kind: "prompt", prompt: "classifier", version: "1", hash: "h1", model: "p/m" },
    repeat: 1,
    concurrency: 2,
    budgetUsd: null,
    fresh: false,
    baseline: null,
    baselineOf: null,
  };
}

interface Begun {
  evalId: string;
  suite: string;
  request: Uint8Array;
}

async function begin(world: World, more: Partial<EvalPlan> = {}): Promise<Begun> {
  const suite = `suite-${++made}`;
  const evalId = `evl_${suite}`;
  const request = digest(suite);
  await world.store.addEvals([{ evalId, request, plan: { ...planOf(suite), ...more }, total: 4, by: "ada" }]);
  return { evalId, suite, request };
}

function result(place: number, more: Partial<NewResult> = {}): NewResult {
  return {
    place,
    caseId: `case-${place}`,
    caseHash: digest(`case ${place}`),
    dataset: "golden",
    repeat: 1,
    outcome: "answered",
    passing: true,
    scores: null,
    answer: { body: bytes(`answer ${place}`), key: null },
    ...more,
  };
}

function evidenceOf(evidenceId: string, name: string, verdict: Evidence["verdict"], model = "p/m"): Evidence {
  const { suite, suiteHash, scorersHash, datasets } = planOf("of-evidence");
  const subject = { kind: "prompt", prompt: name, version: "1", hash: "h1", model } as const;
  const about = { suite, suiteHash, scorersHash, datasets, subject };
  return { evidenceId, ...about, verdict, targets: [], cases: 4, inContext: false, by: "ada", at: 5 };
}

const put = (world: World, evalId: string, owner: string, results: NewResult[]): Promise<EvalRun | null> =>
  world.store.putResults({ evalId, owner, results, costUsd: 0.25, unpriced: 1 });

export const evaluating: Aspect = aspect("evals", {
  "results are there once they are acknowledged, and a place has one": async (world) => {
    const { evalId } = await begin(world);
    await world.store.takeEval(evalId, "one");
    await put(world, evalId, "one", [result(0), result(2, { passing: false, outcome: "invalid" })]);
    const run = await put(world, evalId, "one", [result(2), result(1)]);
    assert.deepEqual([run?.done, run?.cached, run?.costUsd, run?.unpriced], [3, 0, 0.5, 2]);
    const stored = await world.store.evalResults({ evalId, from: 0, limit: 10 });
    assert.deepEqual(
      stored.map(({ place, outcome, body }) => [place, outcome, Buffer.from(body).toString()]),
      [
        [0, "answered", "answer 0"],
        [1, "answered", "answer 1"],
        [2, "invalid", "answer 2"],
      ],
    );
    assert.deepEqual(await world.store.placesDone(evalId, 1, 3), [1, 2]);
    assert.deepEqual(await world.store.placesDone(evalId, 3, 9), []);
  },

  "results are found by outcome, by failing, by case and by place": async (world) => {
    const { evalId } = await begin(world);
    await world.store.takeEval(evalId, "one");
    const failed = result(1, { passing: false, outcome: "failed", scores: bytes("scores") });
    await put(world, evalId, "one", [result(0), failed, result(2, { passing: false })]);
    const places = async (more: object): Promise<number[]> =>
      (await world.store.evalResults({ evalId, from: 0, limit: 10, ...more })).map(({ place }) => place);
    assert.deepEqual(await places({ failing: true }), [1, 2]);
    assert.deepEqual(await places({ failing: false }), [0]);
    assert.deepEqual(await places({ outcome: "failed", failing: true }), [1]);
    assert.deepEqual(await places({ caseId: "case-2" }), [2]);
    assert.deepEqual(await places({ caseId: "case-2", outcome: "failed" }), []);
    assert.deepEqual(await places({ from: 1, limit: 1 }), [1]);
    const [first] = await world.store.evalResults({ evalId, from: 1, limit: 1 });
    assert.deepEqual(Buffer.from(first?.scores ?? []).toString(), "scores");
  },

  "an answer under a key is found again, also by another run, and the newest stands": async (world) => {
    const key = digest("what was asked");
    const first = await begin(world);
    await world.store.takeEval(first.evalId, "one");
    await put(world, first.evalId, "one", [result(0, { answer: { body: bytes("old"), key } })]);
    await put(world, first.evalId, "one", [result(1, { answer: { body: bytes("new"), key } })]);
    const [found, none] = await world.store.cachedAnswers([key, digest("another")]);
    assert.equal(Buffer.from(found?.body ?? []).toString(), "new");
    assert.equal(none, null);
    const second = await begin(world);
    await world.store.takeEval(second.evalId, "one");
    const run = await put(world, second.evalId, "one", [result(0, { answer: { stored: found?.answer ?? 0 } })]);
    assert.deepEqual([run?.done, run?.cached], [1, 1]);
    const bodies = async (evalId: string): Promise<string[]> =>
      (await world.store.evalResults({ evalId, from: 0, limit: 9 })).map(({ body }) => Buffer.from(body).toString());
    assert.deepEqual(await bodies(second.evalId), ["new"]);
    assert.deepEqual(await bodies(first.evalId), ["old", "new"]);
  },

  "whoever takes an eval shuts out the one before": async (world) => {
    const { evalId } = await begin(world);
    assert.equal((await world.store.takeEval(evalId, "one"))?.status, "running");
    await world.store.takeEval(evalId, "two");
    assert.equal(await put(world, evalId, "one", [result(0)]), null);
    assert.equal((await put(world, evalId, "two", [result(0)]))?.done, 1);
    const end = { evalId, status: "done", verdict: "PASS", failure: null, report: null, evidence: null } as const;
    assert.equal(await world.store.endEval({ ...end, owner: "one" }), null);
    assert.equal((await world.store.endEval({ ...end, owner: "two" }))?.verdict, "PASS");
    assert.equal(await world.store.takeEval(evalId, "three"), null);
    assert.equal(await put(world, evalId, "two", [result(1)]), null);
  },

  "report and evidence are written with the end": async (world) => {
    const { evalId } = await begin(world);
    await world.store.takeEval(evalId, "one");
    const evidence = evidenceOf(evalId, "with-the-end", "FAIL");
    const end = { evalId, owner: "one", status: "done", verdict: "FAIL", failure: null } as const;
    assert.equal(await world.store.evalReport(evalId), null);
    await world.store.endEval({ ...end, report: bytes("report"), evidence });
    assert.equal(Buffer.from((await world.store.evalReport(evalId)) ?? []).toString(), "report");
    assert.deepEqual(await world.store.evidenceById([evalId, "evl_none"]), [evidence]);
  },

  "evidence is found by what it is for, newest first": async (world) => {
    const name = "looked-for";
    for (const [id, verdict, model] of [
      ["evl_e1", "FAIL", "p/m"],
      ["evl_e2", "PASS", "p/m"],
      ["evl_e3", "PASS", "p/other"],
    ] as const) {
      const { evalId } = await begin(world);
      await world.store.takeEval(evalId, "one");
      const evidence = evidenceOf(id, name, verdict, model);
      const end = { evalId, owner: "one", status: "done", verdict, failure: null, report: null } as const;
      await world.store.endEval({ ...end, evidence });
    }
    const ids = async (more: object): Promise<string[]> =>
      (await world.store.evidenceFor({ kind: "prompt", name, ...more })).map(({ evidenceId }) => evidenceId);
    assert.deepEqual(await ids({}), ["evl_e3", "evl_e2", "evl_e1"]);
    assert.deepEqual(await ids({ hash: "h1", model: "p/m", verdict: "PASS" }), ["evl_e2"]);
    assert.deepEqual(await ids({ hash: "h2" }), []);
    assert.deepEqual(await world.store.evidenceFor({ kind: "workflow", name }), []);
  },

  "a cancelled eval keeps what it has, and goes on when the same is asked for again": async (world) => {
    const { evalId, request } = await begin(world);
    await world.store.takeEval(evalId, "one");
    await put(world, evalId, "one", [result(0)]);
    const run = await world.store.cancelEval(evalId, "ada", cancelled);
    assert.deepEqual([run?.status, run?.endedBy, run?.failure?.message], ["cancelled", "ada", "Not needed."]);
    assert.equal(await put(world, evalId, "one", [result(1)]), null);
    assert.equal((await world.store.unfinishedEval(request))?.evalId, evalId);
    // What else the caller knows of the request does not change what the eval is about.
    const asked = { budgetUsd: 2, concurrency: 7, suite: "another", baseline: "another" };
    const again = await world.store.reopenEval(evalId, asked);
    assert.deepEqual([again?.plan.suite, again?.plan.baseline], [run?.plan.suite, null]);
    assert.deepEqual([again?.status, again?.done, again?.plan.budgetUsd, again?.failure], ["queued", 1, 2, null]);
    await world.store.takeEval(evalId, "two");
    assert.equal((await put(world, evalId, "two", [result(1)]))?.done, 2);
  },

  "a baseline is cancelled with its run, and is no run of the request": async (world) => {
    const of = await begin(world, { baselineOf: "evl_some" });
    assert.equal(await world.store.unfinishedEval(of.request), null);
    const { evalId } = await begin(world, { baseline: of.evalId });
    await world.store.cancelEval(evalId, "ada", cancelled);
    assert.equal((await world.store.evalRun(of.evalId))?.status, "cancelled");
    assert.equal(await world.store.cancelEval("evl_nowhere", "ada", cancelled), null);
  },

  "one that is done is not gone on with, and stays as it is": async (world) => {
    const { evalId, request } = await begin(world);
    await world.store.takeEval(evalId, "one");
    const end = { evalId, owner: "one", status: "done", verdict: "PASS", failure: null, report: null } as const;
    await world.store.endEval({ ...end, evidence: null });
    assert.equal(await world.store.unfinishedEval(request), null);
    assert.equal((await world.store.cancelEval(evalId, "ada", cancelled))?.status, "done");
    assert.equal((await world.store.reopenEval(evalId, { budgetUsd: null, concurrency: 1 }))?.status, "done");
  },

  "evals are listed newest first, by suite and page by page; open ones oldest first": async (world) => {
    const [first, second] = [await begin(world), await begin(world)];
    const page = await world.store.evalRuns({}, { limit: 1 });
    assert.deepEqual(
      page.items.map(({ evalId }) => evalId),
      [second.evalId],
    );
    const older = await world.store.evalRuns({}, { limit: 1, cursor: page.next ?? "" });
    assert.deepEqual(
      older.items.map(({ evalId }) => evalId),
      [first.evalId],
    );
    const mine = await world.store.evalRuns({ suite: first.suite }, { limit: 5 });
    assert.deepEqual(
      mine.items.map(({ evalId }) => evalId),
      [first.evalId],
    );
    assert.equal(mine.next, null);
    const open = (await world.store.openEvals()).map(({ evalId }) => evalId);
    assert.deepEqual(open.slice(-2), [first.evalId, second.evalId]);
  },
});
