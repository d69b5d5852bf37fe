import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isoTime } from "../../base/clock.ts";
import type { Sluice } from "../../app/sluice.ts";
import { anyJson } from "../documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { TRACE_STEP } from "../trace-documents.ts";

const REVEAL = z.strictObject({ reason: z.string().trim().min(1, "say why").max(1_000) });
const REVEALED = z
  .object({ trace: z.array(TRACE_STEP), event: anyJson, decision: anyJson.nullable() })
  .openapi("RevealedRun");
const VIEWS = z
  .object({ items: z.array(z.object({ by: z.string(), at: z.iso.datetime(), reason: z.string() })) })
  .openapi("RunViews");

/** A run's originals, and who was shown them. */
export function runViewRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "POST /v1/runs/{id}/reveal",
    {
      tag: "runs",
      summary: "A run with its originals",
      description: "Who asked, when and why is on record before anything is shown; where that fails, nothing is shown.",
      body: REVEAL,
      answers: {
        200: { description: "Trace, event and decision, nothing redacted.", schema: REVEALED },
        409: { description: "key_destroyed: the originals are gone, by retention or erasure." },
      },
    },
    async (_c, { param, body, actor }) => {
      const revealed = await sluice.reveal(param("id"), actor, body.reason);
      if (!revealed.ok) {
        const { code, message: detail } = revealed;
        throw new HttpProblem({ status: code === "unknown_run" ? 404 : 409, code, detail });
      }
      const { trace, event, decision } = revealed;
      return Response.json({ trace, event, decision });
    },
  );
  operation(
    api,
    "GET /v1/runs/{id}/views",
    {
      tag: "runs",
      summary: "Who was shown the originals of a run, when and why",
      answers: { 200: { description: "Oldest first.", schema: VIEWS } },
    },
    async (c, { param }) => {
      const id = param("id");
      if ((await sluice.run(id)) === null)
        throw new HttpProblem({ status: 404, code: "unknown_run", detail: `There is no run ${JSON.stringify(id)}.` });
      const views = await sluice.runViews(id);
      return c.json({ items: views.map(({ by, at, reason }) => ({ by, at: isoTime(at), reason })) });
    },
  );
  return api;
}
