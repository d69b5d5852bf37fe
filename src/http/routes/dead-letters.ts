import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isoTime } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import type { DeadGroup, RedriveReport, Sluice } from "../../app/sluice.ts";
import { RUN, listOf, runDocument } from "../documents.ts";
import type { Document } from "../documents.ts";
import { FAILURE_CLASSES, RUN_FILTER } from "../filter.ts";
import { knownFilter } from "../names.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { TRACE_STEP } from "../trace-documents.ts";

const { status: _status, disposition: _disposition, ...DEAD_FILTER } = RUN_FILTER;
const QUERY = z.object(DEAD_FILTER);
const GROUP = z
  .object({
    fingerprint: z.string(),
    workflow: z.string(),
    step: z.string().nullable(),
    class: z.enum(FAILURE_CLASSES),
    code: z.string(),
    message: z.string(),
    count: z.int(),
    example_run_id: z.string(),
    first_at: z.iso.datetime(),
    last_at: z.iso.datetime(),
  })
  .openapi("DeadLetterGroup");
const GROUPS = listOf(GROUP).openapi("DeadLetterGroups");
const LETTER = z.object({ run: RUN, failed_steps: z.array(TRACE_STEP) }).openapi("DeadLetter");
const REDRIVE = z.strictObject({
  filter: z
    .strictObject({ ...DEAD_FILTER, run_id: z.string().min(1).optional() })
    .default({})
    .describe("One run, or all dead runs that match."),
  limit: z.int().min(1).max(10_000).default(100),
  dry_run: z.boolean().default(false),
  reason: z.string().trim().min(1, "say why").max(1_000),
});
const REPORT = z
  .object({
    matched: z.int(),
    redriven: z.array(z.string()),
    refused: z.array(z.object({ run_id: z.string(), why: z.string() })),
    dry_run: z.boolean(),
  })
  .openapi("RedriveReport");

export function deadLetterRoutes(sluice: Sluice, clock: Clock): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/dead-letters",
    {
      tag: "dead letters",
      summary: "Dead runs in groups that died alike",
      query: QUERY,
      answers: { 200: { description: "The groups.", schema: GROUPS } },
    },
    async (c, { query }) => {
      const groups = await sluice.deadGroups(await knownFilter(sluice, query, clock));
      return c.json({ items: groups.map(groupDocument) });
    },
  );
  operation(
    api,
    "GET /v1/dead-letters/{run_id}",
    {
      tag: "dead letters",
      summary: "A dead run and the steps that failed",
      answers: {
        200: { description: "The run.", schema: LETTER },
      },
    },
    async (_c, { param }) => {
      const run = await sluice.run(param("run_id"));
      if (run?.status !== "dead")
        throw new HttpProblem({
          status: 404,
          code: "unknown_dead_letter",
          detail: `There is no dead run ${JSON.stringify(param("run_id"))}.`,
        });
      const failed = (await sluice.trace(run.runId))?.filter(({ status }) => status === "error") ?? [];
      return Response.json({ run: runDocument(run, sluice.project), failed_steps: failed });
    },
  );
  redriveRoute(api, sluice, clock);
  return api;
}

function redriveRoute(api: Api, sluice: Sluice, clock: Clock): void {
  operation(
    api,
    "POST /v1/dead-letters/redrive",
    {
      tag: "dead letters",
      summary: "Resume dead runs from the step that failed",
      description: "A settled write is never repeated. `dry_run` counts only.",
      body: REDRIVE,
      answers: { 200: { description: "What happened.", schema: REPORT } },
    },
    async (c, { body, actor }) => {
      const { run_id: runId, ...given } = body.filter;
      const filter = await knownFilter(sluice, given, clock);
      const request = {
        filter: { ...filter, ...(runId === undefined ? {} : { runId }) },
        limit: body.limit,
        dryRun: body.dry_run,
        reason: body.reason,
      };
      return c.json(reportDocument(await sluice.redrive(request, actor)));
    },
  );
}

function groupDocument(group: DeadGroup): Document {
  const { example, firstAt, lastAt, ...same } = group;
  return { ...same, example_run_id: example, first_at: isoTime(firstAt), last_at: isoTime(lastAt) };
}

function reportDocument({ matched, redriven, refused, dryRun }: RedriveReport): Document {
  return { matched, redriven, refused: refused.map(({ runId, why }) => ({ run_id: runId, why })), dry_run: dryRun };
}
