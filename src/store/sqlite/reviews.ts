import type { NewReview, Page, Paged, ReviewChange } from "../../journal/ports.ts";
import { TERMINAL } from "../../journal/run.ts";
import { transition } from "../../journal/transition.ts";
import type { AnswerInput, Review, ReviewFilter, ReviewOutcome, ReviewView } from "../../review/ports.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";
import { appendRecords } from "./records.ts";
import { runByNo, toState, writeStep } from "./run-row.ts";

const COLUMNS =
  "review_id AS reviewId, run_id AS runId, workflow, step, key, of, why, reason, team, priority, status," +
  " created_at AS createdAt, expires_at AS expiresAt, escalated_at AS escalatedAt, claimed_by AS claimedBy," +
  " claim_until AS claimUntil, answered_by AS answeredBy, answered_at AS answeredAt, action, review_no, run_no";

export type ReviewRow = Review & { review_no: number; run_no: number };

export function openReviews(db: Database, runNo: number, runId: string, reviews: readonly NewReview[]): void {
  for (const review of reviews)
    db.insert(
      "INSERT INTO reviews (review_id, run_no, run_id, workflow, step, key, of, why, reason, team, priority, status, created_at, expires_at)" +
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)",
      review.reviewId,
      runNo,
      runId,
      review.workflow,
      review.step,
      review.key,
      review.of,
      review.why,
      review.reason,
      review.team,
      review.priority,
      review.createdAt,
      review.expiresAt,
    );
}

/** Whether every review to be changed still waits: an answer that came first must not be overwritten by its expiry. */
export function reviewsAreOpen(db: Database, runNo: number, changes: readonly ReviewChange[]): boolean {
  return changes.every(({ reviewId, to }) => {
    const row = db.get("SELECT status FROM reviews WHERE review_id = ? AND run_no = ?", reviewId, runNo);
    // Of older versions a review may have expired and its run not stopped.
    return row?.["status"] === "open" || (to === "expired" && row?.["status"] === "expired");
  });
}

export function changeReviews(db: Database, runNo: number, changes: readonly ReviewChange[], now: number): void {
  for (const change of changes) {
    if (change.to === "escalated")
      db.change(
        "UPDATE reviews SET escalated_at = ?, expires_at = ? WHERE review_id = ? AND run_no = ?",
        now,
        change.expiresAt,
        change.reviewId,
        runNo,
      );
    else
      db.change("UPDATE reviews SET status = ? WHERE review_id = ? AND run_no = ?", change.to, change.reviewId, runNo);
  }
}

/** A run that has ended asks nobody any more. */
export function withdrawReviews(db: Database, runNo: number): void {
  db.change("UPDATE reviews SET status = 'withdrawn' WHERE run_no = ? AND status = 'open'", runNo);
}

/** The review's row; null where there is none. */
export function findReview(db: Database, reviewId: string): ReviewRow | null {
  return (db.get(`SELECT ${COLUMNS} FROM reviews WHERE review_id = ?`, reviewId) as ReviewRow | undefined) ?? null;
}

export function toReview(row: ReviewRow): Review {
  const { review_no: _reviewNo, run_no: _runNo, ...review } = row;
  return review;
}

function refuse(why: "unknown" | "held" | "stale" | "ended", row: ReviewRow | null): ReviewOutcome {
  return { ok: false, why, review: row === null ? null : toReview(row) };
}

function done(db: Database, reviewId: string): ReviewOutcome {
  return { ok: true, review: toReview(findReview(db, reviewId) as ReviewRow) };
}

function heldByAnother(row: ReviewRow, by: string, now: number): boolean {
  return row.claimedBy !== null && row.claimedBy !== by && row.claimUntil !== null && row.claimUntil > now;
}

export const claimReview: Operation<ClaimInput, ClaimInput, ReviewOutcome> = plain("claimReview", (db, input, now) => {
  const row = findReview(db, input.reviewId);
  if (row === null) return refuse("unknown", null);
  if (row.status !== "open") return refuse("ended", row);
  if (heldByAnother(row, input.by, now)) return refuse("held", row);
  db.change(
    "UPDATE reviews SET claimed_by = ?, claim_until = ? WHERE review_no = ?",
    input.by,
    now + input.forMs,
    row.review_no,
  );
  return done(db, input.reviewId);
});

interface ClaimInput {
  reviewId: string;
  by: string;
  forMs: number;
}

export const unclaimReview: Operation<UnclaimInput, UnclaimInput, ReviewOutcome> = plain(
  "unclaimReview",
  (db, { reviewId, by }, now) => {
    const row = findReview(db, reviewId);
    if (row === null) return refuse("unknown", null);
    if (row.status !== "open") return refuse("ended", row);
    if (heldByAnother(row, by, now)) return refuse("held", row);
    db.change("UPDATE reviews SET claimed_by = NULL, claim_until = NULL WHERE review_no = ?", row.review_no);
    return done(db, reviewId);
  },
);

interface UnclaimInput {
  reviewId: string;
  by: string;
}

