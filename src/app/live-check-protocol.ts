import type { Foresight } from "../workflow/foresee.ts";

/** What the thread that looks ahead is started with. */
export interface LookoutData {
  dir: string;
  dataDir: string;
  env: Readonly<Record<string, string | undefined>>;
  masterKey: Uint8Array;
  limitMs: number;
}

/** Sent to it: the runs to look at next, in order. */
export type LookoutAsked = readonly string[];

/** Sent by it: all is done, and it can be asked; it begins with a run (which may be the last that is heard of it); what it found. */
export type LookoutTold = { ready: true } | { begins: string } | { runId: string; found: Foresight };
