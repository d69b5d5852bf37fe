import { isObject } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { Schema } from "../base/schema.ts";
import { readLeniently } from "../prompt/check.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { History, answerOf, reviewNameOf } from "./history.ts";
import type { ReviewAnswerAction } from "./history.ts";
import { OFF } from "./off.ts";
import type { Pins } from "../release/release.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { AnyTool } from "../tool/define.ts";
import type { Workflow } from "./define.ts";

/** What a review asks, as its record says. */
export interface Asked {
  reviewId: string;
  of: string | null;
  ofKey: string;
  why: string;
  reason: string;
  reveal: string[];
}

/** A review with what it is about, found in the run's records. */
export interface Subject {
  asked: Asked;
  record: JournalRecord;
  /** The output in question as the step gave it (or an earlier correction); null where it gave none. */
  proposal: Json | null;
  /** Whether there is such an output: `null` may be one. */
  proposed: boolean;
  /** What the model said last where it gave no valid output. */
  lastReply: string | null;
  /** That, as far as it can be read as JSON: what a correction may start from. */
  draft: Json | null;
  validation: Json | null;
  /** The rule that does not hold, where an approval would override one. */
  rule: string | null;
  /** What became of it; null until it is answered. */
  answered: Answered | null;
  /** The prompt whose output may be corrected, in the version that made it; undefined where the review is of none. */
  spec: PromptSpec | undefined;
  /** The tool whose result may be entered, where a tool step failed. */
  tool: AnyTool | undefined;
  /** Where a person decides in the workflow's place: what decisions look like, null where nothing is declared. */
  scratch: { decision: Schema | null } | undefined;
}

/** An answer on record. */
export interface Answered {
  action: ReviewAnswerAction;
  by: string;
  /** Epoch ms. */
  at: number;
  reason: string | null;
  correction: { original: Json; corrected: Json } | null;
}

/** Finds what review `reviewId` is about. Null where the run's journal does not hold it. */
export function subjectOf(
  all: readonly JournalRecord[],
  reviewId: string,
  context: { workflow: Workflow; prompts: PromptSet; pins: Pins | null },
): Subject | null {
  const found = answeredIn(all, reviewId);
  const records = found === null ? all : all.filter(({ seq }) => seq < found.seq);
  const record = records.findLast(
    ({ kind, ends, body }) => kind === "review" && !ends && isAsked(body.detail, reviewId),
  );
  if (record === undefined) return null;
  const asked = record.body.detail as unknown as Asked;
  const of = asked.of;
  const pin = of === null ? undefined : context.pins?.prompts[of];
  return {
    asked,
    record,
    ...outputOf(records, asked),
    rule:
      records.find(({ kind, name, key }) => kind === "rule" && reviewNameOf(name) === record.name && key === record.key)
        ?.name ?? null,
    answered: found?.answered ?? null,
    spec: pin === undefined ? undefined : context.prompts.find(pin.prompt, pin.version),
    scratch: asked.why === OFF ? { decision: context.workflow.decision } : undefined,
    tool: of === null ? toolOf(record, records, context.workflow) : undefined,
  };
}

function outputOf(
  records: readonly JournalRecord[],
  { of, ofKey }: Asked,
): Pick<Subject, "proposal" | "proposed" | "lastReply" | "draft" | "validation"> {
  const history = new History(records);
  const step = of === null ? undefined : history.step(of, ofKey);
  const override = of === null ? undefined : history.override(of, ofKey);
  const ended = step?.records.findLast(({ ends, status }) => ends && status === "success");
  const judged = step?.records.findLast(({ type }) => type === "validation");
  const said = step?.records.findLast(
    ({ type, status }) => (type === "model_call" || type === "repair") && status === "success",
  );
  const proposed = override !== undefined || ended !== undefined;
  const lastReply = !proposed && typeof said?.body.output === "string" ? said.body.output : null;
  return {
    proposal: override?.output ?? ended?.body.output ?? null,
    proposed,
    lastReply,
    draft: lastReply === null ? null : (readLeniently(lastReply) ?? null),
    validation: (judged?.body.validation ?? null) as Json,
  };
}

/** The answer to a review, and the number of its first record. */
function answeredIn(records: readonly JournalRecord[], reviewId: string): { answered: Answered; seq: number } | null {
  const record = records.find(({ kind, ends, body }) => kind === "review" && ends && isAsked(body.detail, reviewId));
  if (record === undefined) return null;
  const { action, by, reason } = answerOf(record);
  const override = records.find(
    ({ kind, body }) =>
      kind === "override" && (body.detail as { review_id?: string } | undefined)?.review_id === reviewId,
  );
  const original = (override?.body.detail as { original_output?: Json } | undefined)?.original_output ?? null;
  const corrected = override?.body.output ?? record.body.output ?? null;
  const correction = action === "correct" ? { original, corrected } : null;
  const seq = Math.min(record.seq, override?.seq ?? record.seq);
  return { answered: { action, by, at: record.endedAt, reason, correction }, seq };
}

function isAsked(detail: Json | undefined, reviewId: string): boolean {
  return (detail as { reviewId?: string } | undefined)?.reviewId === reviewId;
}

/** `@review:NAME` of a tool step: the tool it called. */
function toolOf(record: JournalRecord, records: readonly JournalRecord[], workflow: Workflow): AnyTool | undefined {
  const step = record.name.replace(/^@review:/, "");
  const called = records.findLast(({ kind, name }) => kind === "tool" && name === step);
  const name = called?.body.tool;
  return Object.values(workflow.tools).find((tool) => tool.name === name);
}

