import type { Run } from "./run.ts";
import type { SealedRecord } from "./record.ts";

/**
 * What a store does to forget. Each call is one atomic operation of bounded size; what it removed is gone from the store's
 * files once `sweep` answers true.
 */
export interface RetentionStore {
  /**
   * Destroys the keys of runs that ended at or before `endedBy`, and what they opened. Goes through at most `limit` runs that
   * have one, oldest first; `next`: where to go on, null at the end.
   */
  removeOriginals(input: RemoveOriginals): Promise<RemovedOriginals>;
  /**
   * Replaces the values of at most `limit` runs that ended at or before `endedBy` by tombstones, with all that is derived
   * from them. Ids, times, statuses, hashes stay, and what tells a re-sent event. `more`: there may be others.
   */
  removeValues(input: { endedBy: number; limit: number }): Promise<{ removed: string[]; more: boolean }>;
  /** Removes the bodies of at most `limit` quarantined events that came at or before `receivedBy`; how many. */
  removeQuarantined(input: { receivedBy: number; limit: number }): Promise<number>;
  /** Takes words that are gone out of the search index, a slice at a time; `first`: begins anew; false: all is taken. */
  forgetWords(first: boolean): Promise<boolean>;
  /** Makes sure that no file of the store holds what was removed before; false: somebody reads just now, ask again. */
  sweep(): Promise<boolean>;

  /** Destroys the key of one ended run at once, with its record of who asked for it. */
  eraseRun(runId: string, record: SealedRecord): Promise<EraseOutcome>;
  /** Removes what is kept of an event beside its runs; with `dryRun` only counts it. */
  eraseEvent(eventId: string, dryRun?: boolean): Promise<{ quarantined: number; kept: number }>;
  /** Runs of the event, whatever its type. */
  runsOfEventId(eventId: string): Promise<Run[]>;
  /** Before anything is destroyed, so that it is on record whatever becomes of the process; answers its number. */
  noteErasure(erasure: Erasure): Promise<number>;
  /** What came of it. */
  endErasure(number: number, done: string): Promise<void>;
  /** Newest first. */
  erasures(limit: number): Promise<(Erasure & { at: number })[]>;
}

export interface RemoveOriginals {
  endedBy: number;
  limit: number;
  /** Where the call before said to go on. */
  after?: string;
}

export interface RemovedOriginals {
  removed: string[];
  next: string | null;
}

/** `unfinished`: it has to be cancelled first. `removed`: its key was gone before. */
export type EraseOutcome = "erased" | "removed" | "unfinished" | "unknown_run";

export interface Erasure {
  by: string;
  reason: string;
  /** JSON texts. */
  asked: string;
  done: string;
}
