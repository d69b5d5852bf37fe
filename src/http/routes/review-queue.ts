import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { ReviewCounts } from "../../review/ports.ts";
import type { Sluice } from "../../app/sluice.ts";
import { REVIEW, reviewDocument } from "../documents.ts";
import type { Document } from "../documents.ts";
import { pick } from "../filter.ts";
import { refuseUnknownNames } from "../names.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const word = z.string().min(1);
const QUEUE = { workflow: word.optional(), team: word.optional(), why: word.optional() };
const COUNTS_QUERY = z.object(QUEUE);
const NEXT = z.strictObject({
  ...QUEUE,
  skip: z.array(word).max(1_000).default([]).describe("Review ids that are left out."),
});
const values = z.array(z.object({ value: z.string(), count: z.int() }));
const COUNTS = z
  .object({
    open: z.int(),
    claimed: z.int().describe("Of the open ones, held by anybody."),
    mine: z.int().describe("Of the open ones, held by you."),
    by_team: z.array(z.object({ value: z.string().nullable().describe("Null: for no team."), count: z.int() })),
    by_why: values,
    by_workflow: values,
  })
  .openapi("ReviewCounts");
const CLAIMED = z.object({ review: REVIEW }).openapi("NextReview");

/** The queue as a whole: how much waits, and what is next. */
export function reviewQueueRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/reviews/counts",
    {
      tag: "reviews",
      summary: "Count the open reviews",
      description: "Each list is counted under the filters but its own, most frequent first.",
      query: COUNTS_QUERY,
      answers: { 200: { description: "Counts.", schema: COUNTS } },
    },
    async (c, { query, actor }) => {
      await refuseUnknownNames(sluice, pick(query, ["workflow"]));
      return c.json(countsDocument(await sluice.countReviews(pick(query, ["workflow", "team", "why"]), actor)));
    },
  );
  operation(
    api,
    "POST /v1/reviews/next",
    {
      tag: "reviews",
      summary: "Claim the review to look at next",
      description: "One that you hold already comes first, then the first one in the queue's order that nobody holds.",
      body: NEXT,
      answers: {
        200: { description: "The review, claimed.", schema: CLAIMED },
        204: { description: "None is left." },
      },
    },
    async (c, { body, actor }) => {
      await refuseUnknownNames(sluice, pick(body, ["workflow"]));
      const review = await sluice.nextReview({ ...pick(body, ["workflow", "team", "why"]), skip: body.skip }, actor);
      return review === null ? c.body(null, 204) : c.json({ review: reviewDocument(review) });
    },
  );
  return api;
}

function countsDocument({ open, claimed, mine, byTeam, byWhy, byWorkflow }: ReviewCounts): Document {
  return { open, claimed, mine, by_team: byTeam, by_why: byWhy, by_workflow: byWorkflow };
}
