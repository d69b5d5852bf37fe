import { AsyncResource } from "node:async_hooks";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import type { JournalStore } from "../journal/ports.ts";
import type { RunStatus } from "../journal/run.ts";

/** What has changed since the last telling, as it stands now. */
export interface RunChanges {
  runs: { runId: string; workflow: string; status: RunStatus }[];
  /** There were more than are named: whoever shows runs looks again. */
  more: boolean;
  /** The review queue may have changed. */
  reviews: boolean;
}

/** Named in one telling. */
export const MAX_NAMED = 200;
/** Looked at for one telling; beyond it nothing is remembered but that there was more. */
const MAX_LOOKED_AT = 2_000;
/** Between two tellings: four a second. */
const GAP_MS = 250;

export interface ChangeFeedOptions {
  store: Pick<JournalStore, "standings">;
  clock: Clock;
  timers: Timers;
}

/**
 * Tells those who watch which runs have changed: together, at most four times a second, in bounded memory, and with one
 * look at the store for all of them. While nobody watches it costs nothing.
 *
 * It sees the changes of this process, which are all there are: the embedded store belongs to one process. A store that
 * several processes write to has to carry them across (PostgreSQL: LISTEN and NOTIFY) and call `changed` from there.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #watchers = new Set<(changes: RunChanges) => void>();
  readonly #changed = new Set<string>();
  #more = false;
  #telling = false;
  #lastTold = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;
  // Changes are noticed in the middle of a run's code; what tells of them must not count as that code's doing.
  readonly #due: () => void = AsyncResource.bind(() => void this.#tell());

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  changed(runIds: readonly string[]): void {
    if (this.#watchers.size === 0 || runIds.length === 0) return;
    for (const runId of runIds) {
      if (this.#changed.size < MAX_LOOKED_AT) this.#changed.add(runId);
      else this.#more ||= !this.#changed.has(runId);
    }
    this.#schedule();
  }

  /** Calls `tell` with what changes from now on, until the returned function is called. */
  watch(tell: (changes: RunChanges) => void): () => void {
    // An own function each time, so that two watches with the same one are two.
    const own = (changes: RunChanges): void => tell(changes);
    this.#watchers.add(own);
    return () => {
      this.#watchers.delete(own);
      if (this.#watchers.size === 0) this.close();
    };
  }

  /** Forgets what was not told yet. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#changed.clear();
    this.#more = false;
  }

  #schedule(): void {
    if (this.#telling || this.#cancel !== null) return;
    const { clock, timers } = this.#options;
    // No longer than the gap, wherever the clock has jumped to.
    const wait = Math.min(GAP_MS, Math.max(0, this.#lastTold + GAP_MS - clock.now()));
    this.#cancel = timers.after(wait, this.#due);
  }

  async #tell(): Promise<void> {
    this.#cancel = null;
    this.#telling = true;
    this.#lastTold = this.#options.clock.now();
    const runIds = [...this.#changed];
    const more = this.#more;
    this.#changed.clear();
    this.#more = false;
    const changes = await this.#look(runIds, more);
    this.#telling = false;
    for (const tell of this.#watchers) tell(changes);
    if (this.#changed.size > 0 && this.#watchers.size > 0) this.#schedule();
  }

  async #look(runIds: readonly string[], more: boolean): Promise<RunChanges> {
    try {
      const found = await this.#options.store.standings(runIds);
      const runs = found.slice(0, MAX_NAMED).map(({ runId, workflow, status }) => ({ runId, workflow, status }));
      return {
        runs,
        more: more || runs.length < runIds.length,
        reviews: more || found.some(({ asked }) => asked),
      };
    } catch {
      // The store does not answer now: nothing is known but that something has changed.
      return { runs: [], more: true, reviews: true };
    }
  }
}
