import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sluice } from "../../app/sluice.ts";
import { CANDIDATE_ANSWER, CANDIDATE_TOTALS, answerDocument, totalsDocument } from "../candidate-documents.ts";
import { listOf, pageDocument, pageOf } from "../documents.ts";
import { PAGE, pick, toPage } from "../filter.ts";
import { operation } from "../operation.ts";
import type { Api, ApiEnv } from "../operation.ts";

/** What shadow candidates have answered beside the runs. */
export function candidateRoutes({ candidates }: Pick<Sluice, "candidates">): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/releases/{workflow}/candidates",
    {
      tag: "releases",
      summary: "How shadow candidates do beside the versions that serve",
      description: "One entry for each slot, version and model that was ever asked, the latest of a slot first.",
      answers: { 200: { description: "Totals.", schema: listOf(CANDIDATE_TOTALS).openapi("Candidates") } },
    },
    async (c, { param }) => c.json({ items: (await candidates.totals(param("workflow"))).map(totalsDocument) }),
  );
  operation(
    api,
    "GET /v1/releases/{workflow}/candidates/answers",
    {
      tag: "releases",
      summary: "What shadow candidates answered, run by run",
      query: z.object({
        ...PAGE,
        slot: z.string().optional(),
        version: z.string().optional(),
        differing: z.enum(["true", "false"]).optional().describe("`true`: only where it decides something else."),
      }),
      answers: { 200: { description: "Newest first.", schema: pageOf(CANDIDATE_ANSWER).openapi("CandidateAnswers") } },
    },
    async (c, { param, query }) => {
      const filter = { workflow: param("workflow"), ...pick(query, ["slot", "version"]) };
      const differing = query.differing === "true" ? { differing: true } : {};
      return c.json(pageDocument(await candidates.answers({ ...filter, ...differing }, toPage(query)), answerDocument));
    },
  );
  return api;
}
