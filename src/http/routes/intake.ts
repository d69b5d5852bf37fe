import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isoTime } from "../../base/clock.ts";
import type { Sluice } from "../../app/sluice.ts";
import { PROBLEM_AT, listOf, pageDocument, pageOf } from "../documents.ts";
import { PAGE, toPage } from "../filter.ts";
import type { Api, ApiEnv } from "../operation.ts";
import { operation } from "../operation.ts";

const QUARANTINED = z
  .object({
    quarantine_id: z.string(),
    received_at: z.iso.datetime(),
    event_type: z.string().nullable(),
    event_id: z.string().nullable(),
    errors: z.array(PROBLEM_AT),
  })
  .openapi("QuarantinedEvent");
const DRIFT = z
  .object({
    event_type: z.string(),
    contract_version: z.int(),
    pointer: z.string(),
    count: z.int(),
    last_seen_at: z.iso.datetime(),
  })
  .openapi("Drift");
const QUARANTINE = pageOf(QUARANTINED).openapi("QuarantinePage");
const DRIFTS = listOf(DRIFT).openapi("Drifts");

/** What intake saw besides accepted events. */
export function intakeRoutes(sluice: Sluice): Api {
  const api: Api = new OpenAPIHono<ApiEnv>();
  operation(
    api,
    "GET /v1/quarantine",
    {
      tag: "events",
      summary: "Refused events that are kept to be mended, newest first",
      query: z.object(PAGE),
      answers: { 200: { description: "A page.", schema: QUARANTINE } },
    },
    async (c, { query }) =>
      c.json(
        pageDocument(
          await sluice.quarantine(toPage(query)),
          ({ quarantineId, receivedAt, eventType, eventId, errors }) => ({
            quarantine_id: quarantineId,
            received_at: isoTime(receivedAt),
            event_type: eventType,
            event_id: eventId,
            errors,
          }),
        ),
      ),
  );
  operation(
    api,
    "GET /v1/drift",
    {
      tag: "events",
      summary: "Properties that events carry and contracts do not declare",
      answers: { 200: { description: "Counts.", schema: DRIFTS } },
    },
    async (c) =>
      c.json({
        items: (await sluice.drift()).map(({ eventType, contractVersion, pointer, count, lastSeenAt }) => ({
          event_type: eventType,
          contract_version: contractVersion,
          pointer,
          count,
          last_seen_at: isoTime(lastSeenAt),
        })),
      }),
  );
  return api;
}
