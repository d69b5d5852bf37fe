import { inertLine } from "../base/inert.ts";
import type { Json } from "../base/json.ts";
import type { Subject, Verdict } from "../release/evidence.ts";
import type { ComparedTarget, ComparisonReport } from "./comparison.ts";
import { PERCENT, counted, formatCount, formatFigure, formatInterval, styleOf } from "./figures.ts";
import type { FailingCase, FieldTable, Report, SliceTable, TargetRow } from "./report.ts";

/** Words that every form of a report is put together from. Names and values in them are as they are: each form escapes them. */

export const IN_CONTEXT_NOTE =
  "Answered by local/in-context, which reads examples and no instructions: these figures say nothing about instructions.";

const STATUS_WORDS: Readonly<Record<Verdict, string>> = { PASS: "Pass", FAIL: "Fail", INCONCLUSIVE: "Inconclusive" };

export function statusWord(status: Verdict): string {
  return STATUS_WORDS[status];
}

export interface GoldenRow {
  name: string;
  target: string;
  current: string;
  status: Verdict;
  interval: string;
  /** Of how many. */
  cases: string;
  note: string;
}

/** The golden table: Eval, Target, Current, Status; interval, cases and note beside them. */
export function goldenRows(report: Report): GoldenRow[] {
  return report.targets.map((row) => ({
    name: row.critical ? `${row.name} (critical)` : row.name,
    target: row.target,
    current: currentText(row),
    status: row.status,
    interval: formatInterval(row.interval, styleOf(row)),
    cases: casesText(row.hits, row.cases),
    note: row.note,
  }));
}

function currentText(row: TargetRow): string {
  return formatFigure(row.value, styleOf(row), [row.bound]);
}

export function casesText(hits: number | null, cases: number): string {
  return hits === null ? formatCount(cases) : `${formatCount(hits)} of ${formatCount(cases)}`;
}

export function subjectText(subject: Subject): string {
  if (subject.kind === "prompt") return `${subject.prompt}@${subject.version} on ${subject.model}`;
  const prompts = Object.values(subject.prompts).map(
    ({ prompt, version, model }) => `${prompt}@${version} on ${model}`,
  );
  return [`workflow ${subject.workflow}`, ...prompts].join(", ");
}

