export interface FaultOptions {
  /** Mean of the answer time in milliseconds; each answer takes between half and one and a half of it. */
  latencyMs?: number;
  /** Share of requests that fail, 0 to 1. */
  fail?: number;
  /** Same seed, same faults in the same order. */
  seed?: number;
}

/**
 * `before`: 503 and nothing happened. `after`: the request was carried out and its answer is a 500, so that the caller
 * cannot know.
 */
export type Fault = "none" | "before" | "after";

export class Faults {
  injected = 0;
  readonly #latencyMs: number;
  readonly #fail: number;
  #state: number;

  constructor({ latencyMs = 0, fail = 0, seed = 1 }: FaultOptions) {
    this.#latencyMs = latencyMs;
    this.#fail = fail;
    this.#state = seed;
  }

  next(): { delayMs: number; fault: Fault } {
    const delayMs = this.#latencyMs * (0.5 + this.#random());
    const hit = this.#random() < this.#fail;
    const fault: Fault = !hit ? "none" : this.#random() < 0.5 ? "before" : "after";
    if (hit) this.injected++;
    return { delayMs, fault };
  }

  /** mulberry32. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}
