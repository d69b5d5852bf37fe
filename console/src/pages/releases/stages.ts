import type { PromptGrant, Release } from "../../api/schema.gen.ts";
import { percent } from "../../parts/format.ts";

export type Stage = Release["stage"];

export interface StageMeaning {
  stage: Stage;
  reads: string;
  writes: string;
  decision: string;
}

/** What each rung of the ladder lets a workflow do, from nothing to most. */
export const LADDER: readonly StageMeaning[] = [
  { stage: "off", reads: "none", writes: "none", decision: "events are held, or go to review" },
  { stage: "shadow", reads: "yes", writes: "blocked, payload on record", decision: "on record only" },
  { stage: "suggestion", reads: "yes", writes: "proposed to the reviewer", decision: "a reviewer decides" },
  {
    stage: "partial",
    reads: "yes",
    writes: "low risk executed, others proposed",
    decision: "applied where the automation rule holds, else review",
  },
  {
    stage: "narrow",
    reads: "yes",
    writes: "up to the risk threshold",
    decision: "applied inside the scope, else review",
  },
  {
    stage: "expanded",
    reads: "yes",
    writes: "up to the risk threshold",
    decision: "as narrow, over a wider scope; a sample goes to review",
  },
];

export const STAGES: readonly Stage[] = LADDER.map(({ stage }) => stage);

/** Below zero where `a` allows less than `b`. */
export function compareStages(a: Stage, b: Stage): number {
  return STAGES.indexOf(a) - STAGES.indexOf(b);
}

export type Candidate = NonNullable<PromptGrant["candidate"]>;

/** How the share of a candidate is said: `shadow, 10 %`. */
export function candidateWords({ mode, share }: Pick<Candidate, "mode" | "share">): string {
  return `${mode}, ${percent(share, 0)}`;
}
