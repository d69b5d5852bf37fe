import type { Clock } from "../base/clock.ts";
import type { JournalStore } from "../journal/ports.ts";

const FRESH_MS = 250;
const RETRY_S = { least: 1, most: 60, standing: 30 };
/** What is full is worth a new try once a tenth of it is free. */
const ROOM = 0.1;

/**
 * Whether the queue is over its limit: a count that is at most a quarter of a second old, and what was let in since. Runs on
 * hold stand in the queue. However many send at once, it is exceeded by no more than the runs of one request.
 */
export class QueueGauge {
  readonly #store: Pick<JournalStore, "counts">;
  readonly #clock: Clock;
  readonly #limit: number;
  #counted = 0;
  #countedAt = -Infinity;
  /** Runs made since the count was begun, and events that are on their way to become runs. */
  #made = 0;
  #onTheirWay = 0;
  /** Runs that left the queue a second, by the last two counts; 0: none, or not known. */
  #leaving = 0;
  #counting: Promise<void> | null = null;

  constructor(store: Pick<JournalStore, "counts">, clock: Clock, limit: number) {
    this.#store = store;
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Takes `events` in and gives null, or the seconds after which a sender may try again. Who is taken in calls `arrived`. */
  async enter(events: number): Promise<number | null> {
    if (this.#countedAt === -Infinity) await this.#count();
    else if (this.#clock.now() - this.#countedAt > FRESH_MS) void this.#count().catch(() => {});
    // What was let in since may have left already.
    if (this.#standing() >= this.#limit) await this.#count();
    if (this.#standing() >= this.#limit) return this.#retryAfter();
    this.#onTheirWay += events;
    return null;
  }

  /** `events` that were taken in have become `runs`, or nothing. */
  arrived(events: number, runs: number): void {
    this.#onTheirWay -= events;
    this.#made += runs;
  }

  #standing(): number {
    return this.#counted + this.#made + this.#onTheirWay;
  }

  #retryAfter(): number {
    if (this.#leaving === 0) return RETRY_S.standing;
    const over = this.#standing() - this.#limit * (1 - ROOM);
    return Math.min(RETRY_S.most, Math.max(RETRY_S.least, Math.ceil(over / this.#leaving)));
  }

  #count(): Promise<void> {
    this.#counting ??= this.#recount().finally(() => (this.#counting = null));
    return this.#counting;
  }

  async #recount(): Promise<void> {
    const made = this.#made;
    const { queued } = await this.#store.counts({ status: "queued" });
    const now = this.#clock.now();
    const seconds = (now - this.#countedAt) / 1_000;
    if (seconds > 0) this.#leaving = Math.max(0, (this.#counted + made - queued) / seconds);
    this.#counted = queued;
    this.#made -= made;
    this.#countedAt = now;
  }
}
