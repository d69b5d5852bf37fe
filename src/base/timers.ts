/** What happens later. Injected where a test decides when later is. */
export interface Timers {
  /** Calls `then` once after `ms`; the answer takes it back. */
  after(ms: number, then: () => void): () => void;
}

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const { setTimeout: start, clearTimeout: stop } = globalThis;

export const systemTimers: Timers = {
  after(ms, then) {
    const timer = start(then, ms);
    return () => stop(timer);
  },
};
