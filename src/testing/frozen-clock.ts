import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";

/** A clock that only a test moves; what is due by then happens on the way, in order. */
export interface FrozenClock extends Clock, Timers {
  advance(ms: number): void;
  /** How many timers are set. */
  readonly pending: number;
}

export function frozenClock(start: number = Date.UTC(2026, 4, 29, 14, 22, 10)): FrozenClock {
  let now = start;
  const due = new Map<() => void, number>();
  return {
    now: () => now,
    after(ms, then) {
      const own = (): void => then();
      due.set(own, now + ms);
      return () => due.delete(own);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...due].filter(([, at]) => at <= end).toSorted(([, a], [, b]) => a - b);
        if (next === undefined) break;
        due.delete(next[0]);
        now = Math.max(now, next[1]);
        next[0]();
      }
      now = end;
    },
    get pending() {
      return due.size;
    },
  };
}
