import { setTimeout as pause } from "node:timers/promises";
import { isLostConnection } from "../../src/testing/crash/api.ts";
import type { ServerApi } from "../../src/testing/crash/api.ts";
import { Lives } from "../../src/testing/crash/lives.ts";
import { People, approves } from "../../src/testing/crash/people.ts";
import { Outside } from "./outside.ts";
import { endlessEvents } from "./stream.ts";

export interface Steadiness {
  /** Completed runs a second over the last seconds before the kill. */
  before: number;
  /** From the kill to the first answer of the next server, which is started cold. */
  readyMs: number;
  /** From the kill to the end of the first second with 80 % of that rate. Null: it did not come back. */
  steadyMs: number | null;
}

/** As it is unless configured. */
export const LEASE_MS = 10_000;
const WARM_UP_MS = 5_000;
const BASE_MS = 5_000;
const WINDOW_MS = 1_000;
const SAMPLE_MS = 100;
const GIVE_UP_MS = 30_000;
const SHARE = 0.8;
/** Enough waits to keep every slot of the worker busy. */
const QUEUE = 150;

interface Sample {
  at: number;
  completed: number;
}

/** One kill under steady load: how much it did before, and how soon it does so again. */
export async function measureSteadiness(seed: number): Promise<Steadiness> {
  const outside = await Outside.open(seed);
  const { project, env } = outside;
  const settings = { ...env, SLUICE_LEASE: `${LEASE_MS}ms` };
  const lives = await Lives.open({ project, events: endlessEvents(), mode: "dev", stage: "partial", env: settings });
  try {
    const first = await lives.live();
    const before = loadAndSample(lives, first.api);
    await pause(WARM_UP_MS + BASE_MS);
    before.stop();
    await first.server.kill();
    const killed = performance.now();
    await before.done;
    const rate = rateOf(before.samples, killed - BASE_MS, killed);
    const { api } = await lives.live({ cold: true });
    const readyMs = performance.now() - killed;
    const after = loadAndSample(lives, api);
    let steadyAt: number | null = null;
    while (steadyAt === null && performance.now() < killed + GIVE_UP_MS) {
      await pause(SAMPLE_MS);
      steadyAt = steadyFrom(after.samples, rate * SHARE);
    }
    after.stop();
    await after.done;
    return { before: rate, readyMs, steadyMs: steadyAt === null ? null : steadyAt - killed };
  } finally {
    await lives.close();
    await outside.close();
  }
}

interface Load {
  samples: Sample[];
  stop(): void;
  done: Promise<unknown>;
}

/** Keeps the queue filled and the review queue empty, and counts what is completed. */
function loadAndSample(lives: Lives, api: ServerApi): Load {
  const people = new People(approves);
  const samples: Sample[] = [];
  const load = { over: false };
  const until = async (act: () => Promise<void>): Promise<void> => {
    while (!load.over) await act();
  };
  const sample = async (): Promise<void> => {
    const counts = await api.get<Record<string, number>>("/v1/runs/counts");
    samples.push({ at: performance.now(), completed: counts["completed"] ?? 0 });
    if ((counts["queued"] ?? 0) < QUEUE) await lives.send(api, 20);
    await pause(SAMPLE_MS);
  };
  const answer = async (): Promise<void> => {
    if ((await people.answerReviews(api, 20)) === 0) await pause(SAMPLE_MS);
  };
  const done = Promise.all([until(sample), until(answer)]).catch((error: unknown) => {
    if (!isLostConnection(error)) throw error;
  });
  return { samples, stop: () => void (load.over = true), done };
}

function rateOf(samples: readonly Sample[], from: number, to: number): number {
  const within = samples.filter(({ at }) => at >= from && at <= to);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at)
    throw new Error("Nothing was measured before the kill.");
  return ((last.completed - first.completed) / (last.at - first.at)) * 1_000;
}

/** The end of the first window in which at least `rate` runs a second were completed. */
function steadyFrom(samples: readonly Sample[], rate: number): number | null {
  for (const last of samples) {
    const first = samples.findLast(({ at }) => at <= last.at - WINDOW_MS);
    if (first !== undefined && ((last.completed - first.completed) / (last.at - first.at)) * 1_000 >= rate)
      return last.at;
  }
  return null;
}
