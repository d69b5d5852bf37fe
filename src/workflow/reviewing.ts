import { newId } from "../base/id.ts";
import { parseDuration } from "../base/duration.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { ReviewChange } from "../journal/ports.ts";
import type { JournalRecord } from "../journal/record.ts";
import type { NewRecord } from "../journal/run-journal.ts";
import type { Entry, Frame } from "./frame.ts";
import { answerOf } from "./history.ts";
import type { ReviewAnswer } from "./history.ts";

/** What a reviewer is asked. */
export interface ReviewSubject {
  name: string;
  key: string;
  /** The prompt step whose output is in question. */
  of: string | null;
  ofKey?: string;
  /** Code: a failure class, `low_confidence`, `stage`, `writes`, … */
  why: string;
  reason: string;
  team?: string | undefined;
  priority?: number | undefined;
  expiresIn?: string | undefined;
  reveal?: readonly string[] | undefined;
  detail?: JsonObject;
}

/** What is on record of a review: open, answered, or neither. */
export interface ReviewState {
  open: boolean;
  answer: (ReviewAnswer & { output: Json; seq: number }) | null;
  /** Waits for the open review; escalates it at its first expiry and ends the run at its second. */
  park(): Promise<never>;
}

interface Asked {
  reviewId: string;
  expiresAt: number | null;
  expiresInMs: number | null;
  escalated: boolean;
}

/** How often a reviewer of a failed step is looked for; the run waits without a process. */
const NEVER = null;

export function reviewState(frame: Frame, name: string, key: string): ReviewState {
  const records = frame.history.step(name, key)?.records ?? [];
  const asked = records.findLast((record) => !record.ends);
  const answered = records.findLast((record) => record.ends);
  // The end of a run withdraws what was asked: after a redrive it is asked anew.
  const stands = asked !== undefined && asked.seq > frame.history.redriveSeq;
  const open = stands && (answered === undefined || answered.seq < asked.seq);
  return {
    open,
    answer:
      answered === undefined || open
        ? null
        : { ...answerOf(answered), output: answered.body.output ?? null, seq: answered.seq },
    park: () => parkFor(frame, asked as JournalRecord),
  };
}

/** Puts the question on record, with `before`, in one commit; gives the wait that follows. */
export async function openReview(
  frame: Frame,
  subject: ReviewSubject,
  before: readonly Entry[] = [],
): Promise<() => Promise<never>> {
  const reviewId = newId("rev");
  const createdAt = frame.now();
  const expiresInMs = subject.expiresIn === undefined ? null : parseDuration(subject.expiresIn);
  const expiresAt = expiresInMs === null ? NEVER : createdAt + expiresInMs;
  const { of, ofKey = "", why, reason, reveal = [], detail = {} } = subject;
  const asked: JsonObject = {
    ...detail,
    reviewId,
    expiresAt,
    expiresInMs,
    escalated: false,
    of,
    ofKey,
    why,
    reason,
    reveal: [...new Set([...frame.workflow.reveal, ...reveal])],
  };
  const { team = null, priority = frame.run.priority } = subject;
  const review = {
    reviewId,
    workflow: frame.workflow.name,
    step: subject.name,
    key: subject.key,
    of,
    why,
    // The queue is plain text on disk, and a reason may quote what was said.
    reason: frame.journal.redactText(reason),
    team,
    priority,
    createdAt,
    expiresAt,
  };
  await frame.commit([...before, { record: waiting(frame, subject.name, subject.key, asked) }], { reviews: [review] });
  await frame.engine.probe("review_opened");
  return () => frame.underway.park("review", expiresAt);
}

function waiting(frame: Frame, name: string, key: string, detail: Json): NewRecord {
  const now = frame.now();
  const body = { detail, release: frame.pins.release, stage: frame.stage };
  return {
    kind: "review",
    type: "review",
    name,
    key,
    attempt: 1,
    status: "waiting",
    ends: false,
    startedAt: now,
    endedAt: now,
    body,
  };
}

async function parkFor(frame: Frame, record: JournalRecord): Promise<never> {
  const asked = record.body.detail as unknown as Asked;
  if (asked.expiresAt === null || asked.expiresAt > frame.now())
    return await frame.underway.park("review", asked.expiresAt);
  if (asked.escalated) return await expire(frame, record, asked);
  const expiresAt = frame.now() + (asked.expiresInMs ?? 0);
  const detail = { ...(record.body.detail as JsonObject), escalated: true, expiresAt };
  const change: ReviewChange = { reviewId: asked.reviewId, to: "escalated", expiresAt };
  await frame.underway.execute(false, () =>
    frame.commit([{ record: waiting(frame, record.name, record.key, detail) }], { reviewChanges: [change] }),
  );
  return await frame.underway.park("review", expiresAt);
}

async function expire(frame: Frame, record: JournalRecord, asked: Asked): Promise<never> {
  await frame.underway.abortSiblings();
  frame.finish({
    end: "stopped",
    disposition: "stopped",
    failure: {
      class: "timeout",
      code: "review_expired",
      message: "Nobody answered the review in time, twice.",
      step: record.name,
    },
    records: [],
    // In the commit that stops the run: in one of its own, a death of the process between them would leave it waiting for nobody.
    expired: { reviewId: asked.reviewId, to: "expired" },
  });
  return await new Promise(() => {});
}
