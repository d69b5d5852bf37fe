import { observeSteps, STEPS, ticket, type Engine, type Session } from "./workload.ts";

/**
 * One trial in a process of its own: `trial.ts ENGINE CONCURRENCY SECONDS FOLDER`, prints one JSON line.
 * Twice as many runs as the engine may work on at once are always accepted and not yet ended, so that there is a
 * queue and it is never empty. After a warm-up, the steps that finish within the window count.
 */
export const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  // Loaded one at a time, so that no engine's memory and start count for another.
  openworkflow: async () => (await import("./openworkflow.ts")).openworkflow,
  "openworkflow-tight": async () => (await import("./openworkflow.ts")).openworkflowTight,
  inserts: async () => (await import("./inserts.ts")).inserts,
  sluice: async () => (await import("./sluice.ts")).sluice,
};

export type TrialResult = {
  readonly settings: string;
  readonly stepsPerSecond: number;
  readonly stepMs: { readonly p50: number; readonly p95: number };
  /** Processor time of all threads per step, the work of queueing and finishing runs included. */
  readonly cpuMsPerStep: number;
  readonly runs: number;
  readonly rssMb: number;
};

const WARM_UP_SHARE = 0.5;

async function trial(engine: Engine, concurrency: number, seconds: number, folder: string): Promise<TrialResult> {
  const steps: number[] = [];
  let counting = false;
  observeSteps((ms) => counting && steps.push(ms));
  const session = await engine.open(folder, concurrency);
  const opened = performance.now();
  const used = process.cpuUsage();
  const from = opened + seconds * WARM_UP_SHARE * 1000;
  const until = from + seconds * 1000;
  let rate = 0;
  const window = (async () => {
    await at(from);
    const started = performance.now();
    counting = true;
    await at(until);
    counting = false;
    rate = steps.length / ((performance.now() - started) / 1000);
  })();
  const runs = await feed(session, concurrency * 2, until);
  await window;
  const { user, system } = process.cpuUsage(used);
  const recorded = await session.recorded();
  if (recorded !== runs * STEPS) throw new Error(`${engine.name}: ${runs} runs ended, but ${recorded} steps on record`);
  await session.close();
  steps.sort((a, b) => a - b);
  return {
    settings: engine.settings,
    stepsPerSecond: rate,
    stepMs: { p50: steps[Math.floor(steps.length * 0.5)] ?? 0, p95: steps[Math.floor(steps.length * 0.95)] ?? 0 },
    cpuMsPerStep: (user + system) / 1000 / (runs * STEPS),
    runs,
    rssMb: process.memoryUsage().rss / 2 ** 20,
  };
}

async function feed(session: Session, lanes: number, until: number): Promise<number> {
  let runs = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      runs += 1;
      await session.run(ticket(runs));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return runs;
}

function at(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

if (import.meta.main) {
  const [name = "", concurrency, seconds, folder = ""] = process.argv.slice(2);
  const load = ENGINES[name];
  if (load === undefined) throw new Error(`no engine "${name}"; there are ${Object.keys(ENGINES).join(", ")}`);
  process.stdout.write(`${JSON.stringify(await trial(await load(), Number(concurrency), Number(seconds), folder))}\n`);
}
