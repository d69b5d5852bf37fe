import { inertLine } from "../base/inert.ts";
import { isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { differences } from "../base/differences.ts";
import type { AnswerDocument, EffectDocument, OutcomeDocument, ReviewItemDocument } from "./documents.ts";
import type { Io } from "./io.ts";
import { colouredStatus, jsonLines, paint, shortTime } from "./print.ts";

/** What a reviewer judges by, on one screen; of a review that is over, what became of it. */
export function itemLines(item: ReviewItemDocument, io: Io): string[] {
  const { review, run, event, validation } = item;
  const heading = (text: string): string => paint(io, "bold", text);
  const claimed =
    review.claimed_by === null || review.status !== "open"
      ? ""
      : `, claimed by ${inertLine(review.claimed_by)} until ${shortTime(review.claim_until)}`;
  const expires = review.expires_at === null ? "" : `, expires ${shortTime(review.expires_at)}`;
  return [
    `${heading(review.review_id)}  ${inertLine(review.workflow)}  ${colouredStatus(io, review.status)}${claimed}${review.status === "open" ? expires : ""}`,
    `  run     ${run.run_id}, event ${inertLine(run.event_id)}`,
    `  step    ${inertLine(review.step)}${review.of === null ? "" : `, about the output of "${inertLine(review.of)}"`}`,
    `  why     ${inertLine(`${review.why}: ${review.reason}`)}`,
    ...(review.team === null ? [] : [`  team    ${inertLine(review.team)}`]),
    "",
    heading("Event"),
    ...jsonLines(event),
    ...proposalLines(item, heading),
    ...unknownLines(item, heading),
    ...(validation === null ? [] : [heading("Validation"), ...jsonLines(validation, "  ", 12)]),
    "",
    ...(review.status === "open" ? openLines(item, heading, io) : overLines(item, heading)),
    ...viewLines(item, heading),
  ];
}

type Heading = (text: string) => string;

function proposalLines(
  { review, proposal, draft, approval, confidence }: ReviewItemDocument,
  heading: Heading,
): string[] {
  if (review.of === null) return [];
  if (draft !== null) return [heading("The model's last answer, which is not valid"), ...jsonLines(draft)];
  if (review.status !== "open" || approval !== "impossible")
    return [heading(`Proposal${confidence === null ? "" : `, confidence ${confidence}`}`), ...jsonLines(proposal)];
  if (proposal === null) return [heading("Proposal"), "  The model gave no answer."];
  return [heading("The model's last answer, which is not valid"), ...jsonLines(proposal, "  ", 12)];
}

const LOOK_UP = {
  none: "the tool has none",
  unknown: "it does not know either",
  failed: "it failed",
} as const;

/** A write that was cut off: all there is to decide by. */
function unknownLines({ review, unknown_outcome: found }: ReviewItemDocument, heading: Heading): string[] {
  if (found === null) return [];
  const { said, message } = found.look_up;
  const answers = [
    "  approve  it did not happen: call it again",
    "  correct  it did happen: enter its result",
    "  reject   end the run here",
  ];
  return [
    heading("This call was cut off, and nobody knows whether it happened"),
    `  tool     ${inertLine(found.tool)}`,
    `  claimed  ${shortTime(found.claimed_at)} by ${inertLine(found.worker ?? "a worker")}, lease ${found.epoch}, attempt ${found.attempt}`,
    `  key      ${inertLine(found.idempotency_key)}`,
    `  look-up  ${LOOK_UP[said]}${message === undefined ? "" : `: ${inertLine(message)}`}`,
    "  payload",
    ...jsonLines(found.payload, "    ", 20),
    ...(review.status === "open" ? answers : []),
  ];
}

function openLines({ review, approval, outcome }: ReviewItemDocument, heading: Heading, io: Io): string[] {
  if (approval === "impossible")
    return [
      heading(
        review.why === "off"
          ? "The workflow is off: enter the decision that it would have made"
          : "There is no valid output, so it cannot be approved",
      ),
      `  sluice review correct ${review.review_id} --set field=value --reason "…"`,
      `  sluice review reject ${review.review_id} --reason "…"`,
    ];
  const title = approval === "needs_reason" ? "If it is approved: it overrides a rule and needs --reason" : "If it is approved"; // prettier-ignore
  return [heading(title), ...(outcome === null ? [] : followLines(outcome, io))];
}

const ACTIONS = { approve: "Approved", correct: "Corrected", reject: "Rejected" } as const;

function overLines({ review, run, answer }: ReviewItemDocument, heading: Heading): string[] {
  if (review.status === "expired")
    return [heading(`It expired ${shortTime(review.expires_at)}`), "  Nobody answered in time; the run has stopped."];
  if (answer === null) return [heading("It was withdrawn"), `  Its run ended before it was answered: ${run.status}.`];
  const { action, by, at, reason } = answer;
  return [
    heading(`${ACTIONS[action]} by ${inertLine(by)}, ${shortTime(at)}`),
    ...(reason === null ? [] : [`  reason  ${inertLine(reason)}`]),
    ...(action === "correct" ? correctionLines(answer) : []),
  ];
}

function correctionLines({ original_output: original, corrected_output: corrected }: AnswerDocument): string[] {
  if (!isObject(original) || !isObject(corrected)) return ["  the output is now", ...jsonLines(corrected, "    ")];
  const text = (value: Json | undefined): string => (value === undefined ? "(none)" : inertLine(JSON.stringify(value)));
  const changed = differences(original, corrected);
  if (changed.length === 0) return ["  the output is as it was"];
  return changed.map(({ pointer, before, after }) => `  ${inertLine(pointer)}: ${text(before)} → ${text(after)}`);
}

const SHOWN_VIEWS = 5;

function viewLines({ views = [] }: ReviewItemDocument, heading: Heading): string[] {
  if (views.length === 0) return [];
  const earlier =
    views.length > SHOWN_VIEWS ? [`  and ${views.length - SHOWN_VIEWS} times before (--json shows all)`] : [];
  const latest = views.slice(-SHOWN_VIEWS).reverse();
  return [
    heading("Sensitive fields were shown to"),
    ...latest.map(({ by, at, fields }) => `  ${inertLine(by)}, ${shortTime(at)}: ${inertLine(fields.join(", "))}`),
    ...earlier,
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
