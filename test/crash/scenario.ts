import { setTimeout as pause } from "node:timers/promises";
import type { Api } from "./api.ts";
import { Harness } from "./harness.ts";
import { answerReviews, bringToEnd } from "./reviewer.ts";
import { randomOf } from "./stream.ts";
import { shownOnDisk, verify } from "./verify.ts";
import type { Verdict } from "./verify.ts";

export interface CrashOptions {
  /** At random, after one at each named point. */
  kills: number;
  seed: number;
  say(line: string): void;
}

export interface CrashReport extends Verdict {
  kills: number;
  sent: number;
  accepted: number;
}

/**
 * Every named point. Between those around a model's answer others come later in a run: three deaths of one run in the same
 * step would rightly be poison.
 */
export const NAMED_KILLS: readonly string[] = [
  "before_event_commit:2",
  "event_committed:2",
  "decided:8",
  "run_claimed:3",
  "write_settled:4",
  "before_model_call:3",
  "before_decision:8",
  "after_model_call:2",
  "write_called:3",
  "before_repair:2",
  "before_write_claim:3",
  "review_opened:3",
  "review_answered:3",
  "parked:3",
  "write_claimed:3",
];

const PER_POINT = 12;
const PER_KILL = 15;
const SHORTEST_LIFE_MS = 5;
const LONGEST_LIFE_MS = 400;
const END_WITHIN_MS = 60_000;

/** Kills the server at every named point and then at random under the stream, lets everything end, and compares. */
export async function crashScenario({ kills, seed, say }: CrashOptions): Promise<CrashReport> {
  const harness = await Harness.open();
  try {
    for (const at of NAMED_KILLS) {
      await killAt(harness, at);
      say(`killed at ${at}`);
    }
    const random = randomOf(seed);
    for (let i = 1; i <= kills; i++) {
      await killAtRandom(harness, random);
      say(`killed at random, ${i} of ${kills}; ${harness.accepted.size} events accepted`);
    }
    const shown = await shownOnDisk(harness);
    const verdict = await endAndVerify(harness, say);
    const { accepted, sent } = harness;
    const distinct = new Set(sent.map(({ event_id }) => event_id)).size;
    return {
      ...verdict,
      wrong: [...shown, ...verdict.wrong],
      kills: harness.kills,
      sent: distinct,
      accepted: accepted.size,
    };
  } finally {
    await harness.close();
  }
}

/** Sends tickets and answers reviews until the server has killed itself at `at`. */
async function killAt(harness: Harness, at: string): Promise<void> {
  const started = await harness.start(at);
  harness.kills++;
  if (started === null) return;
  const { server, api } = started;
  let gone = false;
  const ended = server.gone.then((how) => {
    gone = true;
    return how;
  });
  const isGone = (): boolean => gone;
  while (!isGone()) await untilKilled(ended, work(harness, api, PER_POINT, isGone));
  const how = await ended;
  if (how !== "SIGKILL") throw new Error(`The server ended with ${how} and not at ${at}:\n${server.errors()}`);
}

async function killAtRandom(harness: Harness, random: () => number): Promise<void> {
  const started = await harness.start();
  if (started === null) throw new Error("The server killed itself without being told to.");
  const { server, api } = started;
  let killed = false;
  const working = work(harness, api, PER_KILL, () => killed).catch(lostConnection);
  await pause(SHORTEST_LIFE_MS + random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
  killed = true;
  await server.kill();
  harness.kills++;
  await working;
}

/** Part of the stream, and a person at the review queue. */
async function work(harness: Harness, api: Api, tickets: number, stopped: () => boolean): Promise<void> {
  await harness.send(api, tickets);
  for (let i = 0; i < 5 && !stopped(); i++) await answerReviews(api, 4);
}

async function untilKilled(ended: Promise<string>, working: Promise<void>): Promise<void> {
  await Promise.race([ended, working.catch(lostConnection)]);
  await working.catch(lostConnection);
}

/** What a killed server looks like from outside; anything else is a mistake of the server. */
function lostConnection(error: unknown): void {
  const causes = [error, (error as Error).cause].map((one) => String((one as Error | undefined)?.message ?? one));
  if (!causes.some((message) => /fetch failed|terminated|ECONN|socket|other side closed/i.test(message))) throw error;
}

/** Everything once more, all reviews answered, every run at its end: then the counts have to agree. */
async function endAndVerify(harness: Harness, say: CrashOptions["say"]): Promise<Verdict> {
  const started = await harness.start();
  if (started === null) throw new Error("The server killed itself without being told to.");
  const { server, api } = started;
  await harness.sendAgain(api, harness.sent);
  const runs = await api.get<Record<string, number>>("/v1/runs/counts");
  say("bringing everything to its end");
  await bringToEnd(api, END_WITHIN_MS);
  say("comparing");
  const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (total(runs) !== total(await api.get("/v1/runs/counts"))) harness.wrong.push("runs appeared after the last event");
  const verdict = await verify(harness, api);
  await server.stop();
  return verdict;
}
