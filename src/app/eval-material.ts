import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Scorers } from "../eval/asking.ts";
import type { PlacedCase } from "../eval/case.ts";
import type { ComparisonFold } from "../eval/comparison.ts";
import { meteredModels } from "../eval/meter.ts";
import { pathAsker } from "../eval/path-case.ts";
import type { IsolatedStore } from "../eval/path-case.ts";
import type { EvalPlan } from "../eval/ports.ts";
import { promptAsker } from "../eval/prompt-case.ts";
import type { Fold } from "../eval/report.ts";
import type { Suite } from "../eval/suite.ts";
import { LOCAL_MODEL } from "../model/port.ts";
import type { Evidence, PromptSubject, WorkflowSubject } from "../release/evidence.ts";
import { readRelease } from "../release/release.ts";
import type { Release } from "../release/release.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Engine } from "../workflow/engine.ts";
import type { Deployed } from "../workflow/open.ts";
import type { Material } from "./eval-jobs.ts";
import type { EvalRequest, PlannedSubject } from "./evals.ts";
import type { Project } from "./project.ts";
import { recordingOf } from "./recording.ts";
import { materialOf } from "./release-material.ts";

/** Suites with their cases and scorers, as evals need them. */
export interface SuiteLibrary {
  all(): readonly Suite[];
  /** Throws `UsageError` unknown_suite with the near name. */
  get(name: string): Suite;
  /** Publishes what the files of its datasets hold now; answers the newest version of each. */
  publish(suite: Suite, by: string): Promise<Evidence["datasets"]>;
  /** In the order of the datasets, as they were published. */
  cases(datasets: Evidence["datasets"]): AsyncIterable<PlacedCase>;
  scorers(suite: Suite): Promise<{ hash: string; score: Scorers | null }>;
  fold(suite: Suite, repeat: number): Fold;
  comparison(suite: Suite): ComparisonFold;
}

export interface EvalParts {
  engine: Engine;
  store: SqliteStore;
  project: Project;
  workflows: ReadonlyMap<string, Deployed>;
  library: SuiteLibrary;
}

/** Fixes by hashes what a request is about. `prompt`: the version to evaluate; the newest unless given. */
export async function planSubject(
  parts: EvalParts,
  request: EvalRequest,
  prompt: EvalRequest["prompt"],
  by: string,
): Promise<PlannedSubject> {
  const { library } = parts;
  const suite = library.get(request.suite);
  const { subject: of } = suite;
  const subject =
    of.kind === "prompt"
      ? promptSubject(parts, of.prompt, request, prompt)
      : await workflowSubject(parts, of.workflow, request, prompt);
  await assertUsable(parts, modelsOf(subject), request.budgetUsd);
  const { hash: scorersHash } = await library.scorers(suite);
  const datasets = await library.publish(suite, by);
  const cases = datasets.reduce((sum, each) => sum + each.cases, 0);
  if (cases === 0)
    throw new UsageError("no_cases", `The suite ${suite.name} has no cases; put some into its datasets.`);
  const total = cases * request.repeat;
  return { suite: suite.name, suiteHash: suite.hash, scorersHash, datasets, subject, total };
}

function promptSubject(
  { engine }: EvalParts,
  name: string,
  { suite, model, thresholds }: EvalRequest,
  prompt: EvalRequest["prompt"],
): PromptSubject {
  if (prompt !== undefined && prompt.name !== name)
    throw new UsageError("other_prompt", `The suite ${suite} is of the prompt ${name}, not of ${prompt.name}.`);
  if (thresholds !== undefined)
    throw new UsageError("no_thresholds", `The suite ${suite} is of a prompt; thresholds belong to workflows.`);
  const spec = engine.prompts.get(name, prompt?.version);
  return {
    kind: "prompt",
    prompt: name,
    version: spec.version,
    hash: spec.hash,
    model: full(engine, model ?? spec.model),
  };
}

function full({ models }: Pick<Engine, "models">, name: string): string {
  const { provider, model } = models.resolve(name);
  return `${provider}/${model}`;
}

/** What is in force, or the newest of everything where nothing was released properly; with what the request puts in its place. */
async function workflowSubject(
  { engine, store, project, workflows }: EvalParts,
  name: string,
  { model, thresholds = {} }: EvalRequest,
  prompt: EvalRequest["prompt"],
): Promise<WorkflowSubject> {
  const deployed = workflows.get(name);
  if (deployed === undefined) throw new UsageError("unknown_workflow", `There is no workflow ${name} in the project.`);
  const control = await store.control(name);
  const present = control === null ? null : readRelease(control.body);
  const base: Pick<Release, "prompts" | "thresholds"> =
    present === null || present.development ? materialOf(project, name) : present;
  const slots = Object.values(base.prompts).map((grant) => grant.prompt);
  if (prompt !== undefined && !slots.includes(prompt.name))
    throw new UsageError(
      "prompt_not_used",
      `Workflow ${name} uses no prompt "${prompt.name}". ${didYouMean(prompt.name, slots)}`,
    );
  for (const threshold of Object.keys(thresholds))
    if (!Object.hasOwn(base.thresholds, threshold))
      throw new UsageError(
        "unknown_threshold",
        `Workflow ${name} has no threshold "${threshold}". ${didYouMean(threshold, Object.keys(base.thresholds))}`,
      );
  const prompts: WorkflowSubject["prompts"] = {};
  for (const [slot, grant] of Object.entries(base.prompts)) {
    const version = prompt?.name === grant.prompt ? prompt.version : grant.version;
    const spec = engine.prompts.get(grant.prompt, version);
    const own = version === grant.version ? grant.model : spec.model;
    prompts[slot] = { prompt: grant.prompt, version, hash: spec.hash, model: full(engine, model ?? own) };
  }
  const tools = Object.fromEntries(Object.values(deployed.workflow.tools).map((tool) => [tool.name, tool.hash]));
  const inForce = { ...deployed.workflow.thresholds, ...base.thresholds, ...thresholds };
  return { kind: "workflow", workflow: name, code: deployed.code, prompts, thresholds: inForce, tools };
}

