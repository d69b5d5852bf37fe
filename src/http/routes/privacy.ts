import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isoTime } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import type { EraseReport, Sluice } from "../../app/sluice.ts";
import { anyJson } from "../documents.ts";
import type { Document } from "../documents.ts";
import { RUN_FILTER } from "../filter.ts";
import { knownFilter } from "../names.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";

const ERASE = z.strictObject({
  run_id: z.string().min(1).optional(),
  event_id: z.string().min(1).optional(),
  filter: z
    .strictObject(RUN_FILTER)
    .refine((filter) => Object.keys(filter).length > 0, "name at least one member: everything is never meant")
    .optional(),
  cancel: z.boolean().default(false).describe("Cancel runs that have not ended, so that they can be erased."),
  dry_run: z.boolean().default(false),
  reason: z.string().trim().min(1, "say why").max(1_000).describe("Stays on record: name nobody in it."),
});
const COUNT = z.int().min(0);
const REPORT = z
  .object({
    dry_run: z.boolean(),
    matched: COUNT,
    unfinished: COUNT.describe("Runs that had not ended."),
    erased: COUNT,
    cancelled: COUNT,
    erased_before: COUNT.describe("Runs whose originals were gone already."),
    quarantined: COUNT.describe("Bodies of refused events."),
    kept_events: COUNT.describe("Events that were kept for runs that wait."),
    refused: z.array(z.object({ run_id: z.string(), why: z.string() })),
    swept: z.boolean().describe("The files hold nothing of it any more; false: within a minute or so they do not."),
    not_covered: z.array(z.string()).describe("What erasure cannot reach."),
  })
  .openapi("EraseReport");
const ERASURES = z
  .object({
    items: z.array(
      z.object({ at: z.iso.datetime(), by: z.string(), reason: z.string(), asked: anyJson, done: anyJson }),
    ),
  })
  .openapi("Erasures");

const NOT_COVERED: readonly string[] = [
  "Backups that were made before hold the run and its wrapped key: delete them, or let them expire.",
  "What tools and models were sent is with them.",
  "Redacted values stay as evidence until retention takes them (retainRecords).",
];

export function privacyRoutes(sluice: Sluice, clock: Clock): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "POST /v1/privacy/erase",
    {
      tag: "privacy",
      summary: "Destroy the originals of runs at once",
      description:
        "Destroys the keys of the runs named by one of run_id, event_id and filter; of an event also what quarantine and waits keep of it. Runs that have not ended refuse the request unless cancel is set.",
      body: ERASE,
      answers: {
        200: { description: "What was done.", schema: REPORT },
        404: { description: "unknown_run, unknown_event." },
        409: { description: "unfinished_runs: nothing was erased." },
      },
    },
    async (c, { body, actor }) => {
      const { run_id: runId, event_id: eventId, filter, cancel, dry_run: dryRun, reason } = body;
      if ([runId, eventId, filter].filter((each) => each !== undefined).length !== 1)
        throw problem(422, "invalid_body", "Name exactly one of run_id, event_id and filter.");
      const which = {
        ...(runId === undefined ? {} : { runId }),
        ...(eventId === undefined ? {} : { eventId }),
        ...(filter === undefined ? {} : { filter: await knownFilter(sluice, filter, clock) }),
      };
      const report = await sluice.erase({ ...which, cancel, dryRun, reason }, actor);
      refuseNothing(report, runId, eventId);
      if (!dryRun && !cancel && report.unfinished > 0) throw unfinished(report);
      return c.json(reportDocument(report));
    },
  );
  operation(
    api,
    "GET /v1/privacy/erasures",
    {
      tag: "privacy",
      summary: "What was erased, when, by whom and why",
      answers: { 200: { description: "The newest 200, newest first.", schema: ERASURES } },
    },
    async () => {
      const items = await sluice.erasures(200);
      const documents = items.map(({ at, asked, done, ...same }) => ({
        ...same,
        at: isoTime(at),
        asked: JSON.parse(asked) as unknown,
        done: JSON.parse(done) as unknown,
      }));
      return Response.json({ items: documents });
    },
  );
  return api;
}

function refuseNothing(report: EraseReport, runId: string | undefined, eventId: string | undefined): void {
  if (report.matched + report.quarantined + report.keptEvents > 0) return;
  if (runId !== undefined) throw problem(404, "unknown_run", `There is no run ${JSON.stringify(runId)}.`);
  if (eventId !== undefined)
    throw problem(404, "unknown_event", `Nothing is kept of an event ${JSON.stringify(eventId)}.`);
}

function unfinished({ unfinished: count }: EraseReport): HttpProblem {
  const runs = count === 1 ? "One of the runs has" : `${count} of the runs have`;
  return problem(
    409,
    "unfinished_runs",
    `${runs} not ended and would not get through without its originals. Nothing was erased; with cancel they are cancelled first.`,
  );
}

function problem(status: number, code: string, detail: string): HttpProblem {
  return new HttpProblem({ status, code, detail });
}

function reportDocument(report: EraseReport): Document {
  const { dryRun, erasedBefore, keptEvents, refused, ...same } = report;
  return {
    ...same,
    dry_run: dryRun,
    erased_before: erasedBefore,
    kept_events: keptEvents,
    refused: refused.map(({ runId, why }) => ({ run_id: runId, why })),
    not_covered: NOT_COVERED,
  };
}
