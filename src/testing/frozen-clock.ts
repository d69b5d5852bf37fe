import type { Clock } from "../base/clock.ts";

/** A clock that only a test moves. */
export interface FrozenClock extends Clock {
  advance(ms: number): void;
}

export function frozenClock(start: number = Date.UTC(2026, 4, 29, 14, 22, 10)): FrozenClock {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}
