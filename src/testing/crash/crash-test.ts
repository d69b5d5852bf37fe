import { setTimeout as pause } from "node:timers/promises";
import { parseDuration } from "../../base/duration.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Stage } from "../../base/stage.ts";
import { judge, lookAround } from "./aftermath.ts";
import type { Aftermath, Verdict } from "./aftermath.ts";
import { isLostConnection } from "./api.ts";
import type { ServerApi } from "./api.ts";
import type { Child } from "./child.ts";
import { CRASH_POINTS, parseCrashAt } from "./crash-at.ts";
import { Lives } from "./lives.ts";
import { People, approves } from "./people.ts";
import type { Reviewer } from "./people.ts";
import { randomOf } from "./random.ts";

export interface CrashTestOptions {
  /** The project's folder. */
  project: string;
  /** Sent in order, as long as there are any; an endless generator keeps the server under load to the end. */
  events: AsyncIterable<JsonObject> | Iterable<JsonObject>;
  /** Kills at random moments, after one at each named point. 20 unless set. */
  kills?: number;
  /** Named points, as `POINT` or `POINT:N` for the N-th time it is reached; all of `CRASH_POINTS` unless set. */
  points?: readonly string[];
  /** The server is stopped (SIGSTOP) for longer than its lease and continued, so often. Not at all unless set. */
  freezes?: number;
  /** The same seed gives the same moments. 1 unless set. */
  seed?: number;
  /** As `sluice dev` (unless set) or `sluice serve` does. */
  mode?: "dev" | "serve";
  /** Of the development release in mode `dev`; the project's own unless set. */
  stage?: Stage;
  /** Goes before this process's environment: where the things are that the project's tools and models call. */
  env?: Readonly<Record<string, string>>;
  /** How long to work on until the server has come to a named point, before it is given up: `"8s"` unless set. */
  pointWithin?: string | number;
  /** Events sent in each life of the server. 15 unless set. */
  eventsPerLife?: number;
  /** Of a life that ends at random: `"1s"` unless set. Most are much shorter. */
  longestLife?: string | number;
  /** Answers reviews; approves unless set, and rejects what cannot be approved. */
  review?: Reviewer;
  /** A word for each thing that was done outside; a word that is there twice was done twice. Read at the end. */
  effects?: () => readonly string[] | Promise<readonly string[]>;
  /** Called before everything is let end: from here on, what the project calls should answer. */
  calm?: () => void | Promise<void>;
  /** More to compare at the end; each line it answers is a problem. */
  inspect?: (after: Aftermath) => readonly string[] | Promise<readonly string[]>;
  /** How long all runs may take to end, after the last kill: `"60s"` unless set. */
  endWithin?: string | number;
  /** Told of each kill. */
  say?: (line: string) => void;
}

export interface CrashReport {
  /** By SIGKILL, named and at random. */
  kills: number;
  /** Accepted events without their run. */
  lost: number;
  /** Runs, decisions, settled writes or effects that are there twice. */
  doubled: number;
  /** Runs that have not ended, or ended as poison or by a bug. */
  stuck: number;
  /** Anything else that must not be. */
  wrong: number;
  /** A line for each of the four. */
  problems: string[];
  /** Named points that the project never came to. */
  unreached: string[];
  /** Different events. */
  sent: number;
  accepted: number;
  runs: number;
  effects: number;
  /** Runs by status. */
  ended: Record<string, number>;
}

const SHORTEST_LIFE_MS = 5;

/** Everything of the options, with what stands in for the unset. */
type Plan = Required<Omit<CrashTestOptions, "stage">> & { lives: Lives; people: People; unreached: string[] };

/**
 * Starts the project's server over and over on one data folder of its own, sends events, answers reviews, and kills it
 * (SIGKILL) at each named point and then at random. Then lets everything end and compares, over HTTP, what was acknowledged
 * with what is there. Rejects where the server does not start, or ends by itself.
 */
export async function crashTest(options: CrashTestOptions): Promise<CrashReport> {
  const { project, events, mode = "dev", stage, env = {} } = options;
  const plan: Plan = {
    kills: 20,
    points: CRASH_POINTS,
    freezes: 0,
    seed: 1,
    mode,
    env,
    pointWithin: "8s",
    eventsPerLife: 15,
    longestLife: "1s",
    review: approves,
    effects: () => [],
    calm: () => {},
    inspect: () => [],
    endWithin: "60s",
    say: () => {},
    ...options,
    lives: await Lives.open({ project, events, mode, stage, env }),
    people: new People(options.review ?? approves),
    unreached: [],
  };
  try {
    for (const at of plan.points) await killAt(plan, at);
    const random = randomOf(plan.seed);
    for (let i = 1; i <= plan.kills; i++) {
      await killAtRandom(plan, random);
      plan.say(`killed at random, ${i} of ${plan.kills}; ${plan.lives.accepted.size} events accepted`);
    }
    for (let i = 1; i <= plan.freezes; i++) await freeze(plan);
    return await endAndCompare(plan);
  } finally {
    await plan.lives.close();
  }
}

/** Sends events and answers reviews until the server has killed itself at `at`. */
async function killAt(plan: Plan, at: string): Promise<void> {
  parseCrashAt(at);
  const { lives, say, unreached } = plan;
  const started = await lives.start(at);
  if (started !== null) {
    const { server, api } = started;
    const over = performance.now() + parseDuration(plan.pointWithin);
    const life = watch(server);
    while (!life.over && performance.now() < over)
      await Promise.race([server.gone, work(plan, api, life).catch(unlessGone(server))]);
    if (life.over) await expectKilled(server, at);
    else {
      unreached.push(at);
      await server.kill();
    }
  }
  lives.kills++;
  say(unreached.at(-1) === at ? `never came to ${at}` : `killed at ${at}`);
}

