import { systemClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { ProjectError } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { createKeyring } from "../journal/keyring.ts";
import { RecentJournals } from "../journal/recent.ts";
import { startInContextServer } from "../model/in-context/server.ts";
import type { ModelPort } from "../model/port.ts";
import { localRates } from "../model/rates.ts";
import { openModels } from "../model/registry.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import { AwaitedTypes } from "../workflow/awaited.ts";
import { Controls } from "../workflow/controls.ts";
import type { Engine } from "../workflow/engine.ts";
import { Holds } from "../workflow/holds.ts";
import { vocabularyOf } from "../workflow/vocabulary.ts";
import type { Env } from "./config.ts";
import { sweepScratch } from "./eval-material.ts";
import { openDesk } from "./eval-desk.ts";
import type { EvalDesk, Evals } from "./evals.ts";
import { evalsOf } from "./evals.ts";
import { Datasets } from "./datasets.ts";
import { loadKey } from "./key.ts";
import type { Project } from "./project.ts";
import { openRegistry } from "./prompts.ts";

export interface OpenEvalsOptions {
  project: Project;
  log(level: "info" | "warn" | "error", message: string, data: Json): void;
  env?: Env;
  clock?: Clock;
  /** Answers `scripted/…` models: tests. */
  scripted?: ModelPort;
}

/** Evals over a project on which no server is at work: nothing else is done, no run is claimed, no release made. */
export interface OpenEvals extends Evals {
  readonly project: Project;
  readonly datasets: Datasets;
  /** Stops asking; what is on disk is gone on with later. */
  close(): Promise<void>;
}

/**
 * Becomes the owner of the data folder for as long as it is open. Throws `ProjectError` for mistakes in the project's files,
 * `UsageError` store_in_use where a server runs on it.
 */
export async function openEvals(options: OpenEvalsOptions): Promise<OpenEvals> {
  const { project, log, env = process.env, clock = systemClock } = options;
  const errors = project.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new ProjectError(errors);
  const keyring = createKeyring(await loadKey(project.config, env));
  const { dataDir, providers, defaultProvider, prices, rateLimits } = project.config;
  const store = await openSqliteStore({ dataDir, chainKey: keyring.chainKey, clock });
  const models = openModels({
    config: { providers, defaultProvider, prices },
    env,
    startLocal: startInContextServer,
    ...(options.scripted === undefined ? {} : { scripted: options.scripted }),
  });
  let desk: EvalDesk | null = null;
  const close = async (): Promise<void> => {
    await desk?.close();
    await models.close();
    await store.close();
  };
  try {
    await sweepScratch(dataDir);
    const engine: Engine = {
      store,
      keyring,
      clock,
      models,
      rates: localRates(rateLimits, clock),
      prompts: await openRegistry(store, project.prompts),
      contracts: project.contracts,
      awaited: new AwaitedTypes([], project.contracts, []),
      determinism: "warn",
      recent: new RecentJournals(),
      holds: new Holds(),
      controls: new Controls(),
      log,
      probe: () => {},
    };
    const workflows = new Map(
      [...project.workflows].map(([name, { workflow, code }]) => {
        const vocabulary = vocabularyOf(workflow, engine.prompts, project.contracts);
        return [name, { workflow, code, vocabulary }] as const;
      }),
    );
    const opened = openDesk({ engine, store, project, workflows });
    desk = opened.desk;
    return { ...evalsOf(opened.desk, opened.suites), project, datasets: new Datasets(store, keyring), close };
  } catch (error) {
    await close();
    throw error;
  }
}
