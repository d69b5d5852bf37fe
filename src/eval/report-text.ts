import { inertLine } from "../base/inert.ts";
import type { Verdict } from "../release/evidence.ts";
import type { ComparisonReport } from "./comparison.ts";
import { counted } from "./figures.ts";
import type { FailingCase, Report } from "./report.ts";
import {
  COMPARISON_TITLES, IN_CONTEXT_NOTE, calibrationText, comparisonNotes, comparisonRows, confusionText, confusions,
  failureTitle, flakinessText, furtherFailing, goldenRows, sliceNotes, sliceRows, sliceTitles, statusWord, subjectText,
  totalsText, usageText, valueText,
} from "./report-words.ts"; // prettier-ignore

/** Failing cases and confusions a terminal is shown. */
const MOST_SHOWN = 10;

/** Gives a status its colour. */
export type PaintStatus = (status: Verdict, text: string) => string;

/** The report for a terminal, line by line; nothing in it moves the cursor. */
export function textReport(report: Report, paint: PaintStatus = (_status, text) => text): string[] {
  const rows = goldenRows(report);
  const table = aligned(
    ["Eval", "Target", "Current", "Status", "95 % interval", "Cases"],
    rows.map(({ name, target, current, status, interval, cases }) => [
      name, target, current, statusWord(status), interval, cases,
    ]), // prettier-ignore
  );
  const golden = rows.flatMap(({ status, note }, index) => [
    paint(status, table[index + 1] ?? ""),
    ...(note === "" ? [] : [`    ${inertLine(note)}`]),
  ]);
  return [
    inertLine(`${report.suite.name}: ${subjectText(report.subject)}`),
    inertLine(totalsText(report)),
    "",
    table[0] ?? "",
    ...golden,
    "",
    ...besides(report),
    ...report.slices.flatMap((slice) => [
      "",
      `By ${inertLine(slice.by)}`,
      ...(slice.values.length === 0 ? [] : aligned(sliceTitles(report), sliceRows(slice, report))),
      ...sliceNotes(slice).map(inertLine),
    ]),
    ...confused(report),
    ...failures(report),
    ...(report.comparison === null ? [] : ["", ...textComparison(report.comparison)]),
    "",
    paint(report.verdict, `Verdict: ${report.verdict}`),
    ...(report.in_context ? [IN_CONTEXT_NOTE] : []),
  ];
}

function besides(report: Report): string[] {
  const calibration = calibrationText(report);
  const flakiness = flakinessText(report);
  return [
    `Usage: ${usageText(report)}`,
    ...(calibration === null ? [] : [`Calibration: ${calibration}`]),
    ...(flakiness === null ? [] : [`Repeats: ${flakiness}`]),
  ];
}

function confused(report: Report): string[] {
  return report.fields.flatMap((field) => {
    const pairs = confusions(field, MOST_SHOWN);
    if (pairs.length === 0) return [];
    return [
      "",
      `Confused in ${inertLine(field.field)} (expected → answered)`,
      ...pairs.map((pair) => `  ${inertLine(confusionText(pair))}`),
    ];
  });
}

function failures(report: Report): string[] {
  if (report.failing.length === 0) return [];
  const shown = report.failing.slice(0, MOST_SHOWN);
  const further = furtherFailing(report) + report.failing.length - shown.length;
  return [
    "",
    "Failing",
    ...shown.flatMap((failing) => [`  ${inertLine(failureTitle(failing, report))}`, ...differenceLines(failing)]),
    ...(further > 0 ? [`  … and ${counted(further, "more", "more")}`] : []),
  ];
}

function differenceLines({ outcome, differences }: FailingCase): string[] {
  if (outcome !== "answered") return [];
  return differences.map(
    ({ pointer, expected, actual }) =>
      `    ${inertLine(pointer) || "(whole)"}: expected ${valueText(expected)}, was ${valueText(actual)}`,
  );
}

/** Two eval runs for a terminal. */
export function textComparison(comparison: ComparisonReport): string[] {
  const changes = comparison.rows
    .slice(0, MOST_SHOWN)
    .map(
      ({ change, case_id: id, dataset, before, after }) =>
        `  ${change}: ${inertLine(`${id} (${dataset})`)}: ${valueText(before)} → ${valueText(after)}`,
    );
  const further = comparison.rows_total - changes.length;
  return [
    inertLine(`Against ${comparison.before}`),
    ...aligned(COMPARISON_TITLES, comparisonRows(comparison)),
    ...comparisonNotes(comparison),
    ...changes,
    ...(further > 0 ? [`  … and ${counted(further, "more", "more")}`] : []),
  ];
}

function aligned(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [titles, ...rows].map((row) => row.map(inertLine));
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? "")].length)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - [...cell].length))
      .join("  ")
      .trimEnd(),
  );
}
