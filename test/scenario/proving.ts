import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../src/base/id.ts";
import type { EvalPlan } from "../../src/eval/ports.ts";
import type { Evidence } from "../../src/release/evidence.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { SqliteStore } from "../../src/store/sqlite/open.ts";
import { sampleTarget } from "../../src/testing/sample-release.ts";
import { CHAIN_KEY, PROMPT } from "./world.ts";
import type { World } from "./world.ts";

const spec = (version: string, over: object = {}): string =>
  JSON.stringify({ ...PROMPT, version, eval_suite: "regression", description: `Version ${version}.`, ...over });

function caseLine(id: string): string {
  return `${JSON.stringify({ id, input: { ticket: { body: "x" } }, expected: { category: "billing" } })}\n`;
}

const SUITE = `
name: regression
prompt: classifier
datasets: [{file: golden.jsonl, kind: golden}]
targets:
  - {name: Category accuracy, metric: accuracy, field: category, target: ">= 95%", critical: true}
`;

/** Two versions of the prompt and the suite they are judged by. */
export const PROVEN_FILES: Readonly<Record<string, string>> = {
  "prompts/classifier/1.json": spec("1"),
  "prompts/classifier/2.json": spec("2"),
  "evals/regression/suite.yaml": SUITE,
  "evals/regression/golden.jsonl": caseLine("c1"),
};

const digest = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());

/** Does something to the store while nobody serves, and serves again. */
export async function meanwhile(world: World, act: (store: SqliteStore) => Promise<void>): Promise<void> {
  const { dataDir } = world.sluice.project.config;
  await world.sluice.close(2_000);
  const store = await openSqliteStore({ dataDir, chainKey: CHAIN_KEY, clock: { now: () => Date.now() } });
  try {
    await act(store);
  } finally {
    await store.close();
  }
  await world.restart({}, 0);
}

/** The suite's dataset with another case in it, published as a process that serves does: older evidence is out of date. */
export async function otherCases(world: World, id: string): Promise<void> {
  await writeFile(join(world.dir, "evals/regression/golden.jsonl"), caseLine(id));
  await world.restart();
}

/** Puts evidence on record, as an eval run of the version with the suite as it stands leaves it. */
export async function evidenceIn(
  world: World,
  store: SqliteStore,
  version: string,
  over: Partial<Evidence> = {},
): Promise<string> {
  const suite = world.sluice.project.suites.get("regression");
  const found = world.sluice.project.prompts.get("classifier", version);
  const published = new Map((await store.datasets()).map((each) => [each.name, each]));
  const datasets = (suite?.datasets ?? []).map(({ name, kind }) => {
    const { version: at = 0, hash = "", cases = 0 } = published.get(name) ?? {};
    return { name, kind, version: at, hash, cases };
  });
  const evidenceId = newId("evl");
  const evidence: Evidence = {
    evidenceId,
    suite: "regression",
    suiteHash: suite?.hash ?? "",
    scorersHash: "",
    datasets,
    subject: { kind: "prompt", prompt: "classifier", version, hash: found.hash, model: "scripted/one" },
    verdict: "PASS",
    targets: [sampleTarget({ critical: true })],
    cases: 100,
    inContext: false,
    by: "kim",
    at: Date.now(),
    ...over,
  };
  const plan = {
    ...evidence,
    repeat: 1,
    concurrency: 1,
    budgetUsd: null,
    fresh: false,
    baseline: null,
    baselineOf: null,
  };
  const added = { evalId: evidenceId, request: digest(evidenceId), plan: plan as EvalPlan, total: 100, by: "kim" };
  await store.addEvals([added]);
  await store.takeEval(evidenceId, "tests");
  const { verdict } = evidence;
  await store.endEval({
    evalId: evidenceId,
    owner: "tests",
    status: "done",
    verdict,
    failure: null,
    report: null,
    evidence,
  });
  return evidenceId;
}

/** Evidence that passes for each of these versions. */
export async function prove(world: World, ...versions: string[]): Promise<void> {
  await meanwhile(world, async (store) => {
    for (const version of versions) await evidenceIn(world, store, version);
  });
}
