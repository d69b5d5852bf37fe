import { inertLine } from "../base/inert.ts";
import type { ComparisonReport } from "../eval/comparison.ts";
import { textComparison, textReport } from "../eval/report-text.ts";
import type { Report } from "../eval/report.ts";
import type { Verdict } from "../release/evidence.ts";
import type { EvalDocument, EvalWithReport } from "./eval-documents.ts";
import type { Io } from "./io.ts";
import { dollars, paint, printLines } from "./print.ts";
import type { Colour } from "./print.ts";

const COLOURS: Readonly<Record<Verdict, Colour>> = { PASS: "green", FAIL: "red", INCONCLUSIVE: "yellow" };

/** In one cell: `classifier@2026-05-29.1`, or the workflow. */
export function subjectText(subject: Report["subject"]): string {
  return subject.kind === "prompt" ? `${subject.prompt}@${subject.version}` : `workflow ${subject.workflow}`;
}

export function statusWord({ status, verdict, baseline_of: of }: EvalDocument): string {
  return `${verdict ?? status}${of === null ? "" : " (baseline)"}`;
}

export function printEval(ended: EvalWithReport, io: Io): void {
  const { report, eval_id: id } = ended;
  if (report === null) return printLines(io, unfinished(ended, io));
  printLines(io, [
    ...textReport(report, (status, text) => paint(io, COLOURS[status], text)),
    "",
    paint(io, "dim", `${inertLine(id)}: ${spent(ended)}.  Cases and traces: the console, or GET /v1/evals/${id}/cases`),
  ]);
}

function unfinished(ended: EvalDocument, io: Io): string[] {
  const { eval_id: id, suite, status, done, total, failure, subject } = ended;
  const why = failure === null ? "" : ` ${inertLine(failure.message)}`;
  return [
    `${inertLine(id)}: ${inertLine(suite)}, ${inertLine(subjectText(subject))}`,
    `${paint(io, status === "failed" ? "red" : "yellow", status)}: ${done} of ${total} done, ${spent(ended)}.${why}`,
    ...(status === "failed" || status === "cancelled"
      ? ["What was answered is kept: the same command goes on from there."]
      : []),
  ];
}

function spent({ cost_usd: cost, cached, done }: EvalDocument): string {
  const before = cached === 0 ? "" : `, ${cached} of ${done} answered before`;
  return `${cost === null ? "cost unknown" : `${dollars(cost)} spent`}${before}`;
}

export function printComparison(comparison: ComparisonReport, io: Io): void {
  printLines(io, textComparison(comparison));
}
