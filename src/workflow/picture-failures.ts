import type { AnyNode } from "acorn";
import { formatDuration } from "../base/duration.ts";
import type { FailureClass, FailurePolicy } from "../base/failure.ts";
import { policyOf } from "../base/failure-overrides.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { AnyTool } from "../tool/define.ts";
import type { Workflow } from "./define.ts";
import type { SketchNode } from "./picture-sketch.ts";
import { propertyOf, textOf } from "./source.ts";

/** In words that fit on an edge. */
const WORDS: Readonly<Record<FailureClass, string>> = {
  transient: "keeps failing",
  rate_limited: "rate limit",
  timeout: "timeout",
  invalid_output: "invalid twice",
  rule_failed: "does not hold",
  tool_drift: "result off its schema",
  denied: "denied",
  budget: "budget used up",
  refused: "refused",
  bug: "error",
  poison: "kills its worker",
};

const CALLS: readonly FailureClass[] = ["transient", "rate_limited", "timeout", "bug"];

/** Where the failures of one step end up, in words. */
export interface Routes {
  /** Ways to a person. */
  review: string[];
  /** Ways to the end of the step: to a `catch`, or the run's end. */
  dead: string[];
  /** What makes the step go on with its next model or tool first. */
  onward: string[];
}

/** What the failure table, with the overrides of workflow, tool and step, makes of the failures one step may have. */
export function routesOf(node: SketchNode, workflow: Workflow, prompts: PromptSet, tool: AnyTool | undefined): Routes {
  const routes: Routes = { review: [], dead: [], onward: [] };
  for (const each of classesOf(node, workflow, tool)) {
    const policy = policyFor(each, node, workflow, tool);
    const words =
      each === "denied" && tool?.effect === "write" && !isRequired(node)
        ? "outcome unknown"
        : wordsFor(each, node, workflow, prompts);
    if (policy.fallback) routes.onward.push(words);
    (policy.then === "review" ? routes.review : routes.dead).push(words);
  }
  return routes;
}

function classesOf({ verb }: SketchNode, { budget }: Workflow, tool: AnyTool | undefined): FailureClass[] {
  switch (verb) {
    case "prompt":
      return ["invalid_output", "refused", ...(Object.keys(budget).length > 0 ? (["budget"] as const) : []), ...CALLS];
    case "tool":
      return ["denied", ...(tool?.result === null ? [] : (["tool_drift"] as const)), ...CALLS];
    case "run":
      return [...CALLS];
    case "rule":
      return ["rule_failed"];
    default:
      return [];
  }
}

function wordsFor(each: FailureClass, { verb, name }: SketchNode, workflow: Workflow, prompts: PromptSet): string {
  if (each !== "invalid_output" || verb !== "prompt") return WORDS[each];
  const prompt = Object.hasOwn(workflow.prompts, name) ? workflow.prompts[name] : undefined;
  return prompts.latest(prompt ?? "")?.repair.attempts === 0 ? "invalid" : WORDS.invalid_output;
}

function policyFor(
  each: FailureClass,
  node: SketchNode,
  workflow: Workflow,
  tool: AnyTool | undefined,
): Pick<FailurePolicy, "then" | "fallback"> {
  return { ...policyOf(each, workflow.failures, tool?.failures), ...writtenFor(each, node) };
}

/** `failures: { timeout: { then: "review" } }` of the call itself, as far as it is written out. */
function writtenFor(each: FailureClass, node: SketchNode): Partial<Pick<FailurePolicy, "then" | "fallback">> {
  const policy = propertyOf(propertyOf(optionsOf(node), "failures")?.value, each)?.value;
  const then = textOf(propertyOf(policy, "then")?.value);
  const fallback = propertyOf(policy, "fallback")?.value;
  return {
    ...(then === "review" || then === "dead_letter" ? { then } : {}),
    ...(fallback?.type === "Literal" && typeof fallback.value === "boolean" ? { fallback: fallback.value } : {}),
  };
}

const OPTIONS_AT: Readonly<Record<string, number>> = {
  prompt: 2,
  tool: 3,
  run: 2,
  rule: 2,
  review: 1,
  sleep: 2,
  waitFor: 2,
};

/** The options a step's call is given, where they are written out. */
export function optionsOf({ verb, call }: SketchNode): AnyNode | undefined {
  return call.arguments[OPTIONS_AT[verb] ?? -1];
}

/** Whether a write has to happen for the run to go on. */
export function isRequired(node: SketchNode): boolean {
  const value = propertyOf(optionsOf(node), "required")?.value;
  return value?.type === "Literal" && value.value === true;
}

/** The run's time, which ends it wherever it is; null where it has as long as it takes. */
export function deadlineWords({ deadlineMs }: Workflow): string | null {
  return deadlineMs === null ? null : `deadline of ${formatDuration(deadlineMs)}`;
}
