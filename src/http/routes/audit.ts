import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sluice } from "../../app/sluice.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const VERDICT = z
  .object({
    ok: z.boolean(),
    runs: z.int(),
    records: z.int(),
    tombstones: z.int().describe("Records whose values retention took, with the proof of it."),
    keyless: z.int().describe("Runs whose originals are gone."),
    problems: z.array(z.string()),
  })
  .openapi("AuditVerdict");

const HEAD = z
  .object({
    head: z
      .object({
        index: z.int().describe("Place in the chain, from 1."),
        run_id: z.string(),
        last_seq: z.int().describe("The run's last record that the link covers."),
        link: z.string().describe("Hex."),
      })
      .nullable(),
  })
  .openapi("AuditHead");

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
  operation(
    api,
    "GET /v1/audit/head",
    {
      tag: "audit",
      summary: "The newest link of the audit chain",
      description:
        "Runs are chained when they end. Keep the link outside of this machine: while the chain goes through it, nothing before it was changed.",
      answers: { 200: { description: "The link; `head` is null before the first.", schema: HEAD } },
    },
    async (c) => {
      const head = await sluice.auditHead();
      if (head === null) return c.json({ head });
      const { index, runId, lastSeq, link } = head;
      return c.json({ head: { index, run_id: runId, last_seq: lastSeq, link: Buffer.from(link).toString("hex") } });
    },
  );
  return api;
}