async function expectKilled(server: Child, at: string): Promise<void> {
  const how = await server.gone;
  if (how !== "SIGKILL") throw new Error(`The server ended with ${how} and not at ${at}:\n${server.errors()}`);
}

async function killAtRandom(plan: Plan, random: () => number): Promise<void> {
  const { lives } = plan;
  const { server, api } = await lives.live();
  const life = watch(server);
  const working = work(plan, api, life).catch(unlessGone(server));
  // Short lives are the more telling ones; a long one now and then lets the queue drain.
  const span = parseDuration(plan.longestLife) - SHORTEST_LIFE_MS;
  await pause(SHORTEST_LIFE_MS + random() ** 2 * span);
  if (life.over) throw new Error(`The server ended by itself with ${await server.gone}:\n${server.errors()}`);
  life.over = true;
  await server.kill();
  lives.kills++;
  await working;
}

/** The process stands still for longer than its lease, as a machine that was suspended does, and goes on. */
async function freeze({ lives, people, eventsPerLife, env, project, say }: Plan): Promise<void> {
  const { server, api } = await lives.live();
  await lives.send(api, eventsPerLife);
  server.freeze();
  const leaseMs = await leaseOf(project, env);
  await pause(leaseMs + 1_000);
  server.thaw();
  await lives.send(api, eventsPerLife);
  await people.answerReviews(api);
  await server.kill();
  lives.kills++;
  say(`stood still for ${Math.round((leaseMs + 1_000) / 100) / 10} s, went on, and was killed`);
}

async function leaseOf(project: string, env: Plan["env"]): Promise<number> {
  const { loadConfig } = await import("../../app/config.ts");
  const { config } = await loadConfig(project, { env: { ...process.env, ...env } });
  return config.leaseMs;
}

interface Life {
  over: boolean;
}

function watch(server: Child): Life {
  const life = { over: false };
  void server.gone.then(() => (life.over = true));
  return life;
}

/** Part of the stream, and people at the review queue and the dead letters. */
async function work({ lives, people, eventsPerLife }: Plan, api: ServerApi, life: Life): Promise<void> {
  await lives.send(api, eventsPerLife);
  for (let i = 0; i < 5 && !life.over; i++) await people.answerReviews(api, 4);
  if (!life.over) await people.redrive(api, 4);
}

/** Anything but the end of the connection is a mistake of the server, and its log says more. */
function unlessGone(server: Child): (error: unknown) => void {
  return (error) => {
    if (!isLostConnection(error)) throw withLog(error, server);
  };
}

function withLog(error: unknown, server: Child): Error {
  return new Error(`${(error as Error).message}\nThe server's log ends with:\n${server.errors()}`, { cause: error });
}

/** Everything once more, all reviews answered, every run at its end: then the counts have to agree. */
async function endAndCompare(plan: Plan): Promise<CrashReport> {
  const { lives } = plan;
  await plan.calm();
  const { server, api } = await lives.live();
  try {
    return await compare(plan, api);
  } catch (error) {
    throw withLog(error, server);
  } finally {
    await server.stop();
  }
}

async function compare(plan: Plan, api: ServerApi): Promise<CrashReport> {
  const { lives, say } = plan;
  // What is left of the stream's last batch, and everything else again: nothing new may come of it.
  await lives.send(api, 0);
  const before = await countRuns(api);
  await lives.sendAgain(api, [...lives.sent.values()]);
  if ((await countRuns(api)) !== before) lives.wrong.push("runs appeared for events that were sent again");
  say("bringing everything to its end");
  await bringToEnd(plan, api);
  say("comparing");
  const after = await lookAround(lives, api);
  const effects = await plan.effects();
  const verdict = await judge(after, effects);
  verdict.wrong.push(...lives.wrong, ...(await plan.inspect(after)));
  return reportOf(plan, after, effects.length, verdict);
}

async function countRuns(api: ServerApi): Promise<number> {
  const counts = await api.get<Record<string, number>>("/v1/runs/counts");
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

/** Every review answered, every dead letter of what was out of order outside redriven, until nothing moves any more. */
async function bringToEnd({ people, endWithin }: Plan, api: ServerApi): Promise<void> {
  const over = performance.now() + parseDuration(endWithin);
  while (performance.now() < over) {
    const answered = await people.answerReviews(api);
    const redriven = await people.redrive(api);
    const { queued = 0, running = 0, waiting = 0 } = await api.get<Record<string, number>>("/v1/runs/counts");
    if (answered + redriven + queued + running + waiting === 0) return;
    await pause(50);
  }
}

function reportOf({ lives, unreached }: Plan, { runs }: Aftermath, effects: number, verdict: Verdict): CrashReport {
  const { lost, doubled, stuck, wrong } = verdict;
  const named = (what: string, list: readonly string[]): string[] => list.map((line) => `${what}: ${line}`);
  const ended = Object.fromEntries([...Map.groupBy(runs, ({ status }) => status)].map(([key, of]) => [key, of.length]));
  return {
    kills: lives.kills,
    lost: lost.length,
    doubled: doubled.length,
    stuck: stuck.length,
    wrong: wrong.length,
    problems: [
      ...named("lost", lost),
      ...named("doubled", doubled),
      ...named("stuck", stuck),
      ...named("wrong", wrong),
    ],
    unreached,
    sent: lives.sent.size,
    accepted: lives.accepted.size,
    runs: runs.length,
    effects,
    ended,
  };
}
