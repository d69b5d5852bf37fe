export interface RestartRequest {
  /** Name of the step to go back to. Absent: the run goes on from where it is, which only makes sense with `unpin`. */
  from?: string;
  /** Of the step, where it was called more than once. */
  key?: string;
  /** Any code may resume it from here on. */
  unpin: boolean;
  /** Says what would be set aside, and does nothing. */
  dryRun: boolean;
  reason: string;
}

/** What a restart did, or would do. */
export interface RestartReport {
  /** Names of steps that are asked for anew, in the order of the record. */
  setAside: string[];
  /** Writes from the cut on that stay: they are never repeated. */
  kept: { step: string; tool: string; settled: boolean }[];
  withdrawnReviews: string[];
  unpinned: boolean;
  dryRun: boolean;
}
