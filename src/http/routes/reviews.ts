import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Json } from "../../base/json.ts";
import type { Actor, ReviewAction, ReviewResult, Sluice } from "../../app/sluice.ts";
import {
  OUTCOME,
  REVIEW,
  REVIEW_ITEM,
  anyJson,
  orNull,
  outcomeDocument,
  pageDocument,
  pageOf,
  reviewDocument,
  reviewItemDocument,
} from "../documents.ts";
import type { Document } from "../documents.ts";
import { PAGE, pick, toPage } from "../filter.ts";
import { refuseUnknownNames } from "../names.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";

const LIST_QUERY = z.object({
  status: z.enum(["open", "answered", "expired", "withdrawn", "any"]).default("open"),
  workflow: z.string().min(1).optional(),
  team: z.string().min(1).optional(),
  why: z.string().min(1).optional(),
  run_id: z.string().min(1).optional(),
  claimed_by: z.string().min(1).optional(),
  ...PAGE,
});
const ACTION = {
  action: z.enum(["approve", "correct", "reject"]),
  corrected_output: anyJson.optional(),
  correction_reason: z.string().max(10_000).optional(),
};
const PREVIEW = z.strictObject(ACTION);
const DECIDE = z.strictObject({
  ...ACTION,
  outcome_hash: z.string().min(1).optional().describe("Of the preview that was looked at."),
});
const CORRECTION = z
  .object({
    workflow_run_id: z.string(),
    original_output: anyJson.nullable(),
    corrected_output: anyJson,
    correction_reason: z.string(),
    reviewer_id: z.string(),
  })
  .openapi("Correction");
const ANSWER = z
  .object({ review: REVIEW, outcome: orNull(OUTCOME), correction: CORRECTION.optional() })
  .openapi("ReviewAnswer");
const REFUSALS = {
  409: { description: "held_by_another, stale, ended or outcome_changed." },
  422: { description: "invalid_correction, with pointers; nothing_to_approve; reason_required, to override a rule." },
};

export function reviewRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/reviews",
    {
      tag: "reviews",
      summary: "List reviews: by priority, then the oldest first; answered ones from the newest answer on",
      query: LIST_QUERY,
      answers: { 200: { description: "A page.", schema: pageOf(REVIEW).openapi("ReviewPage") } },
    },
    async (c, { query }) => {
      const { run_id: runId, claimed_by: claimedBy, status } = query;
      const filter = {
        ...(status === "any" ? {} : { status }),
        ...pick(query, ["workflow", "team", "why"]),
        ...pick({ runId, claimedBy }, ["runId", "claimedBy"]),
      };
      await refuseUnknownNames(sluice, pick(query, ["workflow"]));
      return c.json(pageDocument(await sluice.listReviews(filter, toPage(query)), reviewDocument));
    },
  );
  operation(
    api,
    "GET /v1/reviews/{id}",
    {
      tag: "reviews",
      summary: "Everything a reviewer has to see",
      description: "Shows the sensitive values that the workflow reveals to reviewers; each view is put on record.",
      answers: { 200: { description: "The review.", schema: REVIEW_ITEM } },
    },
    async (c, { param, actor }) => {
      const item = await sluice.review(param("id"), actor);
      if (item === null) throw unknownReview(param("id"));
      return c.json(reviewItemDocument(item, sluice.project));
    },
  );
  claimRoutes(api, sluice);
  answerRoutes(api, sluice);
  return api;
}

function claimRoutes(api: Api, sluice: Sluice): void {
  const answers = {
    200: {
      description: "The review as it stands now.",
      schema: z.object({ review: REVIEW }).openapi("ReviewAsItStands"),
    },
    ...REFUSALS,
  };
  operation(
    api,
    "POST /v1/reviews/{id}/claim",
    { tag: "reviews", summary: "Reserve a review; the claim lapses by itself", answers },
    async (c, { param, actor }) =>
      c.json({ review: reviewDocument(settled(await sluice.claimReview(param("id"), actor)).review) }),
  );
  operation(
    api,
    "POST /v1/reviews/{id}/unclaim",
    { tag: "reviews", summary: "Give a claimed review back", answers },
    async (c, { param, actor }) =>
      c.json({ review: reviewDocument(settled(await sluice.unclaimReview(param("id"), actor)).review) }),
  );
}

