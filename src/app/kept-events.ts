import type { Json } from "../base/json.ts";
import type { EventWaitStore } from "../journal/event-waits.ts";

const BATCH = 200;
const EVERY_MS = 60_000;

type Log = (level: "warn", message: string, data: Json) => void;

/** Removes kept events once their time is over, a batch at a time, so that nothing waits long behind it. */
export class KeptEventsFollower {
  readonly #store: Pick<EventWaitStore, "dropKeptEvents">;
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;
  #dropping: Promise<void> | null = null;
  #stopping = false;

  constructor(store: Pick<EventWaitStore, "dropKeptEvents">, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#dropping ??= this.#drop().finally(() => (this.#dropping = null));
    }, EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#dropping;
  }

  async #drop(): Promise<void> {
    try {
      while (!this.#stopping && (await this.#store.dropKeptEvents(BATCH)) === BATCH);
    } catch (error) {
      this.#log("warn", "Kept events could not be removed; it is tried again.", { error: (error as Error).message });
    }
  }
}
