/** Time as the product sees it: epoch milliseconds. Injected everywhere, so that tests decide what time it is. */
export interface Clock {
  now(): number;
}

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const dateNow = Date.now.bind(Date);
const NativeDate = Date;

export const systemClock: Clock = { now: () => dateNow() };

/** Epoch milliseconds as RFC 3339, UTC. */
export function isoTime(ms: number): string {
  return new NativeDate(ms).toISOString();
}
