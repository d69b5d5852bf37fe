import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../base/json.ts";
import { startSample, ticket } from "../testing/sample-project.ts";
import type { Sample } from "../testing/sample-project.ts";
import { readCredential } from "./credential.ts";
import type { Listening } from "./listen.ts";
import { ROUTES } from "./roles.ts";
import { startServer } from "./server.ts";

let sample: Sample;
let server: Listening;
let admin: string;
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

beforeAll(async () => {
  sample = await startSample();
  const log = pino({ enabled: false });
  server = await startServer({ sluice: sample.sluice, port: 0, host: "127.0.0.1", dataDir: sample.dir, log });
  admin = (await readCredential(sample.dir))?.token ?? "";
  ajv.addSchema((await raw("GET", "/openapi.json")).body, "api");
});
afterAll(async () => {
  await server.close();
  await sample.close();
});

interface Answer {
  status: number;
  body: JsonObject;
}

async function raw(method: string, path: string, body?: Json, token = admin): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const response = await fetch(server.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as JsonObject };
}

/** One call; the answer has to be as the reference says. */
async function call(key: string, body?: Json, token = admin): Promise<Answer> {
  const [method, path] = key.split(" ") as [string, string];
  const answer = await raw(method, path, body, token);
  const route = Object.keys(ROUTES).find((each) =>
    new RegExp(`^${each.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(key.replace(/\?.*/, "")),
  );
  const pointer = `paths/${route?.split(" ")[1]?.replaceAll("/", "~1")}/${method.toLowerCase()}/responses`;
  const told =
    answer.status < 400 ? `${answer.status}/content/application~1json` : "default/content/application~1problem+json";
  if (answer.status !== 204) {
    const valid = ajv.validate(
      { $ref: `api#/${encodeURI(pointer).replaceAll(/[{}]/g, encodeURIComponent)}/${told}/schema` },
      answer.body,
    );
    expect(ajv.errors ?? [], `${key} ${answer.status} is not as the reference says`).toEqual([]);
    expect(valid).toBe(true);
  }
  return answer;
}

let made = 0;
async function decided(subject: string): Promise<{ runId: string; eventId: string; body: JsonObject }> {
  const eventId = `evt_${++made}`;
  const { body } = await call("POST /v1/events?wait=10s", ticket(eventId, subject));
  return { runId: body["run_id"] as string, eventId, body };
}

async function waiting(subject: string): Promise<{ runId: string; eventId: string; reviewId: string; path: string }> {
  const { runId, eventId, body } = await decided(subject);
  expect(body).toMatchObject({ status: "waiting", waiting_for: "review" });
  const { items } = (await call(`GET /v1/reviews?run_id=${runId}`)).body as { items: JsonObject[] };
  const reviewId = items[0]?.["review_id"] as string;
  return { runId, eventId, reviewId, path: `/v1/reviews/${reviewId}` };
}

async function ended(runId: string): Promise<JsonObject> {
  await sample.sluice.whenDecided(runId, 10_000);
  return (await call(`GET /v1/runs/${runId}`)).body;
}

async function effectsOf(eventId: string): Promise<number> {
  return (await sample.effects()).filter((effect) => effect["ticket_id"] === `tkt_${eventId}`).length;
}

async function tokenOf(name: string, role: string): Promise<string> {
  return (await call("POST /v1/tokens", { name, role })).body["secret"] as string;
}

