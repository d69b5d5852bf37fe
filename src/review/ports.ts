import type { Page, Paged } from "../journal/ports.ts";
import type { SealedRecord } from "../journal/record.ts";

export type ReviewStatus = "open" | "answered" | "expired" | "withdrawn";

/** A review as it stands in the queue. What it shows (event, proposal, writes) is read from the run's journal. */
export interface Review {
  reviewId: string;
  runId: string;
  workflow: string;
  step: string;
  key: string;
  of: string | null;
  why: string;
  reason: string;
  team: string | null;
  priority: number;
  status: ReviewStatus;
  createdAt: number;
  expiresAt: number | null;
  escalatedAt: number | null;
  claimedBy: string | null;
  /** A claim lapses; until then nobody else can answer. Epoch ms. */
  claimUntil: number | null;
  answeredBy: string | null;
  answeredAt: number | null;
  action: "approve" | "correct" | "reject" | null;
}

export interface ReviewFilter {
  status?: ReviewStatus;
  workflow?: string;
  team?: string;
  why?: string;
  runId?: string;
  claimedBy?: string;
}

export interface ReviewStore {
  /** By priority (high first), then age; those of status `answered` by their answer, the newest first. */
  reviews(filter: ReviewFilter, page: Page): Promise<Paged<Review>>;
  review(reviewId: string): Promise<Review | null>;
  claimReview(reviewId: string, by: string, forMs: number): Promise<ReviewOutcome>;
  /**
   * Claims the review that `by` is to look at next, in the queue's order: one they hold already, else the first open one
   * that nobody holds. Null where there is none. Of several at once, no two get the same one.
   */
  claimNextReview(request: NextReview): Promise<Review | null>;
  /** Open reviews, and those in somebody's hands; each list is counted under the filters but its own, most frequent first. */
  reviewCounts(filter: QueueFilter, by: string): Promise<ReviewCounts>;
  unclaimReview(reviewId: string, by: string): Promise<ReviewOutcome>;
  /** The answer's records, the review's end and the run's wake in one transaction. */
  answer(input: AnswerInput): Promise<ReviewOutcome>;
  /** Puts on record that `by` was shown these sensitive fields. Rejects where there is no such review. */
  noteView(reviewId: string, by: string, fields: readonly string[]): Promise<void>;
  /** Oldest first; none where there is no such review. */
  reviewViews(reviewId: string): Promise<ReviewView[]>;
}

/** A part of the queue of open reviews. */
export type QueueFilter = Pick<ReviewFilter, "workflow" | "team" | "why">;

export interface NextReview extends QueueFilter {
  by: string;
  forMs: number;
  /** Review ids that are left out. */
  skip: readonly string[];
}

export interface ReviewCounts {
  open: number;
  /** Of these: held by anybody, and held by the one who asks. */
  claimed: number;
  mine: number;
  /** Null: reviews for no team. */
  byTeam: { value: string | null; count: number }[];
  byWhy: { value: string; count: number }[];
  byWorkflow: { value: string; count: number }[];
}

/** One time somebody was shown sensitive fields of the event. */
export interface ReviewView {
  by: string;
  /** Epoch ms. */
  at: number;
  /** Paths into the event, as the review's `reveal` names them. */
  fields: string[];
}

export interface AnswerInput {
  reviewId: string;
  by: string;
  action: "approve" | "correct" | "reject";
  records: readonly SealedRecord[];
  /** The run's `nextSeq` the reviewer's preview was made on: a later record refuses the answer as stale. */
  expectedNextSeq: number;
}

export type ReviewOutcome =
  | { ok: true; review: Review }
  /** `held`: another reviewer has it. `stale`: the run went on since the preview. `ended`: run or review is over. */
  | { ok: false; why: "unknown" | "held" | "stale" | "ended"; review: Review | null };
