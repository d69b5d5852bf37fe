import { Worker } from "node:worker_threads";
import { systemClock } from "../base/clock.ts";
import { UsageError } from "../base/failure.ts";
import { createKeyring } from "../journal/keyring.ts";
import type { Run, RunStatus } from "../journal/run.ts";
import { openSqliteBeside } from "../store/sqlite/open-beside.ts";
import type { StoreBeside } from "../store/sqlite/open-beside.ts";
import { foreseen } from "../workflow/foresee.ts";
import type { Foresight } from "../workflow/foresee.ts";
import type { Env } from "./config.ts";
import { loadKey } from "./key.ts";
import type { LookoutAsked, LookoutData, LookoutTold } from "./live-check-protocol.ts";
import type { Project } from "./project.ts";

export interface LiveCheckInput {
  project: Project;
  env: Env;
  /** Only runs of this workflow. */
  workflow?: string | undefined;
  /** At most so many runs, the newest of each status first. */
  limit?: number | undefined;
  /** Dead runs too, as if they were redriven. */
  dead: boolean;
  /** Told after each run, of how many. */
  onProgress?: (done: number, of: number) => void;
}

/** What a deploy of the project's present files would make of one run. */
export interface LiveFinding extends Foresight {
  runId: string;
  workflow: string;
  status: RunStatus;
}

/** Runs that are handed to the thread at once. */
const AHEAD = 32;
const PAGE = 200;
/** Code that waits for something other than a step for so long is cut off; code that does not let go, a little later. */
const LIMIT_MS = 2_000;
const GRACE_MS = 3_000;
/** After so many, the other runs of the workflow are not looked at. */
const MAX_CUT = 3;

/**
 * Looks, for every run that has not ended, what present code would make of it, beside a server that runs on the same data
 * or without one. Reads only. Throws `UsageError` where the data or its key cannot be used.
 */
export async function* checkLive(input: LiveCheckInput): AsyncGenerator<LiveFinding> {
  const { project, env, workflow, dead, limit = Infinity, onProgress } = input;
  const { dataDir } = project.config;
  const masterKey = await loadKey(project.config, env);
  const { chainKey } = createKeyring(masterKey);
  const store = await openSqliteBeside({ dataDir, chainKey, clock: systemClock });
  const lookout = new Lookout({ dir: project.dir, dataDir, env, masterKey, limitMs: LIMIT_MS });
  const statuses: RunStatus[] = ["running", "waiting", "queued", ...(dead ? (["dead"] as const) : [])];
  try {
    const counts = await store.counts(workflow === undefined ? {} : { workflow });
    const of = Math.min(
      limit,
      statuses.reduce((sum, status) => sum + counts[status], 0),
    );
    let done = 0;
    for await (const runs of inBatches(store, statuses, workflow, limit)) {
      for await (const finding of lookout.look(runs)) {
        onProgress?.(++done, of);
        yield finding;
      }
    }
  } finally {
    await lookout.end();
    await store.close();
  }
}

