/** What a store thread is started with. */
export interface ThreadData {
  role: "writer" | "reader";
  dataDir: string;
  chainKey: Uint8Array;
  /** Epoch ms: since when this process owns the data folder. */
  now: number;
}

/** First message of a thread: it is ready, or cannot be. */
export type Greeting =
  | { ready: true }
  | { ready: false; kind: "usage" | "store"; code: string; status: number; message: string };

/** Sent to a thread to end it, after all that was sent before. */
export const CLOSE = "close";