export interface Answer {
  action: ReviewAnswerAction;
  by: string;
  reason: string | null;
  correctedOutput?: Json;
  outcomeHash: string | null;
  now: number;
}

/** Whether approving is possible: as it is, with a reason because it overrides a rule, or not at all. */
export type Approval = "possible" | "needs_reason" | "impossible";

export function approvalOf({ asked, proposed, rule, scratch }: Subject): Approval {
  if (scratch !== undefined) return "impossible";
  if (asked.of !== null && !proposed) return "impossible";
  return rule === null ? "possible" : "needs_reason";
}

/** What stands in the way of an answer. */
export interface AnswerRefusal {
  code: "nothing_to_approve" | "reason_required" | "invalid_correction";
  message: string;
  /** Pointers into the corrected output, or into the answer itself where there is none. */
  errors: Problem[];
}

/** What stands in the way of this answer, whoever gives it. Null when nothing does. A look ahead needs no reason yet. */
export function answerRefusal(
  subject: Subject,
  answer: Pick<Answer, "action" | "correctedOutput" | "reason">,
  use: "preview" | "decide",
): AnswerRefusal | null {
  if (answer.action === "approve") return approvalRefusal(subject, answer.reason, use);
  if (answer.action === "reject") return null;
  const errors = correctionProblems(subject, answer.correctedOutput);
  const message = errors.map((error) => `${error.pointer} ${error.message}`.trim()).join("; ");
  return errors.length === 0 ? null : { code: "invalid_correction", message, errors };
}

function approvalRefusal(subject: Subject, reason: string | null, use: "preview" | "decide"): AnswerRefusal | null {
  const approval = approvalOf(subject);
  if (approval === "impossible") {
    const message =
      subject.scratch === undefined
        ? "There is no valid output to approve; correct it or reject."
        : "There is no decision to approve: enter one as a correction, or reject.";
    return { code: "nothing_to_approve", message, errors: [{ pointer: "/action", message: "cannot be approve" }] };
  }
  if (approval === "possible" || use === "preview" || (reason ?? "").trim() !== "") return null;
  const message = `Approving overrides the rule "${subject.rule}", which does not hold: say why.`;
  const errors = [{ pointer: "/correction_reason", message: "is required to override a rule: say why" }];
  return { code: "reason_required", message, errors };
}

function correctionProblems(subject: Subject, corrected: Json | undefined): Problem[] {
  if (corrected === undefined) return [{ pointer: "", message: "a correction needs the corrected output" }];
  if (subject.scratch !== undefined) return decisionProblems(subject.scratch.decision, corrected);
  if (subject.spec !== undefined) return subject.spec.output.validate(corrected);
  if (subject.tool !== undefined) return subject.tool.result?.validate(corrected) ?? [];
  return [{ pointer: "", message: "this review is of no output that could be corrected; approve or reject" }];
}

function decisionProblems(schema: Schema | null, decision: Json): Problem[] {
  if (!isObject(decision)) return [{ pointer: "", message: "a decision is an object" }];
  return schema?.validate(decision) ?? [];
}

/** The records an answer puts into the run's journal: the override first, then the answer itself. */
export function answerRecords(
  subject: Subject,
  answer: Answer,
): { record: NewRecord; marks: { output?: readonly { pointer: string; kind: string }[] } }[] {
  const { asked, record, proposal, spec, tool, scratch } = subject;
  const base = { attempt: 1, status: "success", startedAt: record.startedAt, endedAt: answer.now } as const;
  const corrected = answer.action === "correct" ? (answer.correctedOutput as Json) : undefined;
  const detail: JsonObject = {
    reviewId: asked.reviewId,
    action: answer.action,
    by: answer.by,
    reason: answer.reason,
    outcomeHash: answer.outcomeHash,
  };
  const output = toolOutput(tool, corrected) ?? corrected ?? proposal;
  const answered: NewRecord = {
    ...base,
    kind: "review",
    type: "review",
    name: record.name,
    key: record.key,
    ends: true,
    body: { output, detail },
  };
  const marks = { output: scratch === undefined ? markedIn(spec, output) : decisionMarks(scratch.decision, output) };
  if (corrected === undefined || asked.of === null) return [{ record: answered, marks }];
  const override: NewRecord = {
    ...base,
    kind: "override",
    type: "override",
    name: asked.of,
    key: asked.ofKey ?? "",
    ends: true,
    body: {
      output: corrected,
      detail: {
        original_output: proposal,
        correction_reason: answer.reason,
        reviewer_id: answer.by,
        review_id: asked.reviewId,
      },
    },
  };
  return [
    { record: override, marks },
    { record: answered, marks },
  ];
}

/** A write's step has an outcome rather than a result. */
function toolOutput(tool: AnyTool | undefined, corrected: Json | undefined): Json | undefined {
  if (tool === undefined || corrected === undefined) return undefined;
  return tool.effect === "write" ? { status: "done", result: corrected } : corrected;
}

function markedIn(spec: PromptSpec | undefined, output: Json): readonly { pointer: string; kind: string }[] {
  return spec === undefined || output === null ? [] : spec.output.sensitive(output);
}

function decisionMarks(schema: Schema | null, output: Json): readonly { pointer: string; kind: string }[] {
  return output === null ? [] : (schema?.sensitive(output) ?? []);
}

/** Records that are not on disk, as a preview reads them. */
export function asIfRecorded(runId: string, nextSeq: number, records: readonly NewRecord[]): JournalRecord[] {
  return records.map((record, i) => ({ ...record, runId, seq: nextSeq + i, epoch: 0 }));
}
