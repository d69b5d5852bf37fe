import { setTimeout as pause } from "node:timers/promises";
import { isLostConnection } from "../../src/testing/crash/api.ts";
import type { ServerApi } from "../../src/testing/crash/api.ts";
import { Lives } from "../../src/testing/crash/lives.ts";
import { Outside } from "./outside.ts";
import { endlessEvents } from "./stream.ts";

export interface Steadiness {
  /** Runs a second that were brought to their decision or before a person, over the last seconds before the kill. */
  before: number;
  /** From the kill to the first answer of the next server, which is started cold. */
  readyMs: number;
  /** From the kill to the end of the first second with 80 % of that rate. Null: it did not come back. */
  steadyMs: number | null;
}

/** As it is unless configured. */
export const LEASE_MS = 10_000;
const WARM_UP_MS = 6_000;
const BASE_MS = 6_000;
const WINDOW_MS = 1_000;
const SAMPLE_MS = 100;
const GIVE_UP_MS = 40_000;
const SHARE = 0.8;
/** Enough waits to keep every slot of the worker busy. */
const QUEUE = 100;

interface Sample {
  at: number;
  done: number;
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
    const rate = rateOf(before.samples, killed - BASE_MS);
    const { server, api } = await lives.live({ cold: true });
    const readyMs = performance.now() - killed;
    const after = loadAndSample(lives, api);
    let steadyAt: number | null = null;
    while (steadyAt === null && performance.now() < killed + GIVE_UP_MS) {
      await pause(SAMPLE_MS);
      steadyAt = steadyFrom(after.samples, rate * SHARE);
    }
    after.stop();
    await after.done;
    await server.kill();
    return { before: rate, readyMs, steadyMs: steadyAt === null ? null : steadyAt - killed };
  } finally {
    await lives.close();
    await outside.close();
  }
}

interface Load {
  samples: Sample[];
  stop(): void;
  done: Promise<void>;
}

/** Keeps the queue filled, and counts what gets through it. Nobody answers reviews meanwhile: that is another's pace. */
function loadAndSample(lives: Lives, api: ServerApi): Load {
  const load = { over: false };
  const samples: Sample[] = [];
  const turn = async (): Promise<void> => {
    const counts = await api.get<Record<string, number>>("/v1/runs/counts");
    const reviews = await api.get<{ open: number }>("/v1/reviews/counts");
    const { completed = 0, stopped = 0, queued = 0 } = counts;
    samples.push({ at: performance.now(), done: completed + stopped + reviews.open });
    if (queued < QUEUE) await lives.send(api, QUEUE);
    await pause(SAMPLE_MS);
  };
  const work = async (): Promise<void> => {
    try {
      while (!load.over) await turn();
    } catch (error) {
      if (!isLostConnection(error)) throw error;
    }
  };
  return { samples, stop: () => void (load.over = true), done: work() };
}

function rateOf(samples: readonly Sample[], from: number): number {
  const within = samples.filter(({ at }) => at >= from);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at)
    throw new Error("Nothing was measured before the kill.");
  return perSecond(first, last);
}

/** The end of the first window in which at least `rate` runs a second got through. */
function steadyFrom(samples: readonly Sample[], rate: number): number | null {
  for (const last of samples) {
    const first = samples.findLast(({ at }) => at <= last.at - WINDOW_MS);
    if (first !== undefined && perSecond(first, last) >= rate) return last.at;
  }
  return null;
}

function perSecond(first: Sample, last: Sample): number {
  return ((last.done - first.done) / (last.at - first.at)) * 1_000;
}
