import type { RunStatus } from "./run.ts";

/** Which runs are meant: those that match every member that is set. */
export interface RunFilter {
  workflow?: string;
  status?: RunStatus;
  disposition?: string;
  prompt?: string;
  promptVersion?: string;
  model?: string;
  release?: number;
  stage?: string;
  tool?: string;
  failureClass?: string;
  fingerprint?: string;
  /** Created at or after / before, epoch ms. */
  since?: number;
  until?: number;
  /**
   * Nodes of the workflow's picture (`path.ts`): runs that went straight from the one to the other; `edgeTo` alone: runs
   * that reached it. `edgeFrom` means nothing without it. Runs whose way is not known match neither.
   */
  edgeFrom?: string;
  edgeTo?: string;
  /**
   * Text: a run id, an event id, or a beginning of either; or words of the redacted event, the decision or the failure (code
   * and message), whole or their beginnings, all of which a run has to hold: `search-words.ts` says what a word is.
   */
  q?: string;
}
