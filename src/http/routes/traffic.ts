import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isoTime } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { Traffic, TrafficWindow } from "../../journal/ports.ts";
import type { Sluice } from "../../app/sluice.ts";
import type { Document } from "../documents.ts";
import { toTime } from "../filter.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";
import { HttpProblem } from "../problem.ts";

const QUERY = z.object({
  since: z.string().min(1).default("24h").describe("RFC 3339, or how long ago: 2h."),
  until: z.string().min(1).optional().describe("RFC 3339, or how long ago: 2h. Now unless given."),
});
const time = z.iso.datetime();
const ms = z.number().nullable();
const TRAFFIC = z
  .object({
    since: time,
    until: time,
    runs: z.int().describe("Runs that came in within the window."),
    unplaced: z
      .int()
      .describe("Runs among them that the counts leave out: their way was not kept, or led through too many steps."),
    sampled: z.int().describe("The times are of so many of the most recent runs."),
    nodes: z.array(
      z.object({
        id: z.string().describe("As in the workflow's graph; `now:…` is where a run stands that has not ended."),
        count: z.int().describe("Runs that came there."),
        errors: z.int().describe("Runs that failed there for good at least once, whatever became of them."),
        p50_ms: ms,
        p95_ms: ms,
        sample: z.int(),
      }),
    ),
    edges: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        count: z.int().describe("Runs that went straight from the one to the other."),
        p95_ms: ms.describe("From the end of `from` to the end of `to`."),
        sample: z.int(),
      }),
    ),
  })
  .openapi("Traffic");

/** Which ways the runs of a workflow went. */
export function trafficRoutes(sluice: Sluice, clock: Clock): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/workflows/{name}/traffic",
    {
      tag: "workflows",
      summary: "How many runs went which way, and how long it took",
      description: "Each count leads to its runs: GET /v1/runs with edge_from and edge_to.",
      query: QUERY,
      answers: { 200: { description: "Counts of all runs, times of a sample.", schema: TRAFFIC } },
    },
    async (c, { param, query }) => {
      const window = {
        workflow: param("name"),
        since: toTime("since", query.since, clock),
        until: query.until === undefined ? clock.now() + 1 : toTime("until", query.until, clock),
      };
      if (window.since >= window.until)
        throw new HttpProblem({ status: 400, code: "invalid_query", detail: "since must be before until." });
      await refuseUnknown(sluice, window.workflow);
      return c.json(trafficDocument(window, await sluice.traffic(window)));
    },
  );
  return api;
}

/** A workflow that the project does not hold any more still shows the runs it has. */
async function refuseUnknown(sluice: Sluice, workflow: string): Promise<void> {
  const { workflows } = sluice.project;
  if (workflows.has(workflow) || (await sluice.listRuns({ workflow }, { limit: 1 })).items.length > 0) return;
  const hint = didYouMean(workflow, workflows.keys());
  const detail = `There is no workflow ${JSON.stringify(workflow)}. ${hint}`.trimEnd();
  throw new HttpProblem({ status: 404, code: "unknown_workflow", detail });
}

function trafficDocument({ since, until }: TrafficWindow, traffic: Traffic): Document {
  const { runs, unplaced, sampled, nodes, edges } = traffic;
  return {
    since: isoTime(since),
    until: isoTime(until),
    runs,
    unplaced,
    sampled,
    nodes: nodes.map(({ p50Ms, p95Ms, ...node }) => ({ ...node, p50_ms: p50Ms, p95_ms: p95Ms })),
    edges: edges.map(({ p95Ms, ...edge }) => ({ ...edge, p95_ms: p95Ms })),
  };
}
