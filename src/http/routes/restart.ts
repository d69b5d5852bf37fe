import { z } from "@hono/zod-openapi";
import type { RestartReport } from "../../app/restart-report.ts";
import type { Sluice } from "../../app/sluice.ts";
import type { Document } from "../documents.ts";
import type { Api } from "../operation.ts";
import { operation } from "../operation.ts";

const RESTART = z
  .strictObject({
    from: z.string().min(1).optional().describe("The step to go back to. Left out: only with `unpin`."),
    key: z.string().optional().describe("Of the step, where it was called more than once."),
    unpin: z.boolean().default(false).describe("Any code may resume a pinned run from here on."),
    dry_run: z.boolean().default(false),
    reason: z.string().trim().min(1, "say why").max(1_000),
  })
  .openapi("Restart");

const REPORT = z
  .object({
    run_id: z.string(),
    set_aside: z.array(z.string()).describe("Steps that are asked for anew."),
    kept: z
      .array(z.object({ step: z.string(), tool: z.string(), settled: z.boolean() }))
      .describe("Writes after that step. They were claimed, so they stay and are never repeated."),
    withdrawn_reviews: z.array(z.string()),
    unpinned: z.boolean(),
    dry_run: z.boolean(),
  })
  .openapi("RestartReport");

export function restartRoute(api: Api, sluice: Sluice): void {
  operation(
    api,
    "POST /v1/runs/{id}/restart",
    {
      tag: "runs",
      summary: "Send a dead or waiting run back to a step",
      description:
        "What is on record of that step and after it is set aside: it stays on record, marked, and the run asks anew. " +
        "Writes that were claimed are never repeated.",
      body: RESTART,
      answers: {
        200: { description: "What was set aside.", schema: REPORT },
        400: { description: "which_key or nothing_to_do." },
        404: { description: "unknown_run or unknown_step." },
        409: { description: "not_restartable: somebody works on it, it has ended, or its originals are gone." },
      },
    },
    async (c, { param, body, actor }) => {
      const { from, key, unpin, dry_run: dryRun, reason } = body;
      const step = { ...(from === undefined ? {} : { from }), ...(key === undefined ? {} : { key }) };
      const report = await sluice.restart(param("id"), { ...step, unpin, dryRun, reason }, actor);
      return c.json(reportDocument(param("id"), report));
    },
  );
}

function reportDocument(runId: string, report: RestartReport): Document {
  const { setAside, kept, withdrawnReviews, unpinned, dryRun } = report;
  return { run_id: runId, set_aside: setAside, kept, withdrawn_reviews: withdrawnReviews, unpinned, dry_run: dryRun };
}
