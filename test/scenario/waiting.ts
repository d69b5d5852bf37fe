import { expect } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { Workflow } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { World } from "./world.ts";
import type { Setting } from "./world.ts";

export const created = event("ticket.created");
export const paid = event("payment.received");
export const HOUR = 3_600_000;

export const PAYMENT: JsonObject = {
  "x-default": true,
  type: "object",
  required: ["event", "event_id", "created_at", "payment"],
  properties: {
    event: { const: "payment.received" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    payment: {
      type: "object",
      required: ["ticket"],
      properties: {
        ticket: { type: "string" },
        amount: { type: "number" },
        settled: { type: "boolean" },
        note: { type: ["string", "null"] },
        payer: { type: "string", "x-sensitive": "email" },
      },
    },
  },
};
export const FILES = { "events/payment.received/1.schema.json": JSON.stringify(PAYMENT) };

let payments = 0;
export function payment(ticket: string, more: JsonObject = {}, id = `pay_${++payments}`): JsonObject {
  return { event: "payment.received", event_id: id, created_at: "2026-05-29T15:00:00Z", payment: { ticket, ...more } };
}

export const idOf = (e: unknown): string => (e as { ticket: { id: string } }).ticket.id;
export const amountOf = (e: JsonObject | null): number | string | null =>
  e === null ? null : ((e["payment"] as { amount?: number }).amount ?? "no amount");

export type Body = Parameters<typeof workflow>[2];

export function waiter(
  body: Body,
  options: { declared?: boolean; deadline?: string; concurrency?: { limit: number } } = {},
): Workflow {
  const { declared = true, deadline = "30d", concurrency } = options;
  const waitsFor = declared ? { waitsFor: [paid] } : {};
  return workflow(
    "pay",
    { on: created, deadline, ...waitsFor, ...(concurrency === undefined ? {} : { concurrency }) },
    body,
  );
}

/** Waits for the payment of its ticket, and decides what it got. */
export function payable(options: { timeout?: string; declared?: boolean; deadline?: string } = {}): Workflow {
  return waiter(async (e, ctx) => {
    const { timeout } = options;
    const got = await ctx.waitFor("payment", paid, { where: { "payment.ticket": idOf(e) }, timeout });
    return ctx.decide({ got: amountOf(got) });
  }, options);
}

export async function open(workflows: Workflow, more: Setting = {}): Promise<World> {
  return await World.open({ files: FILES, workflows, ...more });
}

export const ticket = (id: string): JsonObject => ({ ticket: { id, body: "Where is my refund?" } });

/** Sends events that are accepted. */
export async function send(world: World, ...events: JsonObject[]): Promise<void> {
  for (const submission of await world.sluice.submit(events)) expect(submission).toMatchObject({ outcome: "accepted" });
}
