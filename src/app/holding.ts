import type { Hold } from "../journal/hold.ts";
import type { Actor } from "./actor.ts";

/** Workflows on hold. Throws `UsageError`: unknown_workflow with the near name, not_on_hold. */
export interface Holding {
  /** In force when it resolves: nothing of the workflow is started any more, what executes ends its step and parks. */
  pause(workflow: string, actor: Actor, reason: string): Promise<Hold>;
  /** `perMinute`: how many of the runs that stand in the queue are started a minute; null: all at once. */
  resume(workflow: string, actor: Actor, reason: string, perMinute: number | null): Promise<Hold>;
  /** What is on hold or being released now. */
  presentHolds(): Promise<Hold[]>;
  /** Every hold of a workflow, newest first. */
  holdsOf(workflow: string): Promise<Hold[]>;
}
