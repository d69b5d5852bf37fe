import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../../base/clock.ts";
import type { Sluice } from "../../app/sluice.ts";
import { FACETS } from "../../journal/facets.ts";
import type { FacetName } from "../../journal/facets.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import { TERMINAL } from "../../journal/run.ts";
import type { RunStatus } from "../../journal/run.ts";
import { RUN, pageDocument, pageOf, runDocument, wholeRunDocument } from "../documents.ts";
import { PAGE, RUN_FILTER, STATUSES, toPage } from "../filter.ts";
import { knownFilter } from "../names.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";
import { restartRoute } from "./restart.ts";
import { STEP_MESSAGES, TRACE_STEP, WHY } from "../trace-documents.ts";

type FacetShape = Record<FacetName, z.ZodArray<typeof FACET>>;
const LIST_QUERY = z.object({ ...RUN_FILTER, ...PAGE });
const FILTER_QUERY = z.object(RUN_FILTER);
const MESSAGES_QUERY = z.object({ step: z.coerce.number().int().min(1).describe("Number of the step in the trace.") });
const CANCEL = z.strictObject({ reason: z.string().trim().min(1, "say why").max(1_000) });
const FACET = z.strictObject({ value: z.string(), count: z.int() });
const RUN_FACETS = z
  .strictObject({
    total: z.int(),
    facets: z.strictObject(Object.fromEntries(FACETS.map((name) => [name, z.array(FACET)])) as FacetShape),
  })
  .openapi("RunFacets");
const COUNTS = z
  .object(Object.fromEntries(STATUSES.map((status) => [status, z.int()])) as Record<RunStatus, z.ZodInt>)
  .openapi("RunCounts");
const RUN_PAGE = pageOf(RUN).openapi("RunPage");

export function runRoutes(sluice: Sluice, clock: Clock): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  const filterOf = (query: z.output<typeof FILTER_QUERY>): Promise<RunFilter> => knownFilter(sluice, query, clock);
  operation(
    api,
    "GET /v1/runs",
    {
      tag: "runs",
      summary: "List runs, newest first",
      query: LIST_QUERY,
      answers: { 200: { description: "A page.", schema: RUN_PAGE } },
    },
    async (c, { query }) => {
      const page = await sluice.listRuns(await filterOf(query), toPage(query));
      return c.json(pageDocument(page, (run) => runDocument(run, sluice.project)));
    },
  );
  operation(
    api,
    "GET /v1/runs/counts",
    {
      tag: "runs",
      summary: "Count runs by status",
      query: FILTER_QUERY,
      answers: { 200: { description: "Counts.", schema: COUNTS } },
    },
    async (c, { query }) => c.json(await sluice.countRuns(await filterOf(query))),
  );
  operation(
    api,
    "GET /v1/runs/facets",
    {
      tag: "runs",
      summary: "Count runs by what they can be filtered by, each under all other filters but its own",
      query: FILTER_QUERY,
      answers: { 200: { description: "The counts, most frequent first, at most 50 values each.", schema: RUN_FACETS } },
    },
    async (c, { query }) => c.json(await sluice.facetRuns(await filterOf(query))),
  );
  operation(
    api,
    "GET /v1/runs/{id}",
    { tag: "runs", summary: "Show a run", answers: { 200: { description: "The run.", schema: RUN } } },
    async (c, { param }) => {
      const run = found(await sluice.run(param("id")), param("id"));
      const waits = TERMINAL.includes(run.status) ? [] : await sluice.eventWaits(run.runId);
      return c.json(wholeRunDocument(run, sluice.project, waits));
    },
  );
  traceRoutes(api, sluice);
  cancelRoute(api, sluice);
  restartRoute(api, sluice);
  return api;
}

function traceRoutes(api: Api, sluice: Sluice): void {
  operation(
    api,
    "GET /v1/runs/{id}/trace",
    {
      tag: "runs",
      summary: "Every step of a run",
      answers: { 200: { description: "Its steps, in order.", schema: z.array(TRACE_STEP) } },
    },
    async (_c, { param }) => Response.json(found(await sluice.trace(param("id")), param("id"))),
  );
  operation(
    api,
    "GET /v1/runs/{id}/why",
    {
      tag: "runs",
      summary: "The seven questions about a decision, answered",
      answers: { 200: { description: "The answers.", schema: WHY } },
    },
    async (_c, { param }) => Response.json(found(await sluice.why(param("id")), param("id"))),
  );
  operation(
    api,
    "GET /v1/runs/{id}/messages",
    {
      tag: "runs",
      summary: "What the model was sent in one step",
      description:
        "Rendered again from the recorded inputs, redacted as they are on record, and the prompt version by its hash; of a repair too.",
      query: MESSAGES_QUERY,
      answers: {
        200: { description: "The messages.", schema: STEP_MESSAGES },
        409: { description: "not_a_model_call, prompt_version_gone or not_rendered." },
      },
    },
    async (c, { param, query }) => c.json(found(await sluice.messages(param("id"), query.step), param("id"))),
  );
}

function cancelRoute(api: Api, sluice: Sluice): void {
  operation(
    api,
    "POST /v1/runs/{id}/cancel",
    {
      tag: "runs",
      summary: "Cancel a run that has not ended",
      body: CANCEL,
      answers: { 200: { description: "Cancelled.", schema: RUN }, 409: { description: "It has ended." } },
    },
    async (c, { param, body, actor }) => {
      found(await sluice.run(param("id")), param("id"));
      const { ok, message } = await sluice.cancel(param("id"), actor, body.reason);
      if (!ok) throw new HttpProblem({ status: 409, code: "not_cancellable", detail: message });
      return c.json(runDocument(found(await sluice.run(param("id")), param("id")), sluice.project));
    },
  );
}

function found<T>(value: T | null, runId: string): T {
  if (value !== null) return value;
  throw new HttpProblem({ status: 404, code: "unknown_run", detail: `There is no run ${JSON.stringify(runId)}.` });
}