export const answer: Operation<AnswerInput, AnswerInput, ReviewOutcome> = plain("answer", (db, input, now) => {
  const row = findReview(db, input.reviewId);
  if (row === null) return refuse("unknown", null);
  if (row.status !== "open") return refuse("ended", row);
  if (heldByAnother(row, input.by, now)) return refuse("held", row);
  const run = runByNo(db, row.run_no);
  if (run === undefined) return refuse("ended", row);
  const state = toState(run);
  if (TERMINAL.includes(state.status)) return refuse("ended", row);
  if (state.nextSeq !== input.expectedNextSeq) return refuse("stale", row);

  const before = { nextSeq: state.nextSeq, chain: run["chain"] as Uint8Array };
  const head = appendRecords(db, row.run_no, before, state.epoch, input.records);
  // A run that has not parked yet finds the answer when it does: the later record sends it back to the queue.
  const woken = transition(state, { do: "wake" }, now);
  const next = { ...(woken.ok ? woken.state : state), nextSeq: head.nextSeq };
  writeStep(db, { row: run, state: next, chain: head.chain, now });
  db.change(
    "UPDATE reviews SET status = 'answered', answered_by = ?, answered_at = ?, action = ? WHERE review_no = ?",
    input.by,
    now,
    input.action,
    row.review_no,
  );
  return done(db, input.reviewId);
});

export const review: Operation<string, string, Review | null> = plain("review", (db, reviewId) => {
  const row = findReview(db, reviewId);
  return row === null ? null : toReview(row);
});

interface ViewInput {
  reviewId: string;
  by: string;
  fields: readonly string[];
}

export const noteView: Operation<ViewInput, ViewInput, null> = plain(
  "noteView",
  (db, { reviewId, by, fields }, now) => {
    const row = findReview(db, reviewId);
    if (row === null) throw new Error(`There is no review ${reviewId} to note a view of.`);
    db.insert(
      "INSERT INTO review_views (review_no, seen_by, seen_at, fields) VALUES (?, ?, ?, ?)",
      row.review_no,
      by,
      now,
      JSON.stringify(fields),
    );
    return null;
  },
);

export const reviewViews: Operation<string, string, ReviewView[]> = plain("reviewViews", (db, reviewId) =>
  db
    .all<{ by: string; at: number; fields: string }>(
      "SELECT seen_by AS by, seen_at AS at, fields FROM review_views" +
        " WHERE review_no = (SELECT review_no FROM reviews WHERE review_id = ?) ORDER BY view_no",
      reviewId,
    )
    .map(({ by, at, fields }) => ({ by, at, fields: JSON.parse(fields) as string[] })),
);

interface ReviewsInput {
  filter: ReviewFilter;
  page: Page;
}

export const reviews: Operation<ReviewsInput, ReviewsInput, Paged<Review>> = plain(
  "reviews",
  (db, { filter, page }) => {
    const conditions = ["1 = 1"];
    const values: (string | number)[] = [];
    const add = (sql: string, ...more: (string | number)[]): void => {
      conditions.push(sql);
      values.push(...more);
    };
    if (filter.status !== undefined) add("status = ?", filter.status);
    if (filter.workflow !== undefined) add("workflow = ?", filter.workflow);
    if (filter.team !== undefined) add("team = ?", filter.team);
    if (filter.why !== undefined) add("why = ?", filter.why);
    if (filter.runId !== undefined) add("run_no = (SELECT run_no FROM runs WHERE run_id = ?)", filter.runId);
    if (filter.claimedBy !== undefined) add("claimed_by = ?", filter.claimedBy);
    const order = filter.status === "answered" ? NEWEST_ANSWER : AS_QUEUED;
    if (page.cursor !== undefined) {
      const place = decodeCursor(page.cursor, order.length);
      add(order.after, ...(order.length === 3 ? [place[0] as number, ...place] : place));
    }
    const rows = db.all<ReviewRow>(
      `SELECT ${COLUMNS} FROM reviews WHERE ${conditions.join(" AND ")} ORDER BY ${order.sql} LIMIT ?`,
      ...values,
      page.limit + 1,
    );
    const items = rows.slice(0, page.limit);
    const last = items.at(-1);
    const more = rows.length > page.limit && last !== undefined;
    return { items: items.map(toReview), next: more ? encodeCursor(order.place(last)) : null };
  },
);

interface Order {
  sql: string;
  /** Whether a row comes after a place in this order. */
  after: string;
  /** Numbers that make up a place. */
  length: 2 | 3;
  place(row: ReviewRow): number[];
}

/** High priority first, then the oldest. */
const AS_QUEUED: Order = {
  sql: "priority DESC, created_at, review_no",
  after: "(priority < ? OR (priority = ? AND (created_at, review_no) > (?, ?)))",
  length: 3,
  place: ({ priority, createdAt, review_no: no }) => [priority, createdAt, no],
};

/** What was answered last comes first. */
const NEWEST_ANSWER: Order = {
  sql: "answered_at DESC, review_no DESC",
  after: "(answered_at, review_no) < (?, ?)",
  length: 2,
  place: ({ answeredAt, review_no: no }) => [answeredAt ?? 0, no],
};
