import type { SealedRecord } from "../journal/record.ts";

/** What a backup says of itself. */
export interface BackupInfo {
  /** Epoch ms. */
  madeAt: number;
  /** Number of the schema it was written with. */
  schema: number;
  runs: number;
  /** Runs that had not ended. */
  unfinished: number;
  /** Newest link of the audit chain at that time, `link` as hex; null before the first. */
  auditHead: { index: number; runId: string; link: string } | null;
}

/** What a store is told once it came back from a backup. */
export interface RestoredInput {
  madeAt: number;
  /** Put at the end of every run that may go on; null: nothing has run since the backup was made. */
  record: SealedRecord | null;
}

/** How many runs got the record, of which workflows; how many bearer tokens are good again. */
export interface RestoredOutcome {
  runs: number;
  workflows: string[];
  tokens: number;
}
