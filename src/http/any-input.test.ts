import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";
import { ticket } from "../testing/sample-project.ts";
import { ROUTES } from "./roles.ts";

let api: ApiWorld;
beforeAll(async () => {
  api = await ApiWorld.start();
});
afterAll(() => api.close());

describe("intake", () => {
  test("keeps what breaks its contract in quarantine, and counts what it does not declare", async () => {
    const bad = { ...ticket("evt_bad", "x"), ticket: { id: 7 } };
    const { status, body } = await api.call("POST /v1/events", bad);
    expect(status).toBe(422);
    expect((body["errors"] as JsonObject[]).map(({ pointer }) => pointer)).toContain("/ticket/id");
    const kept = (await api.call("GET /v1/quarantine")).body as { items: JsonObject[] };
    expect(kept.items[0]).toMatchObject({ quarantine_id: body["quarantine_id"], event_id: "evt_bad" });
    await api.call("POST /v1/events", ticket("evt_more", "other/low/0.9", { colour: "red" }));
    expect((await api.call("GET /v1/drift")).body).toMatchObject({ items: [{ pointer: "/colour", count: 1 }] });
  });

  test("answers over a hundred malformed events with a 4xx that says why, and starts nothing", async () => {
    const total = async (): Promise<number> =>
      Object.values((await api.call("GET /v1/runs/counts")).body).reduce<number>(
        (sum, count) => sum + Number(count),
        0,
      );
    const before = await total();
    const malformed = malformedEvents();
    expect(malformed.length).toBeGreaterThan(100);
    for (const event of malformed) {
      const { status, body } = await api.call("POST /v1/events", event);
      expect([400, 422], JSON.stringify(event)).toContain(status);
      expect(body["detail"]).toBeTypeOf("string");
    }
    expect(await total()).toBe(before);
  });
});

function malformedEvents(): Json[] {
  const whole = ticket("evt_damaged", "other/low/0.9");
  const inTicket = (field: string, value: Json | undefined): Json => ({
    ...whole,
    ticket: { ...(whole["ticket"] as JsonObject), [field]: value as Json },
  });
  const wrong = [undefined, null, 7, -0.5, true, [], ["x"], {}, { a: 1 }, [[]]] as const;
  return [
    null, 7, true, "event", {}, { event: null }, { events: [whole] },
    ...["event", "event_id", "created_at", "ticket"].flatMap((field) => wrong.map((value) => ({ ...whole, [field]: value as Json }))),
    ...["id", "subject", "body"].flatMap((field) => wrong.map((value) => inTicket(field, value as Json))),
    ...["", "x", "support_ticket", "support_ticket.created ", "Support_Ticket.Created", "__proto__", "constructor"].map((event) => ({ ...whole, event })),
    ...["", "yesterday", "2026-05-29", "2026-05-29T14:22:10", "2026-02-30T00:00:00Z", "2026-05-29T25:00:00Z", "1780064530", "\u0000"].map((at) => ({ ...whole, created_at: at })),
    ...[0, 2, -1, 1.5, "1", null, [], {}, 1e300, true].map((version) => ({ ...whole, schema_version: version as Json })),
    { ...whole, event_id: "" },
    { ...whole, ticket: "tkt_1" },
  ]; // prettier-ignore
}

describe("the server", () => {
  test("answers any id, query and body on any route without a failure of its own", async () => {
    // The stream does not end by itself, and an audit reads the whole journal.
    const routes = Object.keys(ROUTES).filter((key) => !key.includes("audit") && key !== "GET /v1/stream");
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("..", "%", "%00", "%E0%A4%A", "'; --", "__proto__", "run_", "9".repeat(400)),
    );
    const names = fc.constantFrom(
      "limit",
      "cursor",
      "since",
      "q",
      "status",
      "release",
      "prompt_version",
      "run_id",
      "nonsense",
      "wait",
    );
    const query = fc.array(fc.tuple(names, piece), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        piece,
        query,
        fc.json({ maxDepth: 3 }),
        async (key, id, pairs, body) => {
          const [method, pattern] = key.split(" ") as [string, string];
          const segment = id.includes("%") ? id : encodeURIComponent(id.toWellFormed());
          const search = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join("&");
          const response = await fetch(`${api.url}${pattern.replace(/\{\w+\}/, segment)}?${search}`, {
            method,
            headers: { authorization: `Bearer ${api.admin}`, "content-type": "application/json" },
            ...(method === "POST" ? { body } : {}),
          });
          const text = await response.text();
          expect(response.status, `${method} ${response.url} ${body}: ${text}`).toBeLessThan(500);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("lists the project as it loaded it", async () => {
    expect((await api.call("GET /v1/contracts")).body).toMatchObject({
      items: [{ type: "support_ticket.created", version: 1 }],
    });
    const prompts = (await api.call("GET /v1/prompts")).body as { items: JsonObject[] };
    expect(prompts.items.map(({ version }) => version)).toEqual(["2026-05-20.3", "2026-05-29.1"]);
    expect((await api.call("GET /v1/tools")).body).toMatchObject({
      items: [{ name: "escalate", effect: "write", risk: "low" }],
    });
    expect((await api.call("GET /v1/workflows")).body).toMatchObject({
      items: [{ name: "triage", on: { type: "support_ticket.created" } }],
    });
  });

  test("a revoked token opens nothing from then on", async () => {
    const { body } = await api.call("POST /v1/tokens", { name: "desk", role: "viewer" });
    const secret = body["secret"] as string;
    expect((await api.call("GET /v1/runs", undefined, secret)).status).toBe(200);
    expect((await api.call("POST /v1/events", ticket("evt_viewer", "x"), secret)).body).toMatchObject({
      code: "role_too_low",
    });
    expect((await api.call(`DELETE /v1/tokens/${body["token_id"] as string}`)).status).toBe(204);
    expect((await api.raw("GET", "/v1/runs", undefined, secret)).status).toBe(401);
  });

  test("finds every chain of records whole", async () => {
    for (let i = 0; i < 6; i++) await api.decided("billing/high/0.95");
    const { body } = await api.call("GET /v1/audit/verify");
    expect(body).toMatchObject({ ok: true, problems: [] });
    expect(body["runs"]).toBeGreaterThan(5);
  });
});
