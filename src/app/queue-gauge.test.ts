import { describe, expect, test } from "vitest";
import { frozenClock } from "../testing/frozen-clock.ts";
import type { FrozenClock } from "../testing/frozen-clock.ts";
import { QueueGauge } from "./queue-gauge.ts";

/** A gauge over a store whose queue a test fills and empties. */
function gauge(limit: number): { gauge: QueueGauge; clock: FrozenClock; store: { queued: number; counts: number } } {
  const clock = frozenClock();
  const store = { queued: 0, counts: 0 };
  const counts = async (): Promise<never> => (store.counts++, { queued: store.queued } as never);
  return { gauge: new QueueGauge({ counts }, clock, limit), clock, store };
}

describe("the gauge of the queue", () => {
  test("lets no burst between two counts over the limit by more than one request", async () => {
    const { gauge: each, store } = gauge(1_000);
    const answers = await Promise.all(Array.from({ length: 50 }, () => each.enter(500)));
    expect(answers.filter((answer) => answer === null)).toHaveLength(2);
    for (const answer of answers)
      if (answer === null) {
        store.queued += 500;
        each.arrived(500, 500);
      }
    expect(await each.enter(1)).not.toBeNull();
    store.queued = 999;
    expect(await each.enter(500)).toBeNull();
    expect(await each.enter(1)).not.toBeNull();
  });

  test("counts at most every quarter of a second while there is room", async () => {
    const { gauge: each, clock, store } = gauge(1_000);
    for (let i = 0; i < 100; i++) {
      expect(await each.enter(1)).toBeNull();
      each.arrived(1, 1);
      clock.advance(10);
    }
    expect(store.counts).toBeLessThan(6);
  });

  test("what became no run takes no room", async () => {
    const { gauge: each, clock } = gauge(10);
    for (let i = 0; i < 100; i++) {
      expect(await each.enter(5)).toBeNull();
      each.arrived(5, 0);
      clock.advance(1);
    }
  });

  test("says when to come again by how fast the queue empties", async () => {
    const { gauge: each, clock, store } = gauge(1_000);
    store.queued = 3_000;
    expect(await each.enter(1)).toBe(30);
    clock.advance(1_000);
    store.queued = 2_900;
    // 2,000 above nine tenths of the limit, 100 a second.
    expect(await each.enter(1)).toBe(20);
    clock.advance(1_000);
    store.queued = 1_001;
    expect(await each.enter(1)).toBe(1);
    clock.advance(1_000);
    expect(await each.enter(1)).toBe(30);
  });
});
