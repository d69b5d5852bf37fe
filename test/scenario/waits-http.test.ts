import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { event, workflow } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { readCredential } from "../../src/http/credential.ts";
import { startServer } from "../../src/http/server.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { World } from "./world.ts";

const SHIPPED: JsonObject = {
  "x-default": true,
  type: "object",
  required: ["event", "event_id", "created_at", "order"],
  properties: {
    event: { const: "order.shipped" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    order: { type: "object", required: ["ticket"], properties: { ticket: { type: "string" } } },
  },
};

const shipped = (ticket: string, id: string): JsonObject => ({
  event: "order.shipped",
  event_id: id,
  created_at: "2026-05-29T15:00:00Z",
  order: { ticket },
});

type Call = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: JsonObject }>;

async function served(): Promise<{ world: World; call: Call; now: number }> {
  const clock = frozenClock();
  const options = { on: event("ticket.created"), waitsFor: [event("order.shipped")], deadline: "30d" };
  const world = await World.open({
    files: { "events/order.shipped/1.schema.json": JSON.stringify(SHIPPED) },
    workflows: workflow("ship", options, async (received, ctx) => {
      const { ticket } = received as { ticket: { id: string } };
      const got = await ctx.waitFor("shipment", event("order.shipped"), {
        where: { "order.ticket": ticket.id },
        timeout: "2d",
        key: "1",
      });
      return ctx.decide({ shipped: got !== null });
    }),
    clock,
  });
  const { dataDir } = world.sluice.project.config;
  const log = pino({ enabled: false });
  const server = await startServer({ sluice: world.sluice, port: 0, host: "127.0.0.1", dataDir, log });
  onTestFinished(() => server.close());
  const token = (await readCredential(dataDir))?.token ?? "";
  const call: Call = async (method, path, body) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };
  return { world, call, now: clock.now() };
}

it("an event that only waits take is acknowledged without a run, at once also with wait", async () => {
  const { world, call, now } = await served();
  const receipt = { event_id: "s1", runs: [], run_id: null, duplicate: false };
  expect(await call("POST", "/v1/events?wait=60s", shipped("t1", "s1"))).toEqual({ status: 202, body: receipt });
  const again = await call("POST", "/v1/events", shipped("t1", "s1"));
  expect(again).toEqual({ status: 200, body: { ...receipt, duplicate: true } });
  expect(await call("POST", "/v1/events", shipped("other", "s1"))).toMatchObject({ status: 409 });

  const batch = await call("POST", "/v1/events", [
    shipped("t2", "s2"),
    world.event({ ticket: { id: "t3", body: "x" } }),
  ]);
  expect(batch).toMatchObject({ status: 202, body: { results: [{ status: 202, run_id: null }, { status: 202 }] } });
  const { run_id: runId } = (batch.body["results"] as JsonObject[])[1] as { run_id: string };
  await world.waiting(runId, "event");
  const waits = [
    {
      step: "shipment",
      key: "1",
      event: "order.shipped",
      since: new Date(now).toISOString(),
      until: new Date(now + 2 * 86_400_000).toISOString(),
    },
  ];
  expect(await call("GET", `/v1/runs/${runId}`)).toMatchObject({
    status: 200,
    body: { status: "waiting", waiting_for: "event", wake_at: waits[0]?.until, waits_for_events: waits },
  });

  const decided = call("POST", "/v1/events?wait=20s", world.event({ ticket: { id: "t2", body: "x" } }));
  expect(await decided).toMatchObject({ status: 200, body: { status: "completed", decision: { shipped: true } } });
  await call("POST", "/v1/events", shipped("t3", "s3"));
  await world.ended(runId);
  expect(await call("GET", `/v1/runs/${runId}`)).toMatchObject({
    body: { status: "completed", waiting_for: null, waits_for_events: [] },
  });
  const trace = (await call("GET", `/v1/runs/${runId}/trace`)).body as unknown as JsonObject[];
  expect(trace.map(({ type, status }) => `${String(type)} ${String(status)}`)).toEqual([
    "trigger success",
    "wait waiting",
    "wait success",
    "decision success",
  ]);
});

it("an event that is wrong, unknown or waited for by nobody is refused as ever", async () => {
  const { call } = await served();
  const wrong = await call("POST", "/v1/events", { ...shipped("t1", "s1"), order: {} });
  expect(wrong).toMatchObject({ status: 422, body: { code: "invalid_event", errors: [{ pointer: "/order/ticket" }] } });
  const unknown = await call("POST", "/v1/events", { ...shipped("t1", "s1"), event: "order.lost" });
  expect(unknown).toMatchObject({ status: 422, body: { code: "unknown_event_type" } });
});
