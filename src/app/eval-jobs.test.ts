import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import type { Failure } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import type { Json } from "../base/json.ts";
import type { CaseAnswer, CaseAsker } from "../eval/asking.ts";
import type { PlacedCase } from "../eval/case.ts";
import { OVER_BUDGET } from "../eval/meter.ts";
import type { Meter } from "../eval/meter.ts";
import type { EvalPlan, EvalRun } from "../eval/ports.ts";
import type { Fold, Report } from "../eval/report.ts";
import type { ScoredCase } from "../eval/result.ts";
import type { Suite } from "../eval/suite.ts";
import { createKeyring } from "../journal/keyring.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { openReport, workOn } from "./eval-jobs.ts";
import type { JobDeps, Material } from "./eval-jobs.ts";

const keyring = createKeyring(new Uint8Array(32).fill(7));
const CASES = 600;

function placed(index: number): PlacedCase {
  const input = { text: `ticket ${index}` };
  const expected = { category: index % 3 === 0 ? "billing" : "bug" };
  const hash = createHash("sha256")
    .update(JSON.stringify([index, input, expected]))
    .digest("hex");
  return { id: `case-${index}`, input, expected, tags: [], dataset: "golden", kind: "golden", hash };
}

async function* cases(count = CASES): AsyncGenerator<PlacedCase> {
  for (let index = 0; index < count; index++) yield placed(index);
}

function answered(output: Json, more: Partial<CaseAnswer> = {}): CaseAnswer {
  const figures = { confidence: 0.9, validJson: true, validFirst: true, repaired: false, latencyMs: 10 };
  const tokens = { inputTokens: 5, outputTokens: 3, costUsd: 0.001 };
  return { outcome: "answered", output, ...figures, ...tokens, error: null, trace: [], ...more };
}

/** Keeps everything: what a report is computed from, in which order. */
function listing(seen: ScoredCase[]): Fold {
  return {
    accumulate: (scored) => void seen.push(scored),
    finish: () => {
      const passing = seen.filter(({ result }) => result.outcome === "answered").length;
      const body = { verdict: "PASS", targets: [], totals: { cases: seen.length }, in_context: false, passing };
      return body as unknown as Report;
    },
  };
}

