/** What a store thread is started with. */
export interface ThreadData {
  role: "writer" | "reader";
  dataDir: string;
  chainKey: Uint8Array;
  /** Epoch ms: since when this process owns the data folder. */
  now: number;
}

/** Sent to a thread to make it open the database; until then it only loads its code. */
export const OPEN = "open";

/** A thread's answer to that: it is ready, or cannot be. */
export type Greeting =
  | { ready: true }
  | { ready: false; kind: "usage" | "store"; code: string; status: number; message: string };

/** Sent to a thread to end it, after all that was sent before. */
export const CLOSE = "close";
