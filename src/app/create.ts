import { systemClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import type { FileProblem } from "../base/failure.ts";
import { ProjectError, UsageError } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { Stage } from "../base/stage.ts";
import { systemTimers } from "../base/timers.ts";
import type { Timers } from "../base/timers.ts";
import { createKeyring } from "../journal/keyring.ts";
import { RecentJournals } from "../journal/recent.ts";
import { TERMINAL } from "../journal/run.ts";
import type { RunStatus } from "../journal/run.ts";
import { startInContextServer } from "../model/in-context/server.ts";
import { APART_MS } from "../model/rate.ts";
import { localRates } from "../model/rates.ts";
import { openModels } from "../model/registry.ts";
import type { Models } from "../model/registry.ts";
import type { ModelPort } from "../model/port.ts";
import { assertNoProperReleases, ensureRelease } from "../release/first.ts";
import type { PromptRegistry } from "../prompt/registry.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import type { WriterProbe } from "../store/sqlite/thread-protocol.ts";
import { Worker } from "../worker/worker.ts";
import { AwaitedTypes } from "../workflow/awaited.ts";
import type { Engine } from "../workflow/engine.ts";
import { Controls } from "../workflow/controls.ts";
import { Holds } from "../workflow/holds.ts";
import type { Deployed } from "../workflow/open.ts";
import { vocabularyOf } from "../workflow/vocabulary.ts";
import { AuditFollower } from "./audit.ts";
import type { Env } from "./config.ts";
import { openDesk } from "./eval-desk.ts";
import { sweepScratch } from "./eval-material.ts";
import { KeptEventsFollower } from "./kept-events.ts";
import { loadKey } from "./key.ts";
import { rateLimitMistakes } from "./limit-mistakes.ts";
import { modelMistakes, servedVersions } from "./model-mistakes.ts";
import type { Parts } from "./parts.ts";
import type { Project } from "./project.ts";
import { openRegistry } from "./prompts.ts";
import { patientStore } from "./patient-store.ts";
import type { Room } from "./patient-store.ts";
import { materialOf } from "./release-material.ts";
import { RetentionFollower } from "./retention.ts";
import { RedriveFollower } from "./redrive-follower.ts";
import { RunEvents } from "./run-events.ts";
import { Datasets } from "./datasets.ts";
import { ChangeFeed } from "./change-feed.ts";
import { compose } from "./compose.ts";
import { knowHolds } from "./known-holds.ts";
import { CandidateFollower } from "./shadow-candidates.ts";
import { ServingFollower } from "./serving.ts";
import type { Sluice } from "./sluice.ts";
import { toldStore } from "./told-store.ts";

export interface CreateOptions {
  project: Project;
  /** `dev`: a development release of what the files say now; nondeterminism throws. `serve`: proper releases; it is a warning. */
  mode: "dev" | "serve";
  /** Of development releases; the config's unless given. */
  stage?: Stage;
  log(level: "info" | "warn" | "error", message: string, data: Json): void;
  /** Takes what is wrong with the files but lets them be served; the log does unless given. */
  warn?(problem: FileProblem): void;
  env?: Env;
  clock?: Clock;
  /** When changes are told. */
  timers?: Timers;
  /** Answers `scripted/…` models: tests. */
  scripted?: ModelPort;
  /** Where crash tests stop the process. */
  probe?: Engine["probe"];
  /** The same, in the store's writer. */
  storeProbe?: WriterProbe;
}

/**
 * Puts a project, the embedded store and a worker together and starts working.
 * Throws `ProjectError` for mistakes in the project's files, `UsageError` where key or data folder cannot be used.
 */
export async function createSluice(options: CreateOptions): Promise<Sluice> {
  const { project, log, env = process.env, clock = systemClock } = options;
  const errors = project.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new ProjectError(errors);
  const keyring = createKeyring(await loadKey(project.config, env));
  const opened = await openSqliteStore({
    dataDir: project.config.dataDir,
    chainKey: keyring.chainKey,
    clock,
    ...(options.storeProbe === undefined ? {} : { probe: options.storeProbe }),
  });
  const timers = options.timers ?? systemTimers;
  const feed = new ChangeFeed({ store: opened, clock, timers });
  const patient = patientStore(opened);
  const { room } = patient;
  const store = toldStore(patient, (runIds) => feed.changed(runIds));
  try {
    if (options.mode === "dev") await assertNoProperReleases(store, project.config.dataDir);
    await registerVersions(store, project, options, clock.now());
    const prompts = await openRegistry(store, project.prompts);
    const { providers, defaultProvider, prices } = project.config;
    const models = openModels({
      config: { providers, defaultProvider, prices },
      env,
      startLocal: startInContextServer,
      ...(options.scripted === undefined ? {} : { scripted: options.scripted }),
    });
    await warnOfModels(project, models, options);
    for (const { workflow } of project.workflows.values())
      await release(store, project, workflow.name, options, clock.now());
    const determinism = options.mode === "dev" ? "throw" : "warn";
    const probe = options.probe ?? ((): void => {});
    const engine: Engine = {
      store,
      keyring,
      clock,
      models,
      rates: localRates(project.config.rateLimits, clock),
      prompts,
      contracts: project.contracts,
      awaited: await awaitedTypes(store, project),
      determinism,
      recent: new RecentJournals(),
      holds: new Holds(),
      controls: new Controls(),
      log,
      probe,
    };
    if (Object.keys(project.config.rateLimits).length > 0) await recallCalls(engine, clock.now());
    const datasets = new Datasets(store, keyring);
    if (options.mode === "serve") await publishDatasets(datasets, project, log);
    return await start({ engine, store, room, datasets, project: { ...project, prompts }, prompts, feed, timers });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A provider goes on counting over our restarts: what the last minute's calls used up is used up. */
async function recallCalls({ store, rates }: Pick<Engine, "store" | "rates">, now: number): Promise<void> {
  for (const { model: name, startedAt, tokens } of await store.modelCallsSince(now - APART_MS)) {
    // Not resolved: its provider may be out of the configuration by now.
    const [provider = "", ...model] = name.split("/");
    await rates.recall({ provider, model: model.join("/") }, startedAt, tokens);
  }
}

async function awaitedTypes(store: SqliteStore, { workflows, contracts }: Project): Promise<AwaitedTypes> {
  const waiting = await store.awaitedTypes();
  return new AwaitedTypes(
    [...workflows.values()].map(({ workflow }) => workflow),
    contracts,
    waiting,
  );
}

interface Opened {
  engine: Engine;
  store: SqliteStore;
  room: Room;
  project: Project;
  prompts: PromptRegistry;
  feed: ChangeFeed;
  datasets: Datasets;
  timers: Timers;
}

async function start({ engine, store, room, datasets, project, prompts, feed, timers }: Opened): Promise<Sluice> {
  const { concurrency, leaseMs } = project.config;
  const workflows = new Map<string, Deployed>();
  for (const [name, { workflow, code }] of project.workflows)
    workflows.set(name, { workflow, code, vocabulary: vocabularyOf(workflow, prompts, project.contracts) });
  const events = new RunEvents();
  const onLeft = (runId: string, status: RunStatus): void => {
    events.changed(runId);
    // A run that has ended asks no model any more.
    if (TERMINAL.includes(status)) void engine.rates.forget(runId);
  };
  const worker = new Worker({ engine, workflows, concurrency, leaseMs, onLeft });
  // This process owns the store alone: whoever held leases in it is gone.
  const { poisoned } = await store.abandon({ exceptWorker: worker.id });
  for (const runId of poisoned)
    engine.log("error", "A run kept killing its worker and is dead now.", { run_id: runId });
  const audit = new AuditFollower(store, engine.keyring, engine.log);
  await knowHolds(engine, store);
  const keptEvents = new KeptEventsFollower(store, engine.log);
  const serving = new ServingFollower({ store, engine, worker, workflows: workflows.keys(), timers });
  await serving.start();
  worker.start();
  audit.start();
  keptEvents.start();
  const { retainOriginals: originals, retainRecords: records } = project.config;
  const { clock, log } = engine;
  const retention = new RetentionFollower({ store, clock, timers, retention: { originals, records }, log });
  retention.start();
  const parts: Parts = {
    engine,
    store,
    room,
    project,
    prompts,
    workflows,
    worker,
    events,
    datasets,
    feed,
    audit,
    keptEvents,
    retention,
    serving,
  };
  const redrives = new RedriveFollower(parts, timers);
  redrives.start();
  const { shadowConcurrency, shadowUsdPerDay } = project.config;
  const candidates = new CandidateFollower(parts, timers, {
    concurrency: shadowConcurrency,
    usdPerDay: shadowUsdPerDay,
  });
  candidates.start();
  await sweepScratch(project.config.dataDir);
  const { desk, suites } = openDesk(parts);
  // Unfinished when the process before ended, and nobody had stopped them.
  await desk.resumeAll();
  return compose(parts, { redrives, candidates, evals: desk, suites });
}

/** What the files of the suites hold now is what evidence has to be about from here on. */
async function publishDatasets(datasets: Datasets, project: Project, log: CreateOptions["log"]): Promise<void> {
  for (const suite of project.suites.values())
    try {
      await datasets.publishSuite(project.dir, suite, "serve");
    } catch (error) {
      // The server's work does not hang on it; no evidence can be made or rest on it meanwhile.
      if (!(error instanceof UsageError)) throw error;
      log("warn", `The datasets of the suite ${suite.name} are not published: ${error.message}`, { suite: suite.name });
    }
}

/** Versions are immutable: the same name and version with other content is refused, in development it is only said. */
async function registerVersions(
  store: SqliteStore,
  project: Project,
  options: CreateOptions,
  now: number,
): Promise<void> {
  const { mode } = options;
  const changed: FileProblem[] = [];
  const note = (kind: string, name: string, version: string, file: string): void => {
    changed.push({
      file,
      code: "version_changed",
      message: `${kind} ${name}@${version} has other content than when it was first used; versions are immutable.`,
      fix:
        mode === "serve"
          ? "Put the old content back, or give the new content a version of its own."
          : 'While developing that is allowed: each record holds the hash of what it used. "sluice serve" on this data folder refuses it.',
      severity: "error",
    });
  };
  for (const spec of project.prompts.all()) {
    const { name, version, hash } = spec;
    const body = JSON.stringify(spec.document);
    const known = await store.registerVersion({ kind: "prompt", name, version, hash, body, registeredAt: now });
    if (known.hash !== hash) note("Prompt", name, version, spec.file ?? name);
  }
  for (const contract of project.contracts.types().flatMap((type) => project.contracts.versions(type))) {
    const version = String(contract.version);
    const { hash } = contract.schema;
    const body = JSON.stringify(contract.schema.source);
    const known = await store.registerVersion({
      kind: "contract",
      name: contract.type,
      version,
      hash,
      body,
      registeredAt: now,
    });
    if (known.hash !== hash) note("Contract", contract.type, version, contract.file);
  }
  if (changed.length === 0) return;
  if (mode === "serve") throw new ProjectError(changed);
  for (const problem of changed) warn(options, { ...problem, severity: "warning" });
}

/** A model that cannot be called is told of before the first run, not by it. */
async function warnOfModels(project: Project, models: Models, options: CreateOptions): Promise<void> {
  for (const spec of servedVersions(project))
    for (const problem of await modelMistakes(spec, project.dir, models, true)) warn(options, problem);
  for (const problem of rateLimitMistakes(project, models)) warn(options, problem);
}

function warn(options: CreateOptions, problem: FileProblem): void {
  if (options.warn !== undefined) options.warn(problem);
  else options.log("warn", problem.message, { file: problem.file });
}

async function release(
  store: SqliteStore,
  project: Project,
  name: string,
  options: CreateOptions,
  now: number,
): Promise<void> {
  const development = options.mode === "dev";
  const stage = options.stage ?? project.config.developmentStage;
  const createdBy = development ? "dev" : "serve";
  await ensureRelease(store, { material: materialOf(project, name), stage, development, createdBy, now });
}
