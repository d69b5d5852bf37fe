import type { Json, JsonObject, Problem } from "../base/json.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { History } from "./history.ts";
import type { ReviewAnswerAction } from "./history.ts";
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
  /** What the model said last where it gave no valid output. */
  lastReply: string | null;
  validation: Json | null;
  /** The prompt whose output may be corrected, in the version that made it; undefined where the review is of none. */
  spec: PromptSpec | undefined;
  /** The tool whose result may be entered, where a tool step failed. */
  tool: AnyTool | undefined;
}

/** Finds what review `reviewId` is about. Null where the run's journal does not hold it. */
export function subjectOf(
  records: readonly JournalRecord[],
  reviewId: string,
  context: { workflow: Workflow; prompts: PromptSet; pins: Pins | null },
): Subject | null {
  const record = records.findLast(
    ({ kind, ends, body }) => kind === "review" && !ends && isAsked(body.detail, reviewId),
  );
  if (record === undefined) return null;
  const asked = record.body.detail as unknown as Asked;
  const of = asked.of;
  const step = of === null ? undefined : new History(records).step(of, asked.ofKey ?? "");
  const override = of === null ? undefined : new History(records).override(of, asked.ofKey ?? "");
  const ended = step?.records.findLast(({ ends, status }) => ends && status === "success");
  const judged = step?.records.findLast(({ type }) => type === "validation");
  const said = step?.records.findLast(
    ({ type, status }) => (type === "model_call" || type === "repair") && status === "success",
  );
  const pin = of === null ? undefined : context.pins?.prompts[of];
  return {
    asked,
    record,
    proposal: override?.output ?? ended?.body.output ?? null,
    lastReply: ended === undefined && typeof said?.body.output === "string" ? said.body.output : null,
    validation: (judged?.body.validation ?? null) as Json,
    spec: pin === undefined ? undefined : context.prompts.find(pin.prompt, pin.version),
    tool: of === null ? toolOf(record, records, context.workflow) : undefined,
  };
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

/** What stands in the way of this answer, whoever gives it. Empty when nothing does. */
export function answerProblems(subject: Subject, answer: Pick<Answer, "action" | "correctedOutput">): Problem[] {
  if (answer.action === "approve" && subject.asked.of !== null && subject.proposal === null)
    return [{ pointer: "", message: "there is no valid output to approve; correct it or reject" }];
  if (answer.action !== "correct") return [];
  if (answer.correctedOutput === undefined)
    return [{ pointer: "", message: "a correction needs the corrected output" }];
  if (subject.spec !== undefined) return subject.spec.output.validate(answer.correctedOutput);
  if (subject.tool !== undefined) return subject.tool.result?.validate(answer.correctedOutput) ?? [];
  return [{ pointer: "", message: "this review is of no output that could be corrected; approve or reject" }];
}

/** The records an answer puts into the run's journal: the override first, then the answer itself. */
export function answerRecords(
  subject: Subject,
  answer: Answer,
): { record: NewRecord; marks: { output?: readonly { pointer: string; kind: string }[] } }[] {
  const { asked, record, proposal, spec, tool } = subject;
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
  const marks = { output: markedIn(spec, output) };
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

/** Records that are not on disk, as a preview reads them. */
export function asIfRecorded(runId: string, nextSeq: number, records: readonly NewRecord[]): JournalRecord[] {
  return records.map((record, i) => ({ ...record, runId, seq: nextSeq + i, epoch: 0 }));
}
