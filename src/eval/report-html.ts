import { inert } from "../base/inert.ts";
import type { ComparisonReport } from "./comparison.ts";
import { PERCENT, counted, formatCount, formatFigure } from "./figures.ts";
import { HTML_STYLE, reliabilityPlot } from "./report-plot.ts";
import type { FailingCase, FieldTable, Report } from "./report.ts";
import {
  CLASS_TITLES, COMPARISON_TITLES, IN_CONTEXT_NOTE, calibrationText, classRows, comparisonNotes, comparisonRows,
  confusionText, confusions, failureTitle, flakinessText, furtherFailing, goldenRows, sliceNotes, sliceRows, sliceTitles,
  statusWord, subjectText, totalsText, usageText, valueText,
} from "./report-words.ts"; // prettier-ignore

/** More classes than that are a list of confusions, no matrix. */
const MATRIX_CLASSES = 30;
const MOST_CONFUSIONS = 50;

/** The report as one page that needs nothing from anywhere: no script, no font, no picture, and none is let in. */
export function htmlReport(report: Report): string {
  const title = escaped(`${report.suite.name}: ${report.verdict}`);
  const body = [
    `<h1>${title}</h1>`,
    `<p><code>${escaped(subjectText(report.subject))}</code><br>${escaped(totalsText(report))}.</p>`,
    ...(report.in_context ? [`<p class="note">${escaped(IN_CONTEXT_NOTE)}</p>`] : []),
    golden(report),
    besides(report),
    ...(report.comparison === null ? [] : [comparisonSection(report.comparison)]),
    ...slices(report),
    ...report.fields.map(fieldSection),
    calibrationSection(report),
    ...failures(report),
    `<footer>Eval <code>${escaped(report.eval_id)}</code>${report.ended_at === null ? "" : `, ${escaped(report.ended_at)}`}.</footer>`,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
${body.filter((part) => part !== "").join("\n")}
</body>
</html>
`;
}

function golden(report: Report): string {
  const rows = goldenRows(report).map(
    ({ name, target, current, status, interval, cases, note }) =>
      `<tr><th scope="row">${escaped(name)}</th>${[target, current].map(cell).join("")}<td class="${status}">${statusWord(
        status,
      )}</td>${[interval, cases, note].map(cell).join("")}</tr>`,
  );
  return tableWith(["Eval", "Target", "Current", "Status", "95 % interval", "Cases", "Note"], rows);
}

function besides(report: Report): string {
  const flakiness = flakinessText(report);
  return `<p>${escaped(usageText(report))}.${flakiness === null ? "" : `<br>Repeats: ${escaped(flakiness)}.`}</p>`;
}

function slices(report: Report): string[] {
  return report.slices.map((slice) => {
    const table = slice.values.length === 0 ? "" : plainTable(sliceTitles(report), sliceRows(slice, report));
    return `<h2>By ${escaped(slice.by)}</h2>${table}${sliceNotes(slice).map(paragraph).join("")}`;
  });
}

function fieldSection(field: FieldTable): string {
  if (field.classes.length === 0) return "";
  const matrix = field.classes.length <= MATRIX_CLASSES ? matrixOf(field) : confusionList(field);
  const notes = [
    ...(field.undetermined > 0
      ? [`${counted(field.undetermined, "attempt")} of cases that name no single value here.`]
      : []),
    ...(field.others > 0 ? [`${counted(field.others, "attempt")} of further values, for which there is no room.`] : []),
  ];
  return `<h2>${escaped(field.field)}</h2>${plainTable(CLASS_TITLES, classRows(field))}${matrix}${notes.map(paragraph).join("")}`;
}

function matrixOf({ classes, confusion }: FieldTable): string {
  const names = classes.map(({ value }) => value);
  const counts = new Map(confusion.map(({ expected, answered, attempts }) => [pairKey(expected, answered), attempts]));
  const columns: (string | null)[] = confusion.some(({ answered }) => answered === null) ? [...names, null] : names;
  const rows = names.map((expected) => {
    const cells = columns.map((answered) => {
      const count = counts.get(pairKey(expected, answered)) ?? 0;
      const kind = expected === answered ? "right" : count > 0 ? "wrong" : "zero";
      return `<td class="${kind}">${formatCount(count)}</td>`;
    });
    return `<tr><th scope="row">${escaped(expected)}</th>${cells.join("")}</tr>`;
  });
  return tableWith(["expected ↓ answered →", ...columns.map((name) => name ?? "(no answer)")], rows);
}

function pairKey(expected: string, answered: string | null): string {
  return JSON.stringify([expected, answered]);
}

function confusionList(field: FieldTable): string {
  const items = confusions(field, MOST_CONFUSIONS).map((pair) => `<li>${escaped(confusionText(pair))}</li>`);
  return items.length === 0 ? "" : `<h3>Confused (expected → answered)</h3><ul>${items.join("")}</ul>`;
}

function calibrationSection(report: Report): string {
  const text = calibrationText(report);
  if (text === null) return "";
  const rows = report.calibration.bins.map(({ low, high, attempts, confidence, accuracy }) => [
    `${formatFigure(low, PERCENT)} to ${formatFigure(high, PERCENT)}`,
    formatCount(attempts),
    formatFigure(confidence, PERCENT),
    formatFigure(accuracy.value, PERCENT),
  ]);
  const table = plainTable(["Confidence", "Answers", "Mean confidence", "Right"], rows);
  return `<h2>Calibration</h2>${paragraph(`${text}.`)}<div class="beside">${reliabilityPlot(report.calibration)}${table}</div>`;
}

function failures(report: Report): string[] {
  if (report.failing.length === 0) return [];
  const further = furtherFailing(report);
  const items = report.failing.map(
    (failing) => `<li>${escaped(failureTitle(failing, report))}${differences(failing)}</li>`,
  );
  const rest = further > 0 ? paragraph(`… and ${counted(further, "more", "more")}.`) : "";
  return [`<h2>Failing</h2><ol>${items.join("")}</ol>${rest}`];
}

function differences({ outcome, differences: all }: FailingCase): string {
  if (outcome !== "answered" || all.length === 0) return "";
  const items = all.map(
    ({ pointer, expected, actual }) =>
      `<li><code>${escaped(pointer === "" ? "(whole)" : pointer)}</code>: expected <ins>${escaped(valueText(expected))}</ins>, was <del>${escaped(valueText(actual))}</del></li>`,
  );
  return `<ul>${items.join("")}</ul>`;
}

function comparisonSection(comparison: ComparisonReport): string {
  const rows = comparison.rows.map(({ change, case_id: id, dataset, expected, before, after }) => [
    change, `${id} (${dataset})`, valueText(expected), valueText(before), valueText(after),
  ]); // prettier-ignore
  const further = comparison.rows_total - rows.length;
  return [
    `<h2>Against <code>${escaped(comparison.before)}</code></h2>`,
    plainTable(COMPARISON_TITLES, comparisonRows(comparison)),
    ...comparisonNotes(comparison).map(paragraph),
    rows.length > 0 ? plainTable(["Change", "Case", "Expected", "Before", "After"], rows) : "",
    further > 0 ? paragraph(`… and ${counted(further, "more", "more")}.`) : "",
  ].join("");
}

function plainTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableWith(titles, rows.map(([first = "", ...rest]) => `<tr><th scope="row">${escaped(first)}</th>${rest.map(cell).join("")}</tr>`)); // prettier-ignore
}

function tableWith(titles: readonly string[], rows: readonly string[]): string {
  const head = titles.map((title) => `<th scope="col">${escaped(title)}</th>`).join("");
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
}

function cell(text: string): string {
  return `<td>${escaped(text)}</td>`;
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return inert(text).replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? "");
}
