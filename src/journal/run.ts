import type { FailureInfo } from "../base/failure.ts";
import type { Json } from "../base/json.ts";

/** `queued → running → waiting → running … → completed | dead | stopped | cancelled`; `transition.ts` is the table. */
export type RunStatus = "queued" | "running" | "waiting" | "completed" | "dead" | "stopped" | "cancelled";

export const TERMINAL: readonly RunStatus[] = ["completed", "dead", "stopped", "cancelled"];

/** What a waiting run waits for. */
export type WaitKind = "review" | "sleep" | "event" | "retry" | "hold";

/** What became of the decision of a completed or stopped run. */
export type Disposition = "shadowed" | "suggested" | "applied" | "reviewed" | "rejected" | "stopped";

/** Why a run is dead or stopped: the failure, and the step it happened in (null: outside any step). */
export interface RunFailure extends FailureInfo {
  step: string | null;
}

/** The part of a run that transitions read and write. Times are epoch milliseconds. */
export interface RunState {
  status: RunStatus;
  wait: WaitKind | null;
  /** When a waiting run is due again; null where only an answer can wake it. */
  wakeAt: number | null;
  /** Raised by every claim and every cancellation; a commit with an older one matches no row. */
  epoch: number;
  worker: string | null;
  leaseUntil: number | null;
  /** Deaths without goodbye at `deathSeq`, the record the run had reached; progress resets the count. */
  deaths: number;
  deathSeq: number;
  /** The sequence number the next record gets. */
  nextSeq: number;
  disposition: Disposition | null;
  failure: RunFailure | null;
  startedAt: number | null;
  endedAt: number | null;
}

/** A run as it is listed. Everything in it is redacted already. */
export interface Run extends RunState {
  runId: string;
  workflow: string;
  eventType: string;
  eventId: string;
  contractVersion: number;
  priority: number;
  createdAt: number;
  updatedAt: number;
  deadlineAt: number | null;
  /** Number of the pinned release; null until first claimed. */
  release: number | null;
  stage: string | null;
  /** What the run pinned, as JSON text (`Pins` of `release/`); null until its first commit. */
  pins: string | null;
  /** Fingerprint of the only code that may claim it; null: any. */
  codePin: string | null;
  /** The redacted decision, once there is one. */
  decision: Json | null;
  costUsd: number | null;
  /** Groups dead letters that died alike: workflow, step, class and code. */
  fingerprint: string | null;
  /** When its key was destroyed, and the originals of what is redacted with it; null while they are kept. */
  originalsRemovedAt: number | null;
  /** When its redacted values were replaced by tombstones; null while they are kept. */
  valuesRemovedAt: number | null;
  /** When it came back from a backup unfinished: what it did after the backup was made is not on record. */
  restoredAt: number | null;
}

/** Groups dead letters that died alike. */
export function deathFingerprint(workflow: string, failure: RunFailure): string {
  return [workflow, failure.step ?? "-", failure.class, failure.code].join("/");
}
