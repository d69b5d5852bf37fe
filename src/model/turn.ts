import type { Clock } from "../base/clock.ts";
import type { ModelRates, RateAsk } from "./rates.ts";

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;

/** Longest that one timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits for a turn at a model where it comes within `longestMs`; else `at` says when to ask again (epoch ms), and the place is
 * kept. Rejects with the reason of `signal`.
 */
export async function takeTurn(
  { rates, clock }: { rates: ModelRates; clock: Clock },
  ask: RateAsk,
  signal: AbortSignal,
  longestMs: number,
): Promise<{ ticket: string } | { at: number }> {
  for (;;) {
    const turn = await rates.turn(ask);
    if (turn.begin) return { ticket: turn.ticket };
    const ms = turn.at - clock.now();
    if (ms > longestMs) return { at: turn.at };
    await elapsed(Math.max(1, ms), signal);
  }
}

/** Resolves after `ms`; rejects with the reason of `signal`. */
export function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const aborted = (): void => reject(signal.reason as Error);
  const timer = startTimer(resolve, Math.min(ms, LONGEST_TIMER_MS));
  signal.addEventListener("abort", aborted, { once: true });
  return promise.finally(() => {
    stopTimer(timer);
    signal.removeEventListener("abort", aborted);
  });
}
