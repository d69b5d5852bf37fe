import { inertLine } from "../base/inert.ts";
import type { ComparisonReport } from "./comparison.ts";
import { counted } from "./figures.ts";
import type { FailingCase, Report } from "./report.ts";
import {
  COMPARISON_TITLES, IN_CONTEXT_NOTE, calibrationText, comparisonNotes, comparisonRows, confusionText, confusions,
  failureTitle, flakinessText, furtherFailing, goldenRows, sliceNotes, sliceRows, sliceTitles, statusWord, subjectText,
  totalsText, usageText, valueText,
} from "./report-words.ts"; // prettier-ignore

/** Failing cases and confusions a pull request is shown. */
const MOST_SHOWN = 20;

/** The report as GitHub's Markdown, for a pull request. Nothing from a case or a model is read as markup. */
export function markdownReport(report: Report): string {
  const golden = goldenRows(report).map(({ name, target, current, status, interval, cases, note }) => [
    name, target, current, statusWord(status), interval, cases, note,
  ]); // prettier-ignore
  const sections = [
    `# ${plain(report.suite.name)}: ${report.verdict}`,
    `${code(subjectText(report.subject))}  \n${plain(totalsText(report))}.`,
    ...(report.in_context ? [`> ${plain(IN_CONTEXT_NOTE)}`] : []),
    tableOf(["Eval", "Target", "Current", "Status", "95 % interval", "Cases", "Note"], golden),
    besides(report),
    ...(report.comparison === null ? [] : [markdownComparison(report.comparison)]),
    ...report.slices.map((slice) => {
      const table = slice.values.length === 0 ? [] : [tableOf(sliceTitles(report), sliceRows(slice, report))];
      return [`## By ${plain(slice.by)}`, ...table, ...sliceNotes(slice).map(plain)].join("\n\n");
    }),
    ...report.fields.flatMap((field) => {
      const pairs = confusions(field, MOST_SHOWN).map((pair) => `- ${code(confusionText(pair))}`);
      return pairs.length === 0 ? [] : [`## Confused in ${plain(field.field)}\n\n${pairs.join("\n")}`];
    }),
    ...failures(report),
    `Eval ${code(report.eval_id)}${report.ended_at === null ? "" : `, ${report.ended_at}`}.`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function besides(report: Report): string {
  const lines = [
    ["Usage", usageText(report)],
    ["Calibration", calibrationText(report)],
    ["Repeats", flakinessText(report)],
  ] as const; // prettier-ignore
  return lines.flatMap(([title, text]) => (text === null ? [] : [`- ${title}: ${plain(text)}`])).join("\n");
}

function failures(report: Report): string[] {
  if (report.failing.length === 0) return [];
  const shown = report.failing.slice(0, MOST_SHOWN);
  const further = furtherFailing(report) + report.failing.length - shown.length;
  const lines = shown.map((failing) =>
    [`- ${code(failureTitle(failing, report))}`, ...differenceLines(failing)].join("\n"),
  );
  return [
    ["## Failing\n", ...lines, ...(further > 0 ? [`\n… and ${counted(further, "more", "more")}.`] : [])].join("\n"),
  ];
}

function differenceLines({ outcome, differences }: FailingCase): string[] {
  if (outcome !== "answered") return [];
  return differences.map(
    ({ pointer, expected, actual }) =>
      `  - ${code(pointer === "" ? "(whole)" : pointer)}: expected ${code(valueText(expected))}, was ${code(valueText(actual))}`,
  );
}

/** Two eval runs, as a section of Markdown. */
function markdownComparison(comparison: ComparisonReport): string {
  const changes = comparison.rows
    .slice(0, MOST_SHOWN)
    .map(
      ({ change, case_id: id, dataset, before, after }) =>
        `- ${change}: ${code(`${id} (${dataset})`)}: ${code(valueText(before))} → ${code(valueText(after))}`,
    );
  const further = comparison.rows_total - changes.length;
  return [
    `## Against ${code(comparison.before)}`,
    tableOf(COMPARISON_TITLES, comparisonRows(comparison)),
    ...comparisonNotes(comparison).map(plain),
    ...(changes.length > 0 ? [changes.join("\n")] : []),
    ...(further > 0 ? [`… and ${counted(further, "more", "more")}.`] : []),
  ].join("\n\n");
}

function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(" | ")} |`;
  return [line(titles), `|${titles.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** Text that stays text: no markup, no HTML, no mention, no link. */
function plain(text: string): string {
  return inertLine(text)
    .replaceAll(/[\\`*_{}[\]<>#|~&]/g, (mark) => (mark === "&" ? "&amp;" : mark === "<" ? "&lt;" : `\\${mark}`))
    .replaceAll("@", "&#64;")
    .replaceAll("://", ":&#47;&#47;");
}

/** A span of code, whatever backticks the text has. A bar would end a cell also there. */
function code(text: string): string {
  const line = inertLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}
