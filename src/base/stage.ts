/** How much a workflow may do, from nothing to everything. The order is the order of trust. */
export const STAGES = ["off", "shadow", "suggestion", "partial", "narrow", "expanded"] as const;

export type Stage = (typeof STAGES)[number];

export function isStage(value: unknown): value is Stage {
  return STAGES.includes(value as Stage);
}

/** Below zero when `a` allows less than `b`. */
export function compareStages(a: Stage, b: Stage): number {
  return STAGES.indexOf(a) - STAGES.indexOf(b);
}

/** The stage that allows less: what a run may do is the lower of its pins and the present release. */
export function lowerStage(a: Stage, b: Stage): Stage {
  return compareStages(a, b) <= 0 ? a : b;
}