function modelsOf(subject: EvalPlan["subject"]): string[] {
  if (subject.kind === "prompt") return [subject.model];
  return [...new Set(Object.values(subject.prompts).map(({ model }) => model))];
}

async function assertUsable({ engine }: EvalParts, names: readonly string[], budgetUsd: number | null): Promise<void> {
  for (const name of names) {
    const [problem] = engine.models.problems(name);
    if (problem !== undefined) throw new UsageError("model_not_usable", problem.message);
    if (budgetUsd === null) continue;
    const { usd } = await engine.models.cost(engine.models.resolve(name), { inputTokens: 1_000, outputTokens: 1_000 });
    if (usd !== null) continue;
    const message = `The price of ${name} is unknown, so a budget cannot be kept. Put it into "prices" of the configuration, or leave the budget out.`;
    throw new UsageError("unknown_price", message);
  }
}

/** What works on a plan. Throws `UsageError` where the project says something else by now than when it was asked for. */
export async function materialFor(parts: EvalParts, plan: EvalPlan, evalId: string): Promise<Material> {
  const { library, engine } = parts;
  const suite = library.get(plan.suite);
  if (suite.hash !== plan.suiteHash) throw changed(`The suite ${plan.suite}`);
  const { hash, score } = await library.scorers(suite);
  if (hash !== plan.scorersHash) throw changed(`The scorers of the suite ${plan.suite}`);
  const { subject, repeat } = plan;
  return {
    suite,
    cases: () => library.cases(plan.datasets),
    scorers: score,
    inContext: modelsOf(subject).includes(`local/${LOCAL_MODEL}`),
    fold: () => library.fold(suite, repeat),
    comparison: () => library.comparison(suite),
    asker: (meter) => {
      const models = meteredModels(engine.models, meter);
      return subject.kind === "prompt"
        ? promptAsker({ ...engine, models }, promptParts(parts, subject, evalId))
        : pathAsker({ ...pathParts(parts, subject), engine: { ...engine, models } });
    },
  };
}

function promptParts({ engine }: EvalParts, { prompt, version, hash, model }: PromptSubject, evalId: string) {
  const spec = engine.prompts.get(prompt, version);
  if (spec.hash !== hash) throw changed(`Prompt ${prompt}@${version}`);
  const hidden = (value: Json): string => {
    const mac = Buffer.from(engine.keyring.bodyMac(`eval input\n${JSON.stringify(value)}`)).toString("base64url");
    return `[redacted:input:${mac.slice(0, 22)}]`;
  };
  return { spec, model: engine.models.resolve(model), evalId, hidden };
}

function pathParts(parts: EvalParts, subject: WorkflowSubject) {
  const { engine, store, project, workflows } = parts;
  const deployed = workflows.get(subject.workflow);
  if (deployed?.code !== subject.code) throw changed(`The code of workflow ${subject.workflow}`);
  for (const { prompt, version, hash } of Object.values(subject.prompts))
    if (engine.prompts.get(prompt, version).hash !== hash) throw changed(`Prompt ${prompt}@${version}`);
  const { prompts, thresholds, tools } = subject;
  const openStore = (): Promise<IsolatedStore> => isolatedStore(project.config.dataDir, engine);
  const recording = (runId: string) => recordingOf(store, engine.keyring, runId);
  return { engine, deployed, prompts, thresholds, tools, openStore, recording };
}

const SCRATCH = "eval-scratch";

/** A store beside the project's own, that is gone when it is closed. */
async function isolatedStore(dataDir: string, { keyring, clock }: Engine): Promise<IsolatedStore> {
  const scratch = join(dataDir, SCRATCH);
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(scratch, "cases-"));
  const store = await openSqliteStore({ dataDir: folder, chainKey: keyring.chainKey, clock });
  return {
    ...store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What processes that died have left behind. Only whoever owns the data folder may. */
export async function sweepScratch(dataDir: string): Promise<void> {
  await rm(join(dataDir, SCRATCH), { recursive: true, force: true });
}

function changed(what: string): UsageError {
  return new UsageError(
    "changed_since",
    `${what} is not what it was when this eval was begun: begin it anew, what was answered is used again where it holds.`,
  );
}
