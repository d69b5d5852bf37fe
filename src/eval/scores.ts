import { isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { expectedFields, expectedProblems, isPredicate, matchesExpected, mismatches } from "./expected.ts";
import { answerOf, isPositive, passes, saysPositive, sides } from "./judgement.ts";
import { metricNamed } from "./metrics.ts";
import type { CaseResult, ScoredCase } from "./result.ts";
import { textSimilarity } from "./similarity.ts";
import type { Target } from "./suite.ts";

/** What an attempt is worth to a metric that goes case by case, 0 to 1; null: nothing, it is not in the denominator. */
export type Score = (scored: ScoredCase) => number | null;

const SCORES: Readonly<Record<string, (target: Target) => Score>> = {
  accuracy: ({ field }) => (scored) => share(passes(scored, field)),
  pass_all: ({ field }) => (scored) => share(passes(scored, field)),
  exact_match: ({ field }) => ofSides(field, (wanted, given) => Number(matchesExpected(exactly(wanted), given))),
  numeric_match: ({ field }) => ofSides(field, (wanted, given) => Number(sameNumber(wanted, given))),
  set_match: ({ field }) => ofSides(field, (wanted, given) => Number(matchesExpected(asSet(wanted), given))),
  field_match: ({ field }) => ofSides(field, fieldShare),
  text_similarity: ({ field }) => ofSides(field, similarity),
  recall: ({ positive }) => positive === null ? () => null : (scored) => flagged(scored, positive, true),
  specificity: ({ positive }) => positive === null ? () => null : (scored) => flagged(scored, positive, false),
  precision: ({ positive }) => positive === null ? () => null : (scored) => precise(scored, positive),
  valid_json_rate: () => ({ result }) => ofModel(result, result.validJson === true),
  schema_failure_rate: () => ({ result }) => ofModel(result, result.validFirst !== true),
  repair_rate: () => ({ result }) => ofModel(result, result.repaired),
  automation_rate: ({ threshold }) => ({ result }) => Number(isAutomated(result, threshold)),
  automated_accuracy: ({ field, threshold }) => (scored) =>
    isAutomated(scored.result, threshold) ? share(passes(scored, field)) : null,
}; // prettier-ignore

/** Null: the metric does not go case by case. */
export function scoreOf(target: Target): Score | null {
  const metric = metricNamed(target.metric);
  if (metric === null) return custom(target);
  if (metric.takes.includes("positive") && target.positive === null) return null;
  return Object.hasOwn(SCORES, target.metric) ? (SCORES[target.metric]?.(target) ?? null) : null;
}

/** Whether less is better, as the target says it. */
export function lessIsBetter({ comparison }: Pick<Target, "comparison">): boolean {
  return comparison === "<" || comparison === "<=";
}

/** Of an attempt without an answer, and of a scorer that threw: the worst there is. */
function custom(target: Target): Score {
  const worst = lessIsBetter(target) ? 1 : 0;
  return ({ result }) => {
    const given = Object.hasOwn(result.scores, target.metric) ? result.scores[target.metric] : null;
    return result.outcome === "answered" && typeof given === "number" && Number.isFinite(given) ? given : worst;
  };
}

function share(passing: boolean | null): number | null {
  return passing === null ? null : Number(passing);
}

function ofSides(field: string | null, judge: (wanted: Json, given: Json | undefined) => number): Score {
  return (scored) => {
    const both = sides(scored, field);
    return both === null ? null : judge(both.wanted, both.given);
  };
}

/** Predicates keep their meaning; all else has to be the whole value. */
function exactly(wanted: Json): Json {
  return hasPredicate(wanted) ? wanted : { $equals: wanted };
}

function hasPredicate(wanted: Json): boolean {
  if (typeof wanted !== "object" || wanted === null) return false;
  return (isObject(wanted) && isPredicate(wanted)) || Object.values(wanted).some(hasPredicate);
}

function asSet(wanted: Json): Json {
  return Array.isArray(wanted) ? { $set: wanted } : wanted;
}

function sameNumber(wanted: Json, given: Json | undefined): boolean {
  const [left, right] = [numberOf(wanted), numberOf(given)];
  if (left === null || right === null) return isObject(wanted) && matchesExpected(wanted, right ?? given);
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right));
}

/** Also of a text that is one. */
function numberOf(value: Json | undefined): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function fieldShare(wanted: Json, given: Json | undefined): number {
  return 1 - mismatches(wanted, given).length / expectedFields(wanted);
}

function similarity(wanted: Json, given: Json | undefined): number {
  if (typeof wanted !== "string")
    return Number(expectedProblems(wanted).length === 0 && matchesExpected(wanted, given));
  return typeof given === "string" ? textSimilarity(wanted, given) : 0;
}

/** Of the positives (recall) or the negatives (specificity): whether the answer says so. Without an answer it does not. */
function flagged(scored: ScoredCase, positive: NonNullable<Target["positive"]>, truth: boolean): number | null {
  if (isPositive(positive, scored.case.expected) !== truth) return null;
  const answer = answerOf(scored.result);
  return Number(answer !== undefined && saysPositive(positive, answer) === truth);
}

function precise(scored: ScoredCase, positive: NonNullable<Target["positive"]>): number | null {
  if (!saysPositive(positive, answerOf(scored.result))) return null;
  return share(isPositive(positive, scored.case.expected));
}

/** A case that was answered, or went to a person, without asking a model says nothing about models; a failure does. */
function ofModel(result: CaseResult, hit: boolean): number | null {
  const noModel = result.validJson === null && (result.outcome === "answered" || result.outcome === "review");
  return noModel ? null : Number(hit);
}

function isAutomated(result: CaseResult, threshold: number | null): boolean {
  if (result.outcome !== "answered") return false;
  return threshold === null || (result.confidence !== null && result.confidence >= threshold);
}
