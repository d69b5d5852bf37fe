import type { TargetResult, Verdict } from "../release/evidence.ts";
import { PERCENT, counted, formatCount, formatFigure, styleOf } from "./figures.ts";
import type { Measured } from "./measure.ts";
import { unitOf } from "./metrics.ts";
import { lessIsBetter } from "./scores.ts";
import { casesNeeded, lowerBound, upperBound } from "./statistics.ts";
import type { Target } from "./suite.ts";

type Judged = Pick<TargetResult, "status" | "note" | "needed">;

/** Rounding of the last digit decides nothing. */
const SAME = 1e-12;

/**
 * How a target was met. FAIL: what was observed misses it. INCONCLUSIVE: it is met, but by fewer cases than demanded, by none,
 * or, where the target is critical, not by the one-sided 95 % bound. PASS otherwise.
 */
export function judge(target: Target, measured: Measured): Judged {
  const { value, cases, remark } = measured;
  if (value === null) return inconclusive(absent(target, measured), neededFromNothing(target, measured));
  if (!meets(target, value)) return { status: "FAIL", note: joined(missed(target, measured), remark), needed: null };
  const few = Math.max(0, Math.ceil(target.minCases - cases));
  const doubt = target.critical ? criticalDoubt(target, measured) : null;
  if (few > 0) return inconclusive(joined(tooFew(target, cases, few), doubt?.note ?? "", remark), atLeast(doubt, few));
  if (doubt !== null) return inconclusive(joined(doubt.note, remark), doubt.needed);
  return { status: "PASS", note: joined(bounded(target, measured), remark), needed: null };
}

/** Only where every target is a PASS, and there is one, the whole is. */
export function verdictOf(targets: readonly Pick<TargetResult, "status">[]): Verdict {
  if (targets.some(({ status }) => status === "FAIL")) return "FAIL";
  return targets.length > 0 && targets.every(({ status }) => status === "PASS") ? "PASS" : "INCONCLUSIVE";
}

function inconclusive(note: string, needed: number | null): Judged {
  return { status: "INCONCLUSIVE", note, needed };
}

function joined(...sentences: string[]): string {
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

function meets({ comparison, bound }: Target, value: number): boolean {
  const room = SAME * Math.max(1, Math.abs(bound));
  if (comparison === ">=") return value >= bound - room;
  if (comparison === "<=") return value <= bound + room;
  if (comparison === ">") return value > bound + room;
  if (comparison === "<") return value < bound - room;
  return Math.abs(value - bound) <= room;
}

/** A proportion turned so that more is better: hits and bound of what the target wants to see. */
interface Wanted {
  hits: number;
  cases: number;
  bound: number;
}

function wanted(target: Target, { hits, cases }: Measured): Wanted | null {
  if (hits === null) return null;
  const { bound } = target;
  return lessIsBetter(target) ? { hits: cases - hits, cases, bound: 1 - bound } : { hits, cases, bound };
}

/** Why what a critical target shows is not enough; null: it is. */
function criticalDoubt(target: Target, measured: Measured): Pick<Judged, "note" | "needed"> | null {
  const of = wanted(target, measured);
  if (of === null)
    return {
      note: "This figure has no exact bound, so that it cannot show what a critical target has to.",
      needed: null,
    };
  const needed = target.comparison === "=" ? null : casesNeeded(of.hits, of.cases, of.bound);
  if (needed === 0) return null;
  const note = `It meets the target, but ${boundText(target, measured)} does not: ${howMany(needed)}.`;
  return { note, needed };
}

function howMany(needed: number | null): string {
  if (needed === null) return "no number of cases would decide";
  return `${counted(needed, "more case")} without an error would decide`;
}

/** The one-sided bound on the side from which the target might be missed. */
function boundText(target: Target, { hits, cases }: Measured): string {
  if (hits === null || cases === 0) return "";
  const [side, bound] = lessIsBetter(target) ? ["upper", upperBound(hits, cases)] : ["lower", lowerBound(hits, cases)];
  return `the one-sided 95 % ${side} bound, ${shareText(target, bound)},`;
}

function shareText(target: Target, value: number): string {
  return formatFigure(value, styleOfTarget(target), [target.bound]);
}

function styleOfTarget(target: Target): ReturnType<typeof styleOf> {
  return styleOf({ unit: unitOf(target.metric), target: target.target });
}

/** Of a FAIL: by how much, and whether that is shown or may be chance. */
function missed(target: Target, measured: Measured): string {
  const by = `Missed by ${gap(target, Math.abs((measured.value ?? 0) - target.bound))}`;
  const of = wanted(target, measured);
  if (of === null) return `${by}.`;
  const bound = upperBound(of.hits, of.cases);
  const side = lessIsBetter(target) ? "lower" : "upper";
  const text = shareText(target, lessIsBetter(target) ? 1 - bound : bound);
  if (target.comparison === "=") return `${by}.`;
  return bound < of.bound - SAME
    ? `${by}, established: the one-sided 95 % ${side} bound is ${text}.`
    : `${by}, not established: within noise, the one-sided 95 % ${side} bound is ${text}.`;
}

function gap(target: Target, distance: number): string {
  const style = styleOfTarget(target);
  if (style.unit !== "share" || !style.percent) return formatFigure(distance, style);
  return formatFigure(distance, PERCENT).replace(/ %$/, " points");
}

/** Of a PASS: what bounds it. */
function bounded(target: Target, measured: Measured): string {
  const of = wanted(target, measured);
  if (of === null || target.comparison === "=") return "";
  const bound = lowerBound(of.hits, of.cases);
  const side = lessIsBetter(target) ? "upper" : "lower";
  const text = shareText(target, lessIsBetter(target) ? 1 - bound : bound);
  return bound >= of.bound - SAME
    ? `Established: the one-sided 95 % ${side} bound is ${text}.`
    : `Met by these cases, not established: the one-sided 95 % ${side} bound is ${text}.`;
}

function tooFew(target: Target, cases: number, few: number): string {
  return `It meets the target on ${counted(cases, "case")}; at least ${formatCount(target.minCases)} are demanded: ${few} more.`;
}

function atLeast(doubt: Pick<Judged, "needed"> | null, few: number): number | null {
  if (doubt === null) return few;
  return doubt.needed === null ? null : Math.max(few, doubt.needed);
}

/** Why nothing could be measured. */
function absent(target: Target, { cases, remark }: Measured): string {
  const of = target.slice === null ? "" : ` in the slice ${shown(target.slice)}`;
  if (remark !== "" && !remark.endsWith("left out.")) return remark;
  if (target.metric === "precision" && target.positive !== null)
    return `Absent: no answer says ${shown(target.positive)}${of}.`;
  if (target.positive !== null && cases === 0)
    return `Absent: no case ${target.metric === "specificity" ? "expects other than" : "expects"} ${shown(target.positive)}${of}.`;
  if (target.slice !== null) return `Absent: nothing to measure${of}.`;
  if (target.field !== null && cases === 0) return `Absent: no case has anything to measure in "${target.field}".`;
  return joined("Absent: nothing could be measured.", remark);
}

function shown(object: NonNullable<Target["positive"]>): string {
  return Object.entries(object)
    .map(([name, value]) => `${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

function neededFromNothing(target: Target, measured: Measured): number | null {
  if (measured.cases > 0) return null;
  const of = target.critical ? wanted(target, { ...measured, hits: 0 }) : null;
  const bound = of === null ? 1 : casesNeeded(0, 0, of.bound);
  return bound === null ? null : Math.max(1, target.minCases, bound);
}
