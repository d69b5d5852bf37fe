import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isoTime } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import type { RedriveReport, Sluice } from "../../app/sluice.ts";
import type { DeadGroup } from "../../journal/ports.ts";
import { DEFAULT_MIN_SAMPLE, DEFAULT_STOP_RATE, MAX_REDRIVEN } from "../../journal/redrive.ts";
import { RUN, listOf, runDocument } from "../documents.ts";
import type { Document } from "../documents.ts";
import { FAILURE_CLASSES, RUN_FILTER } from "../filter.ts";
import { RATE, REASON } from "../hold-documents.ts";
import { knownFilter } from "../names.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { REDRIVE_JOB, redriveDocument } from "../redrive-documents.ts";
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
const DEFAULT_LIMIT = 100;
const REDRIVE = z.strictObject({
  filter: z
    .strictObject({ ...DEAD_FILTER, run_id: z.string().min(1).optional() })
    .default({})
    .describe("One run, or all dead runs that match."),
  limit: z
    .int()
    .min(1)
    .max(MAX_REDRIVEN)
    .optional()
    .describe(`At most this many; ${DEFAULT_LIMIT} unless given, in the background all that match.`),
  dry_run: z.boolean().default(false),
  reason: REASON,
  release: z
    .int()
    .min(1)
    .optional()
    .describe("The release of the workflow they go by from now on; else the one they pinned."),
  canary: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe("Redrive so many first, and wait until each has ended, waits for a person or is dead again."),
  rate: RATE.optional().describe('At most so many: "10/min".'),
  stop_on_failure_rate: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      `Stop when this share of the redriven has died again; unless given none of the canary may, and later ${DEFAULT_STOP_RATE}.`,
    ),
  min_sample: z
    .int()
    .min(1)
    .default(DEFAULT_MIN_SAMPLE)
    .describe("How many have to have come to something before the share counts, after the canary."),
});
const REPORT = z
  .object({
    matched: z.int().describe("Dead runs that match, those beyond the limit included."),
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
      description:
        "A settled write is never repeated. `dry_run` counts only. With `canary`, `rate` or `stop_on_failure_rate` it goes on in the background, also over restarts: the answer is 202, and `GET /v1/redrives/{id}` says how far it is.",
      body: REDRIVE,
      answers: {
        200: { description: "What happened.", schema: REPORT },
        202: { description: "It has begun.", schema: REDRIVE_JOB },
      },
    },
    async (c, { body, actor }) => {
      const { run_id: runId, ...given } = body.filter;
      const known = await knownFilter(sluice, given, clock);
      const filter = { ...known, ...(runId === undefined ? {} : { runId }) };
      const { reason, limit, dry_run: dryRun, release = null } = body;
      const { canary = 0, rate: perMinute = null, stop_on_failure_rate: stopRate = null, min_sample: minSample } = body;
      const background = canary > 0 || perMinute !== null || stopRate !== null;
      if (dryRun || !background) {
        const request = {
          filter,
          limit: limit ?? DEFAULT_LIMIT,
          dryRun,
          reason,
          ...(release === null ? {} : { release }),
        };
        return c.json(reportDocument(await sluice.redrive(request, actor)));
      }
      const plan = { canary, perMinute, stopRate, minSample, release };
      const request = { filter, reason, plan, ...(limit === undefined ? {} : { limit }) };
      return c.json(redriveDocument(await sluice.startRedrive(request, actor)), 202);
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
