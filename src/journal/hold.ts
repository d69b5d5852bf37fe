/** A workflow on hold: its events are accepted and queue, and no run of it goes on. Times are epoch milliseconds. */
export interface Hold {
  holdId: string;
  workflow: string;
  /** `release`: its present release is off and holds the events; no command ends it but another release. */
  cause: "command" | "release";
  /** `releasing`: the runs that stood in the queue are started at a rate; what came later waits until they are. */
  state: "held" | "releasing" | "over";
  heldAt: number;
  endedAt: number | null;
  /** Runs that stand in the queue or parked; 0 once it is over. */
  runs: number;
  /** How it is, or was last, released at a rate; null: never. */
  release: Release | null;
  /** Who did what, oldest first. */
  acts: HoldAct[];
}

interface Release {
  perMinute: number;
  since: number;
  /** Runs that stood in the queue at `since`, and how many of them were started. */
  toStart: number;
  started: number;
  /** When the next one is due. */
  nextAt: number;
}

export interface HoldAct {
  /** `lift`: all runs of a release were started. */
  act: "pause" | "resume" | "lift";
  at: number;
  by: string;
  reason: string | null;
  /** Of a resume: runs a minute; null: all at once. */
  perMinute: number | null;
}

export interface PauseInput {
  /** Taken where the workflow is not on hold yet. */
  holdId: string;
  workflow: string;
  by: string;
  reason: string;
}

export interface ResumeInput {
  workflow: string;
  by: string;
  reason: string;
  /** Runs a minute; null: all at once. */
  perMinute: number | null;
}

export interface HoldStore {
  /** Puts a workflow on hold, or stops its release. Of one that is held already it only goes on record. */
  pause(input: PauseInput): Promise<Hold>;
  /** Lets the runs go on: parked ones are queued, and with a rate they are started at it. Null: it is not on hold. */
  resume(input: ResumeInput): Promise<Hold | null>;
  /** What is on hold now, or being released. */
  presentHolds(): Promise<Hold[]>;
  /** Every hold of a workflow, newest first. */
  holdsOf(workflow: string): Promise<Hold[]>;
}

/** A stalled release catches up by so much at most, so that a pause of the process is not followed by a burst. */
const CATCH_UP_MS = 250;

/** When the next one of a paced row is due, once one has gone at `now` that was due at `nextAt`. */
export function paced(nextAt: number, now: number, perMinute: number): number {
  return Math.max(nextAt, now - CATCH_UP_MS) + 60_000 / perMinute;
}
