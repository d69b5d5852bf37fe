import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunDocument, ServerApi } from "../../src/testing/crash/api.ts";
import type { Child } from "../../src/testing/crash/child.ts";
import { Lives } from "../../src/testing/crash/lives.ts";
import { People, approves } from "../../src/testing/crash/people.ts";
import { Outside } from "../crash/outside.ts";
import { endlessEvents } from "../crash/stream.ts";
import { percentilesOf } from "./flat.ts";
import type { Sample } from "./flat.ts";

export interface SoakOptions {
  minutes: number;
  /** Events a second. */
  rate: number;
  seed: number;
  /** Seconds. */
  sampleEvery: number;
  tell(sample: Sample): void;
}

export interface SoakReport {
  samples: Sample[];
  kills: number;
  events: number;
  runs: Record<string, number>;
  /** What must not be: refused events, runs that ended as poison or by a bug. */
  wrong: string[];
}

/** Kills happen in the first half: the second shows one life. */
const KILLS_AT = [0.12, 0.24, 0.36, 0.48];
const GAUGE = new URL("gauge.ts", import.meta.url).href;
const TURN_MS = 100;
/**
 * Of a person, who answers some, looks again, and after a while sends some dead letters back. Never all of them: a few tickets
 * die however often they are sent, and there are more of those every minute, so that the load would grow with them.
 */
const REVIEWS_AT_ONCE = 10;
const REDRIVEN_AT_ONCE = 4;

/** One server under mixed load, with a model and a desk that fail, and what it takes meanwhile. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const outside = await Outside.open(options.seed);
  const env = { ...outside.env, NODE_OPTIONS: `--import=${GAUGE}` };
  const { project } = outside;
  const lives = await Lives.open({ project, events: endlessEvents(), mode: "dev", stage: "partial", env });
  const state: State = { options, lives, started: performance.now(), samples: [], intake: [], decided: new Date() };
  try {
    const length = options.minutes * 60_000;
    for (const share of [...KILLS_AT, 1]) await live(state, state.started + length * share, share < 1);
    return await report(state);
  } finally {
    await lives.close();
    await outside.close();
  }
}

interface State {
  options: SoakOptions;
  lives: Lives;
  /** By `performance.now`. */
  started: number;
  samples: Sample[];
  /** Times of the events since the last sample, ms. */
  intake: number[];
  /** Up to when ended runs were looked at. */
  decided: Date;
  /** The server of the last life, once that is over. */
  last?: { server: Child; api: ServerApi };
}

/** One life of the server, up to a moment; then it is killed, or left to the end. */
async function live(state: State, until: number, kill: boolean): Promise<void> {
  const { server, api } = await state.lives.live();
  const over = (): boolean => performance.now() >= until;
  await Promise.all([send(state, api, over), review(api, over), watch(state, server, api, over)]).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}\n${server.errors()}`, { cause: error });
    },
  );
  if (kill) {
    state.lives.kills++;
    await server.kill();
  } else state.last = { server, api };
}

/** At the rate that was asked for, whether or not the server keeps up: what is late is sent together. */
async function send(state: State, api: ServerApi, over: () => boolean): Promise<void> {
  const begun = performance.now();
  let sent = 0;
  while (!over()) {
    const due = Math.floor(((performance.now() - begun) / 1_000) * state.options.rate) - sent;
    if (due > 0) {
      const before = performance.now();
      await state.lives.send(api, Math.min(due, 20));
      state.intake.push(performance.now() - before);
      sent += due;
    }
    await pause(TURN_MS / 2);
  }
}

async function review(api: ServerApi, over: () => boolean): Promise<void> {
  const people = new People(approves);
  let turns = 0;
  while (!over()) {
    await people.answerReviews(api, REVIEWS_AT_ONCE);
    if (++turns % 100 === 0) await people.redrive(api, REDRIVEN_AT_ONCE);
    await pause(TURN_MS);
  }
}

async function watch(state: State, server: Child, api: ServerApi, over: () => boolean): Promise<void> {
  const every = state.options.sampleEvery * 1_000;
  for (let next = performance.now() + every; !over(); next += every) {
    while (!over() && performance.now() < next) await pause(TURN_MS);
    if (over()) return;
    const sample = await sampleOf(state, server, api);
    state.samples.push(sample);
    state.options.tell(sample);
  }
}

async function sampleOf(state: State, server: Child, api: ServerApi): Promise<Sample> {
  const said = server.says(/^gauge (.+)$/);
  process.kill(server.pid, "SIGUSR2");
  const line = await said;
  if (line === null) throw new Error("The server has ended.");
  const { rss, heapUsed } = JSON.parse(line[1] as string) as { rss: number; heapUsed: number };
  const counts = await api.get<Record<string, number>>("/v1/runs/counts");
  const runs = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const size = (file: string): number =>
    statSync(join(state.lives.dataDir, file), { throwIfNoEntry: false })?.size ?? 0;
  return {
    at: Math.round((performance.now() - state.started) / 1_000),
    life: state.lives.kills + 1,
    rssMb: rss / 1e6,
    heapMb: heapUsed / 1e6,
    handles: readdirSync(`/proc/${server.pid}/fd`).length,
    walMb: size("sluice.db-wal") / 1e6,
    kbPerRun: size("sluice.db") / 1e3 / Math.max(1, runs),
    intake: percentilesOf(state.intake.splice(0)),
    decision: percentilesOf(await decisionTimes(state, api)),
    queued: counts["queued"] ?? 0,
  };
}

interface Timed extends RunDocument {
  created_at: string;
  ended_at: string | null;
}

/** From event to decision, ms, of the runs that came in since the last look and needed nobody. */
async function decisionTimes(state: State, api: ServerApi): Promise<number[]> {
  const since = state.decided.toISOString();
  state.decided = new Date();
  const query = new URLSearchParams({ status: "completed", disposition: "applied", workflow: "support_triage", since });
  const runs = await api.all<Timed>(`/v1/runs?${query.toString()}`);
  return runs.map(({ created_at: from, ended_at: to }) => Date.parse(to ?? from) - Date.parse(from));
}

async function report({ lives, samples, last }: State): Promise<SoakReport> {
  const { server, api } = last as NonNullable<State["last"]>;
  const runs = await api.get<Record<string, number>>("/v1/runs/counts");
  const wrong = [...lives.wrong];
  for (const failureClass of ["poison", "bug"])
    for (const run of await api.all<RunDocument>(`/v1/runs?status=dead&failure_class=${failureClass}`))
      wrong.push(`${run.run_id} is dead by ${failureClass}: ${run.failure?.message ?? ""}`);
  await server.stop();
  return { samples, kills: lives.kills, events: lives.accepted.size, runs, wrong };
}
