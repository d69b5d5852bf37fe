/** One live process, and the release it serves each workflow under. Times are epoch ms. */
export interface WorkerServing {
  worker: string;
  host: string;
  pid: number;
  startedAt: number;
  seenAt: number;
  serves: Serving[];
}

export interface Serving {
  workflow: string;
  /** Number of the release. */
  release: number;
  /** Of the control row. */
  version: number;
  /** When it began to serve that release. */
  since: number;
}

/** What a process says of itself. */
export interface ServingNote {
  worker: string;
  host: string;
  pid: number;
  startedAt: number;
  serves: readonly Omit<Serving, "since">[];
}

/** Processes note what they serve about once a second, and at once where it changes; one that is silent for longer is gone. */
export const SERVING_EVERY_MS = 1_000;
export const SERVING_SILENT_MS = 5_000;

export interface ServingStore {
  /** Takes the place of what this process said before. */
  noteServing(note: ServingNote): Promise<void>;
  /** The process has ended. */
  leaveServing(worker: string): Promise<void>;
  /** Processes that were seen at or after `since` (epoch ms), the longest running first. */
  serving(since: number): Promise<WorkerServing[]>;
}