/** What was run and what became of it, in one line. */
export function totalsText({ totals, repeat, usage }: Report): string {
  const { outcomes } = totals;
  const others = [
    [outcomes.invalid, "invalid"], [outcomes.refused, "refused"], [outcomes.review, "left to review"],
    [outcomes.failed, "failed"], [outcomes.timed_out, "timed out"],
  ] as const; // prettier-ignore
  const ended = others.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`);
  const times = repeat > 1 ? `, ${repeat} times each` : "";
  const cached = usage.cached > 0 ? `, ${formatCount(usage.cached)} from the cache` : "";
  return `${counted(totals.cases, "case")}${times}${cached}: ${formatCount(outcomes.answered)} answered${
    ended.length > 0 ? `, ${ended.join(", ")}` : ""
  }; ${casesText(totals.passing.hits, totals.passing.cases)} wholly as expected`;
}

/** Latency, tokens and cost: unknown is said to be unknown. */
export function usageText({ usage }: Report): string {
  const { latency_ms: latency, input_tokens: input, output_tokens: output, cost_usd: cost, unpriced } = usage;
  const ms = (value: number | null): string => formatFigure(value, { unit: "ms", percent: false });
  const price =
    unpriced > 0
      ? `cost unknown (no price for ${counted(unpriced, "attempt")})`
      : `cost ${formatFigure(cost.attempts === 0 ? null : cost.total, { unit: "usd", percent: false })}`;
  return `latency average ${ms(latency.avg)}, p50 ${ms(latency.p50)}, p95 ${ms(latency.p95)}; tokens ${formatCount(
    input.total,
  )} in, ${formatCount(output.total)} out; ${price}`;
}

export function calibrationText({ calibration }: Report): string | null {
  const { ece, bins, without } = calibration;
  if (ece === null) return null;
  const attempts = bins.reduce((sum, bin) => sum + bin.attempts, 0);
  const left = without > 0 ? `; ${counted(without, "attempt")} without a confidence` : "";
  return `expected calibration error ${formatFigure(ece, PERCENT)} over ${counted(attempts, "answer")}${left}`;
}

export function flakinessText({ flakiness, repeat }: Report): string | null {
  if (flakiness === null) return null;
  const all = flakiness.pass.at(-1)?.value ?? null;
  return `mean ${formatFigure(flakiness.mean, PERCENT)}, all ${repeat} attempts pass (pass^${repeat}) ${formatFigure(all, PERCENT)}; ${counted(flakiness.flaky, "case")} sometimes pass and sometimes not`;
}

/** A slice by its targets; a target that has no case there says so. */
export function sliceRows(table: SliceTable, report: Report): string[][] {
  return table.values.map(({ value, cases, passing, targets }) => [
    value ?? "(none)",
    formatCount(cases),
    formatFigure(passing.value, PERCENT),
    ...targets.map(({ value: figure, hits, cases: of }, index) => {
      const row = report.targets[index];
      if (figure === null || row === undefined) return "absent";
      return `${formatFigure(figure, styleOf(row))} (${casesText(hits, of)})`;
    }),
  ]);
}

export function sliceTitles(report: Report): string[] {
  return ["Slice", "Cases", "All as expected", ...report.targets.map(({ name }) => name)];
}

export function sliceNotes({ by, absent, others, values }: SliceTable): string[] {
  return [
    ...(absent.length > 0 ? [`Absent, no case of them: ${absent.join(", ")}.`] : []),
    ...(values.every(({ value }) => value === null) ? [`Absent: no case has a value at ${by}.`] : []),
    ...(others > 0 ? [`${counted(others, "case")} of further values, for which there is no room.`] : []),
  ];
}

/** Which wrong answers were given where, the most frequent first. */
export function confusions({ confusion }: FieldTable, most: number): FieldTable["confusion"] {
  return confusion
    .filter(({ expected, answered }) => expected !== answered)
    .sort((a, b) => b.attempts - a.attempts)
    .slice(0, most);
}

export function confusionText({ expected, answered, attempts }: FieldTable["confusion"][number]): string {
  return `${expected} → ${answered ?? "(no answer)"}: ${formatCount(attempts)}`;
}

export const CLASS_TITLES: readonly string[] = [
  "Class",
  "Expected",
  "Answered",
  "Precision",
  "Recall",
  "F1",
  "Specificity",
];

export function classRows({ classes }: FieldTable): string[][] {
  return classes.map(({ value, expected, answered, precision, recall, f1, specificity }) => [
    value,
    formatCount(expected),
    formatCount(answered),
    ...[precision.value, recall.value, f1, specificity.value].map((share) => formatFigure(share, PERCENT)),
  ]);
}

export function failureTitle({ case_id: id, dataset, repeat, outcome, error }: FailingCase, report: Report): string {
  const attempt = report.repeat > 1 ? `, attempt ${repeat}` : "";
  const why = outcome === "answered" ? "" : `: ${outcome.replace("_", " ")}${error === null ? "" : `, ${error}`}`;
  return `${id} (${dataset}${attempt})${why}`;
}

/** Beyond that a value is cut in what people read; the document has it whole. */
const LONGEST_VALUE = 200;

/** On one line, and nothing in it that a terminal or a page would act on. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = inertLine(JSON.stringify(value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE).toWellFormed()}…` : text;
}

/** Failing attempts that the report does not show. */
export function furtherFailing({ totals, failing }: Report): number {
  return (
    Math.round(totals.attempts - totals.passing.hits * (totals.cases === 0 ? 1 : totals.attempts / totals.cases)) -
    failing.length
  );
}

export const COMPARISON_TITLES: readonly string[] = ["Eval", "Before", "After", "Worse", "Better", "p", "Shown"];

export function comparisonRows({ targets }: ComparisonReport): string[][] {
  return targets.map((target) => [
    target.name,
    figureOf(target, target.before.value),
    figureOf(target, target.after.value),
    target.worse === null ? "–" : formatCount(target.worse),
    target.better === null ? "–" : formatCount(target.better),
    target.p === null ? "–" : pText(target.p),
    target.shown,
  ]);
}

function figureOf({ unit }: ComparedTarget, value: number | null): string {
  return formatFigure(value, { unit, percent: true });
}

/** Four digits, however small. */
function pText(p: number): string {
  return p >= 0.001 ? p.toFixed(4) : p.toExponential(2);
}

export function comparisonNotes(comparison: ComparisonReport): string[] {
  const { cases, only_before: before, only_after: after, changed } = comparison;
  const left = [
    [before, "only before"], [after, "only after"], [changed, "with other content"],
  ] as const; // prettier-ignore
  const parts = left.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`);
  return [
    `${counted(cases, "case")} on both sides${parts.length > 0 ? `; not compared: ${parts.join(", ")}` : ""}. p is of the exact paired test, two-sided; a difference is shown at p ≤ 0.05.`,
  ];
}
