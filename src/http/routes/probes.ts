import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sluice } from "../../app/sluice.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const READY = z.object({ ready: z.boolean(), problems: z.array(z.string()) }).openapi("Readiness");

/** `counts`: events by outcome since this process started. */
export function probeRoutes(sluice: Sluice, counts: ReadonlyMap<string, number>): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /healthz",
    {
      tag: "probes",
      summary: "Is the process alive?",
      answers: { 200: { description: "It is.", schema: z.object({ alive: z.literal(true) }) } },
    },
    (c) => c.json({ alive: true }),
  );
  operation(
    api,
    "GET /readyz",
    {
      tag: "probes",
      summary: "Can it take events?",
      answers: {
        200: { description: "It can.", schema: READY },
        503: { description: "Not now.", schema: READY, type: "application/json" },
      },
    },
    async (c) => {
      const { ready, problems } = await sluice.health();
      return c.json({ ready, problems }, ready ? 200 : 503);
    },
  );
  operation(
    api,
    "GET /metrics",
    { tag: "probes", summary: "Prometheus text", answers: { 200: { description: "Metrics.", type: "text/plain" } } },
    async (c) =>
      c.text(metricsText(await sluice.countRuns({}), counts), 200, { "content-type": "text/plain; version=0.0.4" }),
  );
  return api;
}

function metricsText(runs: Record<string, number>, counts: ReadonlyMap<string, number>): string {
  return [
    "# HELP sluice_runs Runs in the store by status.",
    "# TYPE sluice_runs gauge",
    ...Object.entries(runs).map(([status, count]) => `sluice_runs{status="${status}"} ${count}`),
    "# HELP sluice_events_total Events received by this process, by what became of them.",
    "# TYPE sluice_events_total counter",
    ...["accepted", "duplicate", "conflict", "refused", "queue_full"].map(
      (outcome) => `sluice_events_total{outcome="${outcome}"} ${counts.get(outcome) ?? 0}`,
    ),
    "",
  ].join("\n");
}
