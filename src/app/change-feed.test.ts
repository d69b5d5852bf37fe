import { describe, expect, test } from "vitest";
import type { RunStanding } from "../journal/ports.ts";
import { frozenClock } from "../testing/frozen-clock.ts";
import type { FrozenClock } from "../testing/frozen-clock.ts";
import { ChangeFeed } from "./change-feed.ts";
import type { RunChanges } from "./change-feed.ts";

interface World {
  clock: FrozenClock;
  feed: ChangeFeed;
  told: RunChanges[];
  /** Run ids of each look at the store. */
  looks: (readonly string[])[];
  /** Lets what is due happen, answers of the store included. */
  pass(ms: number): Promise<void>;
}

function world(standing: (runId: string) => Partial<RunStanding> | null = () => ({})): World {
  const clock = frozenClock();
  const looks: (readonly string[])[] = [];
  const told: RunChanges[] = [];
  const store = {
    standings: async (runIds: readonly string[]): Promise<RunStanding[]> => {
      looks.push(runIds);
      return runIds.flatMap((runId) => {
        const found = standing(runId);
        return found === null ? [] : [{ runId, workflow: "triage", status: "running", asked: false, ...found }];
      });
    },
  };
  const feed = new ChangeFeed({ store, clock, timers: clock });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { clock, feed, told, looks, pass };
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `run_${i}`);

describe("the change feed", () => {
  test("tells at once after a quiet time, and how the run stands then", async () => {
    const { feed, told, pass } = world(() => ({ status: "waiting", asked: true }));
    feed.watch((changes) => told.push(changes));
    feed.changed(["run_1"]);
    await pass(0);
    expect(told).toEqual([
      { runs: [{ runId: "run_1", workflow: "triage", status: "waiting" }], more: false, reviews: true },
    ]);
  });

  test("gathers what follows: a thousand changes in a second are told in five tellings", async () => {
    const { feed, told, looks, pass } = world();
    feed.watch((changes) => told.push(changes));
    for (let i = 0; i < 1_000; i++) {
      feed.changed([`run_${i % 7}`]);
      await pass(1);
    }
    await pass(250);
    expect(told.length).toBe(5);
    expect(looks.length).toBe(5);
    expect(told.at(-1)?.runs.length).toBe(7);
  });

  test("names two hundred runs, says that there were more, and looks at no more than two thousand", async () => {
    const { feed, told, looks, pass } = world();
    feed.watch((changes) => told.push(changes));
    feed.changed(ids(201));
    await pass(0);
    expect([told[0]?.runs.length, told[0]?.more, told[0]?.reviews]).toEqual([200, true, false]);
    feed.changed(ids(50_000));
    await pass(250);
    expect([told[1]?.runs.length, told[1]?.more, told[1]?.reviews]).toEqual([200, true, true]);
    expect(looks[1]?.length).toBe(2_000);
  });

  test("says that there is more where a run is gone, and where the store does not answer", async () => {
    const { feed, told, pass } = world((runId) => {
      if (runId === "run_broken") throw new Error("no store");
      return null;
    });
    feed.watch((changes) => told.push(changes));
    feed.changed(["run_gone"]);
    await pass(0);
    feed.changed(["run_broken"]);
    await pass(250);
    expect(told).toEqual([
      { runs: [], more: true, reviews: false },
      { runs: [], more: true, reviews: true },
    ]);
  });

  test("looks at the store once for all who watch", async () => {
    const { feed, looks, pass } = world();
    let heard = 0;
    for (let i = 0; i < 100; i++) feed.watch(() => heard++);
    feed.changed(["run_1"]);
    await pass(0);
    expect([heard, looks.length]).toEqual([100, 1]);
  });

  test("does nothing while nobody watches, and forgets when the last one leaves", async () => {
    const { clock, feed, told, looks, pass } = world();
    feed.changed(["run_1"]);
    expect(clock.pending).toBe(0);
    const leave = feed.watch((changes) => told.push(changes));
    feed.changed(["run_2"]);
    leave();
    expect(clock.pending).toBe(0);
    feed.watch((changes) => told.push(changes));
    feed.changed(["run_3"]);
    await pass(1_000);
    expect(looks).toEqual([["run_3"]]);
    expect(told.flatMap(({ runs }) => runs.map(({ runId }) => runId))).toEqual(["run_3"]);
  });

  test("keeps what changes while it looks for the next telling", async () => {
    const { feed, told, clock, pass } = world();
    feed.watch((changes) => told.push(changes));
    feed.changed(["run_1"]);
    clock.advance(0);
    feed.changed(["run_2"]);
    await pass(0);
    expect(told.map(({ runs }) => runs.map(({ runId }) => runId))).toEqual([["run_1"]]);
    await pass(249);
    expect(told.length).toBe(1);
    await pass(1);
    expect(told.map(({ runs }) => runs.map(({ runId }) => runId))).toEqual([["run_1"], ["run_2"]]);
  });
});
