import { conditionFrom } from "../base/condition.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { compareStages } from "../base/stage.ts";
import { confidenceOf } from "../prompt/check.ts";
import type { Frame } from "./frame.ts";
import type { Ruling } from "./outcome.ts";
import type { Bound } from "./permission.ts";
import { taintOf } from "./withdrawn.ts";

/**
 * What the releases say of a decision, in the order in which it may be sent to review: what a rollback took away, the
 * automation rule, the scope, the stage, the random sample. Null: nobody has to look at it. A person's word in this run, and
 * writes that wait for one, are not looked at here.
 */
export function rulingOn(frame: Frame, decision: JsonObject): Ruling | null {
  return withdrawnRuling(frame) ?? conditionsOn(frame, decision) ?? stageRuling(frame);
}

/** The part of it that is said of the decision itself: what a recomputation has to ask. */
export function conditionsOn(frame: Frame, decision: JsonObject): Ruling | null {
  return automationRuling(frame, decision) ?? scopeRuling(frame, decision);
}

function withdrawnRuling(frame: Frame): Ruling | null {
  const taken = taintOf(frame);
  if (taken === null) return null;
  const { prompt, version, model, release } = taken;
  const on = model === undefined ? "" : ` on ${model}`;
  const reason = `${prompt}@${version}${on}, which this run has used, was withdrawn by release ${release}.`;
  return { why: "withdrawn", reason };
}

function automationRuling(frame: Frame, decision: JsonObject): Ruling | null {
  const confidence = lowestConfidence(frame);
  for (const bound of frame.permission.automations) {
    const values = { ...frame.event, output: decision, confidence, thresholds: bound.thresholds };
    const failed = broken("automation rule", bound, values);
    if (failed !== null) return { why: "automation", reason: failed };
  }
  return null;
}

function scopeRuling(frame: Frame, decision: JsonObject): Ruling | null {
  const outside = outsideScope(frame, decision);
  return outside === null ? null : { why: "scope", reason: outside };
}

/** Why this event with this output is outside the scope of what may happen by itself; null: it is inside. */
export function outsideScope(frame: Frame, output: Json): string | null {
  for (const bound of frame.permission.scopes) {
    const failed = broken("scope", bound, { ...frame.event, output });
    if (failed !== null) return failed;
  }
  return null;
}

function broken(what: string, { rule, release }: Bound, values: JsonObject): string | null {
  const judgement = conditionFrom(rule).judge(values);
  if (judgement.holds) return null;
  const error = judgement.error === null ? "" : ` (${judgement.error})`;
  return `The ${what} of release ${release} does not hold: ${rule}${error}`;
}

function stageRuling(frame: Frame): Ruling | null {
  const { stage, permission } = frame;
  // In shadow nobody is asked, and what counts is what would have become of it.
  if (stage === "suggestion") {
    const outside = permission.outsideShare;
    if (outside !== null)
      return { why: "share", reason: `Its key is outside ${outside}: a person applies the decision.` };
    return { why: "stage", reason: `At stage ${stage} a person applies each decision.` };
  }
  return stricterStages(frame) ?? (permission.sampled ? SAMPLE : null);
}

const SAMPLE: Ruling = {
  why: "sample",
  reason: "Taken at random from the decisions that nobody would have to look at.",
};

/** At narrow and expanded a decision is applied by itself only where validation and policy held all the way. */
function stricterStages({ stage, deniedWrites, failedPrompts }: Frame): Ruling | null {
  if (compareStages(stage, "narrow") < 0) return null;
  const [denied] = deniedWrites;
  if (denied !== undefined)
    return {
      why: "policy",
      reason: `"${denied}" was refused; at stage ${stage} nothing was refused where a decision is applied by itself.`,
    };
  const [failed] = failedPrompts;
  if (failed === undefined) return null;
  return { why: "validation", reason: `"${failed}" gave no valid answer, and the workflow decided without one.` };
}

/** Of all answers the decision rests on, but for those a person corrected; null where one of them states none, or there is none. */
function lowestConfidence({ prompted }: Pick<Frame, "prompted">): number | null {
  const stated = [...prompted.values()].filter(({ corrected }) => !corrected);
  const confidences = stated.map(({ spec, output }) => confidenceOf(spec, output));
  const known = confidences.filter((confidence) => confidence !== null);
  return known.length === 0 || known.length < confidences.length ? null : Math.min(...known);
}
