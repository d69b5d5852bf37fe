import type { Json, JsonObject } from "../../base/json.ts";
import type { ServerApi } from "./api.ts";

/** A review as `GET /v1/reviews` lists it. */
export interface OpenReview extends JsonObject {
  review_id: string;
  run_id: string;
  workflow: string;
  step: string;
}

/** What a person answers; the body of `POST /v1/reviews/{id}/decide`. */
export interface ReviewerAnswer {
  action: "approve" | "correct" | "reject";
  corrected_output?: Json;
  correction_reason?: string;
}

/** Null leaves the review open. */
export type Reviewer = (review: OpenReview) => ReviewerAnswer | null | Promise<ReviewerAnswer | null>;

export const approves: Reviewer = () => ({ action: "approve" });

/** A dead letter of these is the work of whatever the workflow calls, and goes on once that is well again. */
const OUTSIDE = ["transient", "rate_limited", "timeout"];

/** The people around a server: one at the review queue, one who sends dead letters back to work. */
export class People {
  readonly #answer: Reviewer;

  constructor(answer: Reviewer) {
    this.#answer = answer;
  }

  /** Answers up to `limit` open reviews. What the server refuses to take (422) is rejected instead. How many were answered. */
  async answerReviews(api: ServerApi, limit = 500): Promise<number> {
    const { items } = await api.get<{ items: OpenReview[] }>(`/v1/reviews?status=open&limit=${limit}`);
    let answered = 0;
    for (const review of items) {
      const answer = await this.#answer(review);
      if (answer === null) continue;
      const path = `/v1/reviews/${review.review_id}/decide`;
      const { status } = await api.post(path, { ...answer });
      if (status === 422) await api.post(path, { action: "reject" });
      answered++;
    }
    return answered;
  }

  /** Sends up to `limit` dead letters of what was out of order outside back to work. How many there were. */
  async redrive(api: ServerApi, limit = 500): Promise<number> {
    let dead = 0;
    for (const failureClass of OUTSIDE) {
      const query = `status=dead&failure_class=${failureClass}&limit=${limit}`;
      const { items } = await api.get<{ items: JsonObject[] }>(`/v1/runs?${query}`);
      if (items.length === 0) continue;
      const reason = "What it called is well again.";
      await api.post("/v1/dead-letters/redrive", { filter: { failure_class: failureClass }, limit, reason });
      dead += items.length;
    }
    return dead;
  }
}
