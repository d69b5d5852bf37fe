import { inert } from "../base/inert.ts";
import type { Report } from "./report.ts";
import {
  IN_CONTEXT_NOTE,
  failureTitle,
  furtherFailing,
  goldenRows,
  subjectText,
  totalsText,
  valueText,
} from "./report-words.ts";

/**
 * The report as JUnit XML: each target a test case, a FAIL a failure, an INCONCLUSIVE an error, so that neither passes. Failing
 * cases are in the output of the suite.
 */
export function junitReport(report: Report): string {
  const rows = goldenRows(report);
  const [failures, errors] = (["FAIL", "INCONCLUSIVE"] as const).map(
    (status) => rows.filter((row) => row.status === status).length,
  );
  const counts = `tests="${rows.length}" failures="${failures}" errors="${errors}"`;
  const name = attribute(report.suite.name);
  const times = timeOf(report);
  const cases = rows.map(({ name: target, ...row }) => {
    const head = `<testcase classname="${name}" name="${attribute(target)}" time="0"`;
    const message = `target ${row.target}, current ${row.current}, 95 % interval ${row.interval}, ${row.cases}. ${row.note}`;
    if (row.status === "PASS")
      return `    ${head}>\n      <system-out>${content(message)}</system-out>\n    </testcase>`;
    const kind = row.status === "FAIL" ? "failure" : "error";
    return `    ${head}>\n      <${kind} type="${row.status}" message="${attribute(message)}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${name}" ${counts}${times}>`,
    "    <properties>",
    ...properties(report).map(([key, value]) => `      <property name="${key}" value="${attribute(value)}"/>`),
    "    </properties>",
    ...cases,
    `    <system-out>${content(output(report).join("\n"))}</system-out>`,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function timeOf({ started_at: from, ended_at: to }: Report): string {
  if (from === null || to === null) return "";
  return ` timestamp="${from}" time="${(Date.parse(to) - Date.parse(from)) / 1_000}"`;
}

function properties(report: Report): [string, string][] {
  return [
    ["eval", report.eval_id],
    ["subject", subjectText(report.subject)],
    ["verdict", report.verdict],
    ...(report.in_context ? [["note", IN_CONTEXT_NOTE] satisfies [string, string]] : []),
  ];
}

function output(report: Report): string[] {
  const further = furtherFailing(report);
  return [
    totalsText(report),
    ...report.failing.flatMap((failing) => [
      failureTitle(failing, report),
      ...(failing.outcome === "answered" ? failing.differences : []).map(
        ({ pointer, expected, actual }) => `  ${pointer}: expected ${valueText(expected)}, was ${valueText(actual)}`,
      ),
    ]),
    ...(further > 0 ? [`… and ${further} more`] : []),
  ];
}

/** XML 1.0 has no form at all for most control characters and for the two last places of each plane's start. */
function content(text: string): string {
  return inert(text)
    .replaceAll(/[\ufffe\uffff]/g, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function attribute(text: string): string {
  return content(text).replaceAll('"', "&quot;").replaceAll(/\s/g, " ");
}