describe("working on an eval run", () => {
  let dataDir: string;
  let store: SqliteStore;
  let asked: string[];
  let seen: ScoredCase[];
  let told: EvalRun[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "sluice-eval-"));
    store = await openSqliteStore({ dataDir, chainKey: keyring.chainKey, clock: systemClock });
    [asked, seen, told] = [[], [], []];
  });

  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  const plan: EvalPlan = {
    suite: "suite",
    suiteHash: "s",
    scorersHash: "",
    datasets: [{ name: "golden", kind: "golden", version: 1, hash: "d", cases: CASES }],
    subject: { kind: "prompt", prompt: "classifier", version: "1", hash: "h", model: "p/m" },
    repeat: 1,
    concurrency: 20,
    budgetUsd: null,
    fresh: false,
    baseline: null,
    baselineOf: null,
  };

  async function begin(more: Partial<EvalPlan> = {}): Promise<string> {
    const evalId = newId("evl");
    const whole = { ...plan, ...more };
    const request = createHash("sha256").update(evalId).digest();
    await store.addEvals([{ evalId, request, plan: whole, total: CASES * whole.repeat, by: "ada" }]);
    return evalId;
  }

  type Ask = (each: PlacedCase, repeat: number, meter: Meter) => CaseAnswer | Promise<CaseAnswer>;
  const right: Ask = ({ expected }) => answered(expected);

  function deps(ask: Ask = right, more: Partial<Material> = {}, owner = "one"): JobDeps {
    const asker = (meter: Meter): CaseAsker => ({
      identity: ({ input }, repeat) => `${repeat} ${JSON.stringify(input)}`,
      async ask(each, repeat, signal) {
        asked.push(`${each.id}/${repeat}`);
        const answer = await ask(each, repeat, meter);
        signal.throwIfAborted();
        return answer;
      },
      close: async () => {},
    });
    const material: Material = {
      suite: { name: "suite", slices: [] } as unknown as Suite,
      cases: () => cases(),
      asker,
      scorers: null,
      inContext: false,
      fold: () => listing(seen),
      comparison: () => {
        throw new Error("There is no baseline.");
      },
      ...more,
    };
    return {
      store,
      keyring,
      clock: systemClock,
      owner,
      material: async () => material,
      told: (run) => void told.push(run),
    };
  }

  const never = new AbortController().signal;

  test("asks each case once, tells how far it is, and leaves report and evidence", async () => {
    const evalId = await begin();
    await workOn(deps(), evalId, never);
    expect(asked.toSorted()).toEqual(Array.from({ length: CASES }, (_, index) => `case-${index}/1`).toSorted());
    const run = await store.evalRun(evalId);
    expect(run).toMatchObject({ status: "done", done: CASES, cached: 0, verdict: "PASS", unpriced: 0 });
    expect(run?.costUsd).toBeCloseTo(CASES * 0.001, 9);
    expect(told.length).toBeGreaterThan(2);
    expect(seen.map(({ case: { id } }) => id)).toEqual(Array.from({ length: CASES }, (_, index) => `case-${index}`));
    const report = openReport(keyring, (await store.evalReport(evalId)) as Uint8Array);
    expect(report.totals.cases).toBe(CASES);
    expect(await store.evidenceById([evalId])).toMatchObject([
      { suite: "suite", verdict: "PASS", subject: { hash: "h" } },
    ]);
  });

  test("nothing of a case or an answer stands on disk in the clear", async () => {
    const evalId = await begin();
    await workOn(
      deps(() => answered({ category: "zebra-crossing" })),
      evalId,
      never,
    );
    await store.close();
    const { readFile, readdir } = await import("node:fs/promises");
    const files = await readdir(dataDir);
    const bytes = await Promise.all(
      files.filter((name) => name.startsWith("sluice.db")).map((name) => readFile(join(dataDir, name))),
    );
    const all = Buffer.concat(bytes);
    expect(all.includes("zebra-crossing")).toBe(false);
    expect(all.includes("ticket 17")).toBe(false);
    expect(all.includes("case-17")).toBe(true);
    store = await openSqliteStore({ dataDir, chainKey: keyring.chainKey, clock: systemClock });
  });

  test("what was answered before is not asked again, unless everything is asked anew", async () => {
    await workOn(deps(), await begin(), never);
    asked = [];
    const again = await begin();
    await workOn(deps(), again, never);
    expect(asked).toEqual([]);
    expect(await store.evalRun(again)).toMatchObject({ status: "done", cached: CASES, costUsd: 0 });
    await workOn(deps(), await begin({ fresh: true }), never);
    expect(asked).toHaveLength(CASES);
  });

  test("each repeat is asked by itself", async () => {
    await workOn(deps(), await begin({ repeat: 3 }), never);
    expect(asked).toHaveLength(3 * CASES);
    expect(seen.slice(0, 4).map(({ case: { id }, result }) => `${id}/${result.repeat}`)).toEqual([
      "case-0/1",
      "case-0/2",
      "case-0/3",
      "case-1/1",
    ]);
  });

  test("what failed is a result, and is asked again by the next eval run", async () => {
    const broken = answered(null, {
      outcome: "failed",
      error: { class: "transient", code: "http_503", message: "Busy." },
    });
    await workOn(
      deps(({ id, expected }) => (id === "case-5" ? broken : answered(expected))),
      await begin(),
      never,
    );
    expect(seen[5]?.result).toMatchObject({ outcome: "failed", error: { code: "http_503" } });
    asked = [];
    await workOn(deps(), await begin(), never);
    expect(asked).toEqual(["case-5/1"]);
  });

  test("stopped in the middle it goes on from what is on disk, and the report is the same", async () => {
    const whole = await begin();
    await workOn(deps(), whole, never);
    const expected = seen.map(({ result }) => JSON.stringify(result.output));
    [asked, seen] = [[], []];
    const evalId = await begin({ fresh: true });
    const stop = new AbortController();
    const reached = Promise.withResolvers<void>();
    const slow = deps(async (each) => {
      if (asked.length >= 200) stop.abort(new Error("Ctrl-C"));
      await reached.promise;
      return answered(each.expected);
    });
    setTimeout(reached.resolve, 5);
    await expect(workOn(slow, evalId, stop.signal)).rejects.toThrow("Ctrl-C");
    const half = await store.evalRun(evalId);
    expect(half?.status).toBe("running");
    const first = asked;
    asked = [];
    await workOn(deps(right, {}, "two"), evalId, never);
    const twice = asked.filter((each) => first.includes(each));
    expect(first.length + asked.length).toBe(CASES + twice.length);
    expect(twice.length).toBeLessThanOrEqual(first.length - (half?.done ?? 0));
    expect(seen.map(({ result }) => JSON.stringify(result.output))).toEqual(expected);
  });

  test("a run that somebody else takes is let go of", async () => {
    const evalId = await begin();
    let taken = false;
    const lose: Ask = async ({ expected }) => {
      if (!taken) {
        taken = true;
        await store.takeEval(evalId, "two");
      }
      return answered(expected);
    };
    await workOn(deps(lose), evalId, never);
    expect(await store.evalRun(evalId)).toMatchObject({ status: "running", verdict: null });
    expect(asked.length).toBeLessThan(CASES);
  });

  test("a budget stops it before it is overspent; what was answered is kept for a larger one", async () => {
    const evalId = await begin({ budgetUsd: 0.1 });
    const priced: Ask = ({ expected }, _repeat, meter) => {
      try {
        const reserved = meter.reserve(0.002);
        meter.settle(reserved, 0.001);
        return answered(expected);
      } catch (error) {
        return answered(null, { outcome: "failed", error: (error as Failure).info });
      }
    };
    await workOn(deps(priced), evalId, never);
    const run = await store.evalRun(evalId);
    expect(run).toMatchObject({ status: "failed", verdict: null, failure: { class: "budget", code: OVER_BUDGET } });
    expect(run?.costUsd).toBeLessThanOrEqual(0.1);
    expect(run?.done).toBeGreaterThan(90);
    expect(await store.evidenceById([evalId])).toEqual([]);
    await store.reopenEval(evalId, { budgetUsd: 10, concurrency: 20 });
    await workOn(deps(priced), evalId, never);
    expect(await store.evalRun(evalId)).toMatchObject({ status: "done", done: CASES });
  });

  test("what a scorer makes of an answer is computed anew, also where nothing is asked", async () => {
    await workOn(deps(), await begin(), never);
    const scorers = async (): Promise<Record<string, number | null>> => ({ short: 0.25 });
    seen = [];
    await workOn(deps(right, { scorers }), await begin(), never);
    expect(seen[3]?.result).toMatchObject({ cached: true, scores: { short: 0.25 } });
  });

  test("a mistake of ours fails the run and says which", async () => {
    const evalId = await begin();
    await workOn(
      deps(() => {
        throw new Error("The moon is full.");
      }),
      evalId,
      never,
    );
    expect(await store.evalRun(evalId)).toMatchObject({ status: "failed", failure: { message: "The moon is full." } });
  });
});
