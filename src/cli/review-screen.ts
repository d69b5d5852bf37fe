import { inertLine } from "../base/inert.ts";
import type { EffectDocument, OutcomeDocument, ReviewItemDocument } from "./documents.ts";
import type { Io } from "./io.ts";
import { colouredStatus, jsonLines, paint, shortTime } from "./print.ts";

/** What a reviewer judges by, on one screen. */
export function itemLines(item: ReviewItemDocument, io: Io): string[] {
  const { review, run, event, proposal, confidence, validation, outcome } = item;
  const heading = (text: string): string => paint(io, "bold", text);
  const claimed =
    review.claimed_by === null
      ? ""
      : `, claimed by ${inertLine(review.claimed_by)} until ${shortTime(review.claim_until)}`;
  const expires = review.expires_at === null ? "" : `, expires ${shortTime(review.expires_at)}`;
  return [
    `${heading(review.review_id)}  ${inertLine(review.workflow)}  ${colouredStatus(io, review.status)}${claimed}${expires}`,
    `  run     ${run.run_id}, event ${inertLine(run.event_id)}`,
    `  step    ${inertLine(review.step)}${review.of === null ? "" : `, about the output of "${inertLine(review.of)}"`}`,
    `  why     ${inertLine(`${review.why}: ${review.reason}`)}`,
    "",
    heading("Event"),
    ...jsonLines(event),
    heading(`Proposal${confidence === null ? "" : `, confidence ${confidence}`}`),
    ...(proposal === null ? ["  The model gave no valid output."] : jsonLines(proposal)),
    ...(validation === null ? [] : [heading("Validation"), ...jsonLines(validation, "  ", 12)]),
    ...(review.status === "open" ? ["", heading("If it is approved"), ...followLines(outcome, io)] : []),
  ];
}

/** What an answer leads to, before it is submitted. */
export function outcomeLines(
  verb: "approve" | "correct" | "reject",
  outcome: OutcomeDocument | null,
  io: Io,
): string[] {
  if (verb === "reject" || outcome === null) return ["The run would end as rejected. No write would happen."];
  return [
    paint(io, "bold", verb === "correct" ? "Recomputed over the corrected output" : "What follows"),
    ...followLines(outcome, io),
  ];
}

function followLines(outcome: OutcomeDocument, io: Io): string[] {
  const { decision, incomplete_at: stoppedAt, writes, withdrawn, done, problems } = outcome;
  return [
    ...(decision === null ? [] : ["  decision", ...jsonLines(decision, "    ")]),
    ...(stoppedAt === null
      ? []
      : [`  ${paint(io, "yellow", `goes on from step "${inertLine(stoppedAt)}", which is not on record yet`)}`]),
    ...problems.map(({ pointer, message }) => `  ${paint(io, "red", inertLine(`${pointer} ${message}`.trim()))}`),
    ...writes.flatMap((write) => effectLines(paint(io, "green", "+ will be sent"), write)),
    ...withdrawn.flatMap((write) => effectLines(paint(io, "red", "- withdrawn"), write)),
    ...done.flatMap((write) => effectLines(paint(io, "dim", "= done already, stays"), write)),
    ...(writes.length + withdrawn.length + done.length === 0 ? ["  no writes"] : []),
  ];
}

function effectLines(mark: string, { step, tool, payload }: EffectDocument): string[] {
  return [`  ${mark}: ${inertLine(tool)} (${inertLine(step)})`, ...jsonLines(payload, "      ", 12)];
}
