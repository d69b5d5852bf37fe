import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sluice } from "../../app/sluice.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const VERDICT = z
  .object({ ok: z.boolean(), runs: z.int(), records: z.int(), problems: z.array(z.string()) })
  .openapi("AuditVerdict");

export function auditRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/audit/verify",
    {
      tag: "audit",
      summary: "Recompute every chain of records",
      description: "Finds a changed or missing record. Reads the whole journal.",
      answers: { 200: { description: "What was found; `ok` says whether all of it holds.", schema: VERDICT } },
    },
    async (c) => c.json(await sluice.auditVerify()),
  );
  return api;
}
