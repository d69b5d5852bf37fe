import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { Timers } from "../base/timers.ts";
import type { RetentionStore } from "../journal/retention.ts";

const EVERY_MS = 60_000;
/** Soon after the start: what a process that was killed had removed may still be in the log. */
const FIRST_MS = 5_000;
const DAY_MS = 86_400_000;
/** Runs a call goes through: a few milliseconds of the writer. */
const BATCH = 50;
/** A batch is followed by a pause so many times as long, so that the writer is others' for most of the time. */
const REST = 4;
const SWEEP_TRIES = 40;

export interface Retention {
  /** How long after its end a run keeps its originals, ms; null: for ever. So with `records`. */
  originals: number | null;
  records: number | null;
}

interface Given {
  store: RetentionStore;
  clock: Clock;
  timers: Timers;
  retention: Retention;
  log(level: "info" | "warn", message: string, data: Json): void;
}

/**
 * Forgets what is due, in small batches behind the work. What is due is read from the store each time, so a process that
 * was killed leaves nothing undone that the next one does not find.
 */
export class RetentionFollower {
  readonly #given: Given;
  #cancel: () => void = () => {};
  #passing: Promise<void> | null = null;
  #stopped = false;
  /** Something may have been removed that the files still hold. */
  #sweepDue = true;
  #wordsDue: boolean;
  #valuesDoneTo = 0;

  constructor(given: Given) {
    this.#given = given;
    this.#wordsDue = given.retention.records !== null;
  }

  start(): void {
    this.#schedule(FIRST_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#passing;
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#given.timers.after(ms, () => {
      this.#passing = this.#pass().finally(() => this.#schedule(EVERY_MS));
    });
  }

  async #pass(): Promise<void> {
    const { retention, clock, log } = this.#given;
    try {
      const now = clock.now();
      if (retention.originals !== null) await this.#removeOriginals(now - retention.originals);
      if (retention.records !== null) await this.#removeValues(now - retention.records);
      if (this.#wordsDue) await this.#forgetWords();
      if (this.#sweepDue) this.#sweepDue = !(await sweep(this.#given.store, () => this.#stopped));
    } catch (error) {
      log("warn", "What is due by retention could not be removed; it is tried again.", {
        error: (error as Error).message,
      });
    }
  }

  async #removeOriginals(endedBy: number): Promise<void> {
    const { store } = this.#given;
    let after: string | undefined;
    let runs = 0;
    do {
      const from: string | undefined = after;
      const batch = { endedBy, limit: BATCH, ...(from === undefined ? {} : { after: from }) };
      const { removed, next } = await this.#slowly(() => store.removeOriginals(batch));
      runs += removed.length;
      if (removed.length > 0) this.#sweepDue = true;
      after = next ?? undefined;
    } while (after !== undefined && !this.#stopped);
    let events = 0;
    for (let more = BATCH; more === BATCH && !this.#stopped; events += more)
      more = await this.#slowly(() => store.removeQuarantined({ receivedBy: endedBy, limit: BATCH }));
    if (events > 0) this.#sweepDue = true;
    if (runs + events > 0)
      this.#given.log("info", "Originals were removed by retention.", { runs, quarantined_events: events });
  }

  /** By whole days: what follows from it, such as the words of the search index, is then written anew once a day. */
  async #removeValues(moment: number): Promise<void> {
    const endedBy = Math.floor(moment / DAY_MS) * DAY_MS;
    if (endedBy <= this.#valuesDoneTo) return;
    let runs = 0;
    let more = true;
    while (more && !this.#stopped) {
      const batch = await this.#slowly(() => this.#given.store.removeValues({ endedBy, limit: BATCH }));
      runs += batch.removed.length;
      more = batch.more;
    }
    if (!more) this.#valuesDoneTo = endedBy;
    if (runs === 0) return;
    this.#wordsDue = true;
    this.#sweepDue = true;
    this.#given.log("info", "Values were removed by retention.", { runs });
  }

  async #forgetWords(): Promise<void> {
    let more = true;
    for (let first = true; more && !this.#stopped; first = false) {
      const isFirst: boolean = first;
      more = await this.#slowly(() => this.#given.store.forgetWords(isFirst));
    }
    this.#wordsDue = more;
    this.#sweepDue = true;
  }

  async #slowly<T>(act: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await act();
    if (!this.#stopped) await pause((performance.now() - started) * REST, undefined, { ref: false });
    return result;
  }
}

/** Asks until nobody stands in the way; false where somebody did all the time. */
export async function sweep(store: Pick<RetentionStore, "sweep">, enough: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < SWEEP_TRIES && !enough(); tries++) {
    if (await store.sweep()) return true;
    await pause(50, undefined, { ref: false });
  }
  return false;
}
