import type { Clock } from "../base/clock.ts";
import type { JournalStore } from "../journal/ports.ts";

const FRESH_MS = 250;
const RETRY_AFTER_S = 5;

/** Whether the queue is over its limit, from a count that is at most a quarter of a second old. */
export class QueueGauge {
  readonly #store: Pick<JournalStore, "counts">;
  readonly #clock: Clock;
  readonly #limit: number;
  #queued = 0;
  #countedAt = -Infinity;
  #counting: Promise<void> | null = null;

  constructor(store: Pick<JournalStore, "counts">, clock: Clock, limit: number) {
    this.#store = store;
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Seconds after which a sender may try again; null while there is room. */
  async retryAfter(): Promise<number | null> {
    if (this.#clock.now() - this.#countedAt > FRESH_MS) {
      this.#counting ??= this.#count();
      // Below the limit the count is only refreshed beside the way of the event.
      if (this.#queued >= this.#limit || this.#countedAt === -Infinity) await this.#counting;
    }
    return this.#queued >= this.#limit ? RETRY_AFTER_S : null;
  }

  async #count(): Promise<void> {
    try {
      this.#queued = (await this.#store.counts({ status: "queued" })).queued ?? 0;
      this.#countedAt = this.#clock.now();
    } finally {
      this.#counting = null;
    }
  }
}
