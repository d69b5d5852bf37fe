import { crashTest } from "../../src/testing/crash/crash-test.ts";
import type { CrashReport } from "../../src/testing/crash/crash-test.ts";
import { Outside } from "./outside.ts";
import { endlessEvents } from "./stream.ts";
import { askedAgain, effectsOf, shownOnDisk, unlikeTheDesk } from "./verify.ts";

export interface ScenarioOptions {
  /** At random, after one at each named point. */
  kills: number;
  seed: number;
  say(line: string): void;
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
  "group_executed:60",
  "before_decision:8",
  "after_model_call:2",
  "write_called:3",
  "sleep_over:2",
  "wait_over:2",
  "before_repair:2",
  "parked:3",
  "before_write_claim:3",
  "review_opened:3",
  "group_committed:50",
  "review_answered:3",
  "write_claimed:3",
  "redriven:2",
];

/** As many events at most as a run's end and its comparison are quick with. */
const EVENTS_PER_LIFE = 12;
/** Short, so that a server that stood still has lost its leases soon. */
const LEASE = "4s";

/** Kills the example's server under the stream of tickets, while its model and its ticket desk are slow and fail. */
export async function crashScenario({ kills, seed, say }: ScenarioOptions): Promise<CrashReport> {
  const outside = await Outside.open(seed);
  const { model, project, env } = outside;
  try {
    return await crashTest({
      project,
      env: { ...env, SLUICE_LEASE: LEASE },
      events: endlessEvents(),
      stage: "partial",
      points: NAMED_KILLS,
      pointWithin: "30s",
      kills,
      freezes: 1,
      seed,
      eventsPerLife: EVENTS_PER_LIFE,
      longestLife: "2s",
      endWithin: "180s",
      say,
      calm: () => model.calm(),
      effects: async () => effectsOf(await outside.desk()),
      inspect: async (after) => [
        ...unlikeTheDesk(await outside.desk(), after),
        ...askedAgain(model, after),
        ...(await shownOnDisk(after)),
      ],
    });
  } finally {
    await outside.close();
  }
}

/** Kills that a scenario of so many random ones makes in all. */
export function killsInAll(random: number): number {
  return NAMED_KILLS.length + random + 1;
}