/** A run may change its status between two pages: each is looked at once. */
async function* inBatches(
  store: StoreBeside,
  statuses: readonly RunStatus[],
  workflow: string | undefined,
  limit: number,
): AsyncGenerator<Run[]> {
  const seen = new Set<string>();
  for (const status of statuses) {
    let cursor: string | undefined;
    do {
      const filter = { status, ...(workflow === undefined ? {} : { workflow }) };
      const page = await store.list(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      const fresh = page.items.filter(({ runId }) => !seen.has(runId)).slice(0, limit - seen.size);
      for (const { runId } of fresh) seen.add(runId);
      for (let at = 0; at < fresh.length; at += AHEAD) yield fresh.slice(at, at + AHEAD);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && seen.size < limit);
  }
}

/** The thread that runs the project's code; another one takes over where code does not let go of it. */
class Lookout {
  readonly #data: LookoutData;
  #thread: Thread | null = null;
  /** How often each workflow's code was cut off. */
  readonly #cut = new Map<string, number>();

  constructor(data: LookoutData) {
    this.#data = data;
  }

  /** What is found of these runs, in their order; a run that is gone is left out. */
  async *look(runs: readonly Run[]): AsyncGenerator<LiveFinding> {
    let left = [...runs];
    while (left.length > 0) {
      const given = this.#givenUp(left);
      for (const { runId, workflow, status } of given) yield { runId, workflow, status, ...notLookedAt() };
      left = left.filter((run) => !given.includes(run));
      if (left.length === 0) return;
      this.#thread ??= await Thread.start(this.#data);
      const { found, hung } = await this.#thread.look(left.map(({ runId }) => runId));
      for (const run of left) {
        const foresight = found.get(run.runId) ?? (run.runId === hung ? hangs() : undefined);
        const { runId, workflow, status } = run;
        if (foresight?.cutOff === true) this.#cut.set(workflow, (this.#cut.get(workflow) ?? 0) + 1);
        if (foresight !== undefined) yield { runId, workflow, status, ...foresight };
      }
      if (hung === null) return;
      await this.end();
      left = left.slice(left.findIndex(({ runId }) => runId === hung) + 1);
    }
  }

  /** Runs of a workflow whose code was cut off often enough: looking at all of them would take for ever. */
  #givenUp(runs: readonly Run[]): Run[] {
    return runs.filter(({ workflow }) => (this.#cut.get(workflow) ?? 0) >= MAX_CUT);
  }

  async end(): Promise<void> {
    await this.#thread?.end();
    this.#thread = null;
  }
}

function hangs(): Foresight {
  const why = `Its code did not let go of the thread for ${(LIMIT_MS + GRACE_MS) / 1_000} s and was cut off.`;
  return { ...foreseen("unknown", why), cutOff: true };
}

function notLookedAt(): Foresight {
  return foreseen("unknown", `The workflow's code was cut off ${MAX_CUT} times, so its other runs were not looked at.`);
}

class Thread {
  readonly #worker: Worker;
  #told: (told: LookoutTold) => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(data: LookoutData) {
    const file = import.meta.url.endsWith(".ts") ? "./live-check-thread.ts" : "./live-check-thread.js";
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      name: "sluice-lookout",
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // What the project's code prints while it is looked at is no result.
      stdout: true,
    });
    this.#worker.stdout.resume();
    this.#worker.on("message", (told: LookoutTold) => this.#told(told));
    this.#worker.on("error", (error) => this.#failed(error as Error));
    this.#worker.on("exit", () => this.#failed(new Error("The thread that looked at the runs has ended.")));
  }

  static async start(data: LookoutData): Promise<Thread> {
    const thread = new Thread(data);
    await new Promise<void>((resolve, reject) => {
      thread.#failed = (error) =>
        reject(new UsageError("look_ahead_failed", `The project cannot be looked at: ${error.message}`));
      thread.#told = () => resolve();
    });
    return thread;
  }

  /** `hung`: the run whose code did not let go; the thread is of no use after it. */
  async look(runIds: readonly string[]): Promise<{ found: Map<string, Foresight>; hung: string | null }> {
    const found = new Map<string, Foresight>();
    let current = runIds[0] as string;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => resolve(current), LIMIT_MS + GRACE_MS);
    };
    this.#failed = () => resolve(current);
    this.#told = (told) => {
      wait();
      if ("begins" in told) current = told.begins;
      else if ("found" in told) found.set(told.runId, told.found);
      else resolve(null);
    };
    wait();
    this.#ask(runIds);
    const hung = await promise;
    clearTimeout(timer);
    return { found, hung };
  }

  async end(): Promise<void> {
    this.#failed = () => {};
    await this.#worker.terminate();
  }

  #ask(asked: LookoutAsked): void {
    this.#worker.postMessage(asked);
  }
}