describe("a run", () => {
  test("is found by everything it did, and shows no sensitive value", async () => {
    const { runId, eventId } = await decided("billing/high/0.95");
    expect(await effectsOf(eventId)).toBe(1);
    const finds = [
      `q=${eventId}&workflow=triage&status=completed&disposition=applied&stage=partial&release=1`,
      `q=${runId}&prompt=classifier`,
      `q=${runId}&prompt_version=classifier@2026-05-29.1`,
      `q=${runId}&prompt_version=2026-05-29.1&prompt=classifier`,
      `q=${runId}&model=scripted/classifier`,
      `q=${runId}&tool=escalate`,
      `q=${runId}&since=1h`,
    ];
    for (const query of finds)
      expect((await call(`GET /v1/runs?${query}`)).body, query).toMatchObject({ items: [{ run_id: runId }] });
    const misses = [
      "prompt_version=classifier@2026-05-20.3",
      "tool=other",
      "status=dead",
      "until=1h",
      "release=2",
      "stage=shadow",
    ];
    for (const query of misses)
      expect((await call(`GET /v1/runs?q=${runId}&${query}`)).body, query).toMatchObject({ items: [] });
    const seen = await Promise.all(["", "/trace", "/why"].map((part) => call(`GET /v1/runs/${runId}${part}`)));
    for (const { status, body } of seen) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain("two charges");
    }
  });

  test("has a trace in the golden shape", async () => {
    const { runId, eventId } = await decided("billing/high/0.96");
    const trace = (await call(`GET /v1/runs/${runId}/trace`)).body as unknown as JsonObject[];
    expect(trace.map(({ type }) => type)).toEqual(["trigger", "model_call", "validation", "tool_call", "decision"]);
    expect(trace[3]).toMatchObject({
      workflow_run_id: runId,
      event_id: eventId,
      step: 4,
      type: "tool_call",
      tool: "escalate",
      input: { ticket_id: `tkt_${eventId}` },
      status: "success",
    });
    expect(JSON.stringify(trace[3]?.["output"])).toContain('"filed":true');
  });

  test("pages go through all runs once, newest first", async () => {
    for (let i = 0; i < 3; i++) await decided("other/low/0.9");
    const all = ((await call("GET /v1/runs?limit=500")).body as { items: JsonObject[] }).items.map(
      (run) => run["run_id"],
    );
    const paged: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await call(`GET /v1/runs?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      paged.push(...(body["items"] as JsonObject[]).map((run) => run["run_id"]));
      cursor = body["next_cursor"] as string | null;
    }
    expect(paged).toEqual(all);
    expect(await call("GET /v1/runs?cursor=nonsense")).toMatchObject({ status: 400 });
  });
});

describe("a review", () => {
  const BILLING = { category: "billing", urgency: "high", confidence: 0.5 };
  const ACCOUNT = { category: "account", urgency: "low", confidence: 0.5 };

  test("of billing/high that is corrected to account/low withdraws the escalation", async () => {
    const { runId, eventId, path } = await waiting("billing/high/0.5");
    const item = (await call(`GET ${path}`)).body;
    expect(item).toMatchObject({ proposal: BILLING, confidence: 0.5, outcome: { writes: [{ tool: "escalate" }] } });
    expect(JSON.stringify(item["event"])).toContain("two charges");
    const correction = { action: "correct", corrected_output: ACCOUNT, correction_reason: "No duplicate charge" };
    const { body: preview } = await call(`POST ${path}/preview`, correction);
    expect(preview).toMatchObject({
      outcome: {
        decision: ACCOUNT,
        writes: [],
        withdrawn: [{ tool: "escalate", payload: { ticket_id: `tkt_${eventId}` } }],
      },
    });
    expect((await call(`GET /v1/runs/${runId}`)).body).toMatchObject({ status: "waiting" });
    const hash = (preview["outcome"] as JsonObject)["outcome_hash"] as string;
    const { body } = await call(`POST ${path}/decide`, { ...correction, outcome_hash: hash });
    expect(body["correction"]).toEqual({
      workflow_run_id: runId,
      original_output: BILLING,
      corrected_output: ACCOUNT,
      correction_reason: "No duplicate charge",
      reviewer_id: "local",
    });
    expect(await ended(runId)).toMatchObject({ status: "completed", disposition: "reviewed", decision: ACCOUNT });
    expect(await effectsOf(eventId)).toBe(0);
  });

  test("of account/low that is corrected to billing/high makes the escalation", async () => {
    const { runId, eventId, path } = await waiting("account/low/0.5");
    const correction = { action: "correct", corrected_output: BILLING, correction_reason: "Duplicate charge" };
    expect((await call(`POST ${path}/preview`, correction)).body).toMatchObject({
      outcome: { writes: [{ tool: "escalate" }], withdrawn: [] },
    });
    await call(`POST ${path}/decide`, correction);
    expect(await ended(runId)).toMatchObject({ status: "completed", decision: BILLING });
    expect(await effectsOf(eventId)).toBe(1);
  });

  test("refuses another outcome, another's claim, a wrong output, a second answer, and unknown ids, each by its code", async () => {
    const { runId, path } = await waiting("other/low/0.5");
    const [ana, ben] = [await tokenOf("ana", "reviewer"), await tokenOf("ben", "reviewer")];
    const approve = { action: "approve" };
    expect(await call(`POST ${path}/decide`, { ...approve, outcome_hash: "other" })).toMatchObject({
      status: 409,
      body: { code: "outcome_changed" },
    });
    expect((await call(`POST ${path}/claim`, {}, ana)).body).toMatchObject({ review: { claimed_by: "ana" } });
    for (const act of ["claim", "decide"])
      expect(await call(`POST ${path}/${act}`, approve, ben)).toMatchObject({
        status: 409,
        body: { code: "held_by_another", review: { claimed_by: "ana" } },
      });
    const wrong = { action: "correct", corrected_output: { ...ACCOUNT, category: "bill" }, correction_reason: "x" };
    expect(await call(`POST ${path}/decide`, wrong, ana)).toMatchObject({
      status: 422,
      body: { code: "invalid_correction", errors: [{ pointer: "/category" }] },
    });
    await call(`POST ${path}/unclaim`, undefined, ana);
    expect(await call(`POST ${path}/decide`, approve, ben)).toMatchObject({
      status: 200,
      body: { review: { answered_by: "ben" } },
    });
    expect(await call(`POST ${path}/decide`, approve, ana)).toMatchObject({ status: 409, body: { code: "ended" } });
    expect(await call("POST /v1/reviews/rev_0/decide", approve)).toMatchObject({
      status: 404,
      body: { code: "unknown_review" },
    });
    expect(await ended(runId)).toMatchObject({ status: "completed" });
  });

  test("that is rejected ends the run without a write", async () => {
    const { runId, eventId, path } = await waiting("billing/high/0.5");
    await call(`POST ${path}/decide`, { action: "reject", correction_reason: "spam" });
    expect(await ended(runId)).toMatchObject({ disposition: "rejected" });
    expect(await effectsOf(eventId)).toBe(0);
  });

  test("of a model that gave no valid answer takes a whole output", async () => {
    const { runId, path } = await waiting("gibberish");
    expect((await call(`GET ${path}`)).body).toMatchObject({ review: { why: "invalid_output" } });
    await call(`POST ${path}/decide`, {
      action: "correct",
      corrected_output: { ...ACCOUNT, confidence: 1 },
      correction_reason: "Read it myself",
    });
    expect(await ended(runId)).toMatchObject({ status: "completed", decision: { category: "account" } });
  });
});

describe("a dead letter", () => {
  test("is grouped, shown, counted and redriven, and its write happens once", async () => {
    await sample.breakDesk(true);
    const { runId, eventId, body } = await decided("billing/high/0.97");
    expect(body).toMatchObject({ status: "dead", failure: { class: "bug", step: "escalate" } });
    const { items } = (await call("GET /v1/dead-letters?failure_class=bug")).body as { items: JsonObject[] };
    expect(items).toMatchObject([{ workflow: "triage", step: "escalate", count: 1, example_run_id: runId }]);
    expect((await call(`GET /v1/dead-letters/${runId}`)).body).toMatchObject({
      run: { run_id: runId },
      failed_steps: [{ name: "escalate", status: "error" }],
    });
    const request = { filter: { run_id: runId }, reason: "the desk is back" };
    expect((await call("POST /v1/dead-letters/redrive", { ...request, dry_run: true })).body).toMatchObject({
      matched: 1,
      redriven: [],
    });
    await sample.breakDesk(false);
    expect((await call("POST /v1/dead-letters/redrive", request)).body).toMatchObject({
      matched: 1,
      redriven: [runId],
    });
    expect(await ended(runId)).toMatchObject({ status: "completed", failure: null });
    expect(await effectsOf(eventId)).toBe(1);
  });
});

describe("intake", () => {
  test("keeps what breaks its contract in quarantine, and counts what it does not declare", async () => {
    const bad = { ...ticket("evt_bad", "x"), ticket: { id: 7 } };
    const { status, body } = await call("POST /v1/events", bad);
    expect(status).toBe(422);
    expect((body["errors"] as JsonObject[]).map(({ pointer }) => pointer)).toContain("/ticket/id");
    const kept = (await call("GET /v1/quarantine")).body as { items: JsonObject[] };
    expect(kept.items[0]).toMatchObject({ quarantine_id: body["quarantine_id"], event_id: "evt_bad" });
    await call("POST /v1/events", ticket("evt_more", "other/low/0.9", { colour: "red" }));
    expect((await call("GET /v1/drift")).body).toMatchObject({ items: [{ pointer: "/colour", count: 1 }] });
  });

  test("answers over a hundred malformed events with a 4xx that says why, and starts nothing", async () => {
    const total = async (): Promise<number> =>
      Object.values((await call("GET /v1/runs/counts")).body).reduce<number>((sum, count) => sum + Number(count), 0);
    const before = await total();
    const malformed = malformedEvents();
    expect(malformed.length).toBeGreaterThan(100);
    for (const event of malformed) {
      const { status, body } = await call("POST /v1/events", event);
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
    const routes = Object.keys(ROUTES).filter((key) => !key.includes("audit"));
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
          const response = await fetch(`${server.url}${pattern.replace(/\{\w+\}/, segment)}?${search}`, {
            method,
            headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
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
    expect((await call("GET /v1/contracts")).body).toMatchObject({
      items: [{ type: "support_ticket.created", version: 1 }],
    });
    const prompts = (await call("GET /v1/prompts")).body as { items: JsonObject[] };
    expect(prompts.items.map(({ version }) => version)).toEqual(["2026-05-20.3", "2026-05-29.1"]);
    expect((await call("GET /v1/tools")).body).toMatchObject({
      items: [{ name: "escalate", effect: "write", risk: "low" }],
    });
    expect((await call("GET /v1/workflows")).body).toMatchObject({
      items: [{ name: "triage", on: { type: "support_ticket.created" } }],
    });
  });

  test("a revoked token opens nothing from then on", async () => {
    const { body } = await call("POST /v1/tokens", { name: "desk", role: "viewer" });
    const secret = body["secret"] as string;
    expect((await call("GET /v1/runs", undefined, secret)).status).toBe(200);
    expect((await call("POST /v1/events", ticket("evt_viewer", "x"), secret)).body).toMatchObject({
      code: "role_too_low",
    });
    expect((await call(`DELETE /v1/tokens/${body["token_id"] as string}`)).status).toBe(204);
    expect((await raw("GET", "/v1/runs", undefined, secret)).status).toBe(401);
  });

  test("finds every chain of records whole", async () => {
    const { body } = await call("GET /v1/audit/verify");
    expect(body).toMatchObject({ ok: true, problems: [] });
    expect(body["runs"]).toBeGreaterThan(5);
  });
});
