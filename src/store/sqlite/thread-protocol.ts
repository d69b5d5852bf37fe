/** What a store thread is started with. */
export interface ThreadData {
  /** `guest`: reads beside the process that owns the folder, or without one. */
  role: "writer" | "reader" | "guest";
  dataDir: string;
  chainKey: Uint8Array;
  /** Epoch ms: since when this process owns the data folder. */
  now: number;
  /** Of the writer of a process that is to be killed at a place of a test's choosing. */
  probe?: WriterProbe;
}

/** A module whose `probe(data)` answers what is called at each `WriterPoint`. Loaded in the writer's thread, by tests only. */
export interface WriterProbe {
  /** URL. */
  module: string;
  data: string;
}

/** Places in the writer: all of a group is executed and not committed; it is committed, and nobody has been told. */
export type WriterPoint = "group_executed" | "group_committed";

/** Sent to a thread to make it open the database; until then it only loads its code. */
export const OPEN = "open";

/** A thread's answer to that: it is ready, or cannot be. */
export type Greeting =
  | { ready: true }
  | { ready: false; kind: "usage" | "store"; code: string; status: number; message: string };

/** Sent to a thread to end it, after all that was sent before. */
export const CLOSE = "close";
