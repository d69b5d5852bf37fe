import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Curve } from "../../app/curving.ts";
import type { Sluice } from "../../app/sluice.ts";
import type { Document } from "../documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { SHARE, shareDocument } from "../preview-documents.ts";

const QUERY = z.object({
  threshold: z.string().min(1).describe("Its name."),
  source: z
    .string()
    .regex(/^(runs|eval:.+)$/, 'write "runs" or "eval:ID"')
    .default("runs")
    .describe("runs: the latest recorded runs; eval:ID: the cases of an eval run of one of its prompts."),
  runs: z.coerce.number().int().min(1).max(1_000).default(500),
});

const CURVE = z
  .object({
    workflow: z.string(),
    threshold: z.string(),
    direction: z.enum(["below", "above"]).describe("below: what is below it goes to a person."),
    present: z.number().describe("In force now."),
    source: z.string(),
    runs: z.int().describe("Runs or cases that were looked at."),
    skipped: z.int().describe("Runs that cannot be replayed; answers without a confidence."),
    people_decided: z
      .int()
      .describe("Those of which it is known what is right: a person has decided, or a case says it."),
    in_context: z.boolean().describe("Answered by a model without instructions."),
    points: z
      .array(
        z.object({
          value: z.number(),
          automation: SHARE,
          accuracy: SHARE,
        }),
      )
      .describe("Automation: needs no person. Accuracy: of those, where it is known what is right."),
  })
  .openapi("ReleaseCurve");

/** Automation against accuracy over a threshold. */
export function curveRoutes(sluice: Pick<Sluice, "thresholdCurve">): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/releases/{workflow}/curve",
    {
      tag: "releases",
      summary: "Automation against accuracy over a threshold",
      description:
        "What each value of the threshold would let through, and how right that is, with exact intervals. Over runs that a person decided, which are mostly those that were sent to one: the accuracy above the present threshold is known from samples only.",
      query: QUERY,
      answers: {
        200: { description: "By threshold.", schema: CURVE },
        409: { description: "no_direction, not_a_share, eval_of_another" },
      },
    },
    async (c, { param, query }) => {
      const source = query.source === "runs" ? "runs" : { evalId: query.source.slice("eval:".length) };
      const { threshold, runs } = query;
      return c.json(
        curveDocument(await sluice.thresholdCurve({ workflow: param("workflow"), threshold, source, runs })),
      );
    },
  );
  return api;
}

function curveDocument({ source, points, peopleDecided, inContext, ...same }: Curve): Document {
  return {
    ...same,
    people_decided: peopleDecided,
    in_context: inContext,
    source: source === "runs" ? "runs" : `eval:${source.evalId}`,
    points: points.map(({ value, automation, accuracy }) => {
      return { value, automation: shareDocument(automation), accuracy: shareDocument(accuracy) };
    }),
  };
}