function answerRoutes(api: Api, sluice: Sluice): void {
  operation(
    api,
    "POST /v1/reviews/{id}/preview",
    {
      tag: "reviews",
      summary: "What an answer would lead to: recomputed from what is on record, nothing written",
      body: PREVIEW,
      answers: { 200: { description: "The decision and the writes.", schema: ANSWER }, ...REFUSALS },
    },
    async (c, { param, body, actor }) => {
      const result = settled(await sluice.previewReview(param("id"), toAction(body, "preview"), actor));
      return c.json({
        review: reviewDocument(result.review),
        outcome: result.outcome === null ? null : outcomeDocument(result.outcome),
      });
    },
  );
  operation(
    api,
    "POST /v1/reviews/{id}/decide",
    {
      tag: "reviews",
      summary: "Approve, correct or reject",
      description: "A correction replaces the prompt step's parsed output; the run is recomputed over it and goes on.",
      body: DECIDE,
      answers: { 200: { description: "Answered; the run goes on.", schema: ANSWER }, ...REFUSALS },
    },
    async (c, { param, body, actor }) =>
      c.json(await decide(sluice, param("id"), toAction(body, "decide"), actor, body.outcome_hash)),
  );
}

async function decide(
  sluice: Sluice,
  id: string,
  action: ReviewAction,
  actor: Actor,
  hash: string | undefined,
): Promise<Document> {
  const { review, outcome, original = null } = settled(await sluice.decideReview(id, action, actor, hash));
  return {
    review: reviewDocument(review),
    outcome: outcome === null ? null : outcomeDocument(outcome),
    ...(action.action === "correct"
      ? {
          correction: {
            workflow_run_id: review.runId,
            original_output: original,
            corrected_output: action.correctedOutput,
            correction_reason: action.correctionReason,
            reviewer_id: actor.name,
          },
        }
      : {}),
  };
}

function toAction(body: z.output<typeof PREVIEW>, use: "preview" | "decide"): ReviewAction {
  const { action, corrected_output: correctedOutput, correction_reason: reason } = body;
  if (action !== "correct" && correctedOutput !== undefined)
    throw invalid("/corrected_output", `belongs to "correct", not to "${action}"`);
  if (action !== "correct") return { action, ...(reason === undefined ? {} : { correctionReason: reason }) };
  if (correctedOutput === undefined) throw invalid("/corrected_output", 'is required to "correct"');
  if (use === "decide" && (reason ?? "").trim() === "")
    throw invalid("/correction_reason", 'is required to "correct": say why');
  return { action, correctedOutput, correctionReason: reason ?? "" };
}

function invalid(pointer: string, message: string): HttpProblem {
  return new HttpProblem({
    status: 422,
    code: "invalid_body",
    detail: "The body is not what this call takes.",
    errors: [{ pointer, message }],
  });
}

const STATUS: Readonly<Record<Extract<ReviewResult, { ok: false }>["code"], number>> = {
  unknown_review: 404,
  held_by_another: 409,
  stale: 409,
  ended: 409,
  outcome_changed: 409,
  invalid_correction: 422,
  nothing_to_approve: 422,
  reason_required: 422,
};

function settled(result: ReviewResult): Extract<ReviewResult, { ok: true }> {
  if (result.ok) return result;
  throw new HttpProblem({
    status: STATUS[result.code],
    code: result.code,
    // The message of an invalid correction lists the errors, which have a place of their own here.
    detail: result.code === "invalid_correction" ? "The corrected output does not hold." : result.message,
    errors: result.errors,
    ...(result.review === null ? {} : { more: { review: reviewDocument(result.review) as Record<string, Json> } }),
  });
}

function unknownReview(id: string): HttpProblem {
  return new HttpProblem({ status: 404, code: "unknown_review", detail: `There is no review ${JSON.stringify(id)}.` });
}
