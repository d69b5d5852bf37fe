import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Holding } from "../../app/sluice.ts";
import { listOf } from "../documents.ts";
import { HOLD, RATE, REASON, holdDocument } from "../hold-documents.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const PAUSE = z.strictObject({ reason: REASON });
const RESUME = z.strictObject({
  reason: REASON,
  rate: RATE.optional().describe(
    'At how many runs a minute the queue is started, such as "60/min"; all at once without it.',
  ),
});

/** Holding a workflow's runs back, and letting them go. */
export function holdRoutes(sluice: Holding): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "POST /v1/workflows/{name}/pause",
    {
      tag: "holds",
      summary: "Put a workflow on hold",
      description:
        "In force when it is answered. Events are accepted and queue, steps that execute are let finish, nothing else is started. While a release goes on it is stopped.",
      body: PAUSE,
      answers: { 200: { description: "The hold.", schema: HOLD } },
    },
    async (c, { param, body, actor }) => c.json(holdDocument(await sluice.pause(param("name"), actor, body.reason))),
  );
  operation(
    api,
    "POST /v1/workflows/{name}/resume",
    {
      tag: "holds",
      summary: "Let a workflow on hold go on",
      description:
        "With a rate, the runs that stand in the queue now are started at it, by priority and age, and what comes later waits until they are. May be called again with another rate.",
      body: RESUME,
      answers: {
        200: { description: "The hold.", schema: HOLD },
        409: { description: "not_on_hold" },
      },
    },
    async (c, { param, body, actor }) =>
      c.json(holdDocument(await sluice.resume(param("name"), actor, body.reason, body.rate ?? null))),
  );
  operation(
    api,
    "GET /v1/workflows/{name}/holds",
    {
      tag: "holds",
      summary: "Every hold of a workflow, with who, when and why",
      answers: { 200: { description: "Newest first.", schema: listOf(HOLD).openapi("Holds") } },
    },
    async (c, { param }) => c.json({ items: (await sluice.holdsOf(param("name"))).map(holdDocument) }),
  );
  return api;
}
