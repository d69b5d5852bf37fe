import { expect, it } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { Workflow } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { World } from "./world.ts";

const created = event("ticket.created");
const paid = event("payment.received");

const PAYMENT: JsonObject = {
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
const FILES = { "events/payment.received/1.schema.json": JSON.stringify(PAYMENT) };

let payments = 0;
function payment(ticket: string, more: JsonObject = {}, id = `pay_${++payments}`): JsonObject {
  return {
    event: "payment.received",
    event_id: id,
    created_at: "2026-05-29T15:00:00Z",
    payment: { ticket, ...more },
  };
}

/** Waits for the payment of its ticket, and decides what it got. */
function payable(options: { timeout?: string; declared?: boolean } = {}): Workflow {
  const { timeout, declared = true } = options;
  return workflow(
    "pay",
    { on: created, deadline: "30d", ...(declared ? { waitsFor: [paid] } : {}) },
    async (e, ctx) => {
      const { ticket } = e as { ticket: { id: string } };
      const got = await ctx.waitFor("payment", paid, { where: { "payment.ticket": ticket.id }, timeout });
      return ctx.decide({ got: got === null ? null : ((got["payment"] as JsonObject)["amount"] ?? "no amount") });
    },
  );
}

it("an event that comes while the run waits is what it goes on with", async () => {
  const world = await World.open({ files: FILES, workflows: payable() });
  const runId = await world.submit({ ticket: { id: "t1", body: "x" } });
  await world.waiting(runId, "event");
  expect(await world.sluice.submit([payment("t1", { amount: 12 }, "pay_a")])).toEqual([
    { outcome: "accepted", eventId: "pay_a", runs: [] },
  ]);
  expect(await world.ended(runId)).toMatchObject({ status: "completed", decision: { got: 12 } });
});
