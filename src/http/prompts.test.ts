import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ApiWorld } from "../testing/api-world.ts";

let world: ApiWorld;
let editor: string;
let reviewer: string;
const base = "/v1/prompts/classifier";
const DOCUMENT: JsonObject = {
  name: "classifier",
  version: "2026-06-01.1",
  owner: "support",
  model: "scripted/classifier",
  temperature: 0,
  description: "Classify the ticket of a customer.",
  inputs: ["ticket.subject", "ticket.body"],
  output_schema: {
    type: "object",
    required: ["category", "urgency", "confidence"],
    properties: {
      category: { type: "string", enum: ["billing", "account", "other"] },
      urgency: { type: "string", enum: ["low", "high"] },
      confidence: { type: "number", minimum: 0, maximum: 1 },
    },
  },
  rollback_version: "2026-05-29.1",
};

beforeAll(async () => {
  world = await ApiWorld.start();
  editor = await world.tokenOf("ed", "editor");
  reviewer = await world.tokenOf("rita", "reviewer");
});
afterAll(() => world.close());

/** As it stands now, a document on record as one that is sent. */
async function until(preview: string): Promise<JsonObject> {
  for (;;) {
    const { body } = await world.call(`GET ${preview}`, undefined, reviewer);
    if (body["status"] !== "running") return body;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

describe("versions over HTTP", () => {
  test("are published by editors, once, and told with who and why", async () => {
    const publish = { document: DOCUMENT, reason: "fewer misses" };
    expect((await world.call(`POST ${base}/versions`, publish, reviewer)).status).toBe(403);
    const first = await world.call(`POST ${base}/versions`, publish, editor);
    expect(first).toMatchObject({ status: 201, body: { published_by: "ed", source: "registry", serves: [] } });
    expect((await world.call(`POST ${base}/versions`, publish, editor)).status).toBe(200);
    const other = { ...publish, document: { ...DOCUMENT, owner: "sales" } };
    const refused = await world.call(`POST ${base}/versions`, other, editor);
    expect(refused).toMatchObject({ status: 409, body: { code: "version_changed" } });
    const { versions } = (await world.call(`GET ${base}`)).body as { versions: JsonObject[] };
    expect(versions.map(({ version, published_by: by }) => [version, by])).toEqual([
      ["2026-05-20.3", null],
      ["2026-05-29.1", null],
      ["2026-06-01.1", "ed"],
    ]);
  });

  test("with mistakes are refused, each with its pointer", async () => {
    const document = {
      ...DOCUMENT,
      version: "x",
      temperature: 9,
      messages: [{ role: "user", content: "{{ nobody }}" }],
    };
    const { status, body } = await world.call(`POST ${base}/versions`, { document, reason: "r" }, editor);
    expect([status, body["code"]]).toEqual([422, "invalid_prompt"]);
    const pointers = (body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).toEqual(["/temperature", "/messages/0/content"]);
  });

  test("are approved by somebody else than who published them", async () => {
    const approve = `POST ${base}/versions/2026-06-01.1/approve`;
    expect((await world.call(approve, { reason: "mine" }, editor)).body["code"]).toBe("own_version");
    const other = await world.tokenOf("eve", "editor");
    const { body } = await world.call(approve, { reason: "read it" }, other);
    expect(body["approvals"]).toMatchObject([{ by: "eve", reason: "read it" }]);
    expect((await world.call(approve, { reason: "" }, other)).status).toBe(422);
  });

  test("are looked at one by one, side by side, and not by names nobody has", async () => {
    const detail = await world.call(`GET ${base}/versions/2026-05-29.1`);
    expect(detail.body).toMatchObject({ evidence: [], usage: { overrides: 0 }, served: [{ workflow: "triage" }] });
    const diff = await world.call(`GET ${base}/diff?from=2026-05-29.1&to=2026-06-01.1`);
    expect(diff.body).toMatchObject({ same: false, schema: [{ pointer: "/properties/urgency/enum" }] });
    expect((diff.body["settings"] as JsonObject[]).map(({ pointer }) => pointer)).toContain("/description");
    const unknown = await world.call("GET /v1/prompts/clasifier");
    expect(unknown).toMatchObject({ status: 404, body: { detail: expect.stringContaining('"classifier"') } });
    expect((await world.call(`GET ${base}/versions/9`)).status).toBe(404);
    expect((await world.call(`GET ${base}/diff?from=2026-05-29.1`)).status).toBe(400);
  });

  test("are deleted with a reason, where nothing goes by them", async () => {
    const publish = { document: { ...DOCUMENT, version: "2026-06-02.1" }, reason: "a slip" };
    await world.call(`POST ${base}/versions`, publish, editor);
    const path = `DELETE ${base}/versions`;
    expect((await world.call(`${path}/2026-06-02.1`, { reason: "unused" }, editor)).status).toBe(204);
    const filed = await world.call(`${path}/2026-05-29.1`, { reason: "unused" }, editor);
    expect(filed).toMatchObject({ status: 409, body: { code: "version_in_file" } });
  });
});

describe("drafts over HTTP", () => {
  test("keep their mistakes and are published without any", async () => {
    const document = {
      ...DOCUMENT,
      version: "",
      temperature: "hot",
      messages: [{ role: "user", content: "a\n{{ x }}" }],
    };
    const begun = await world.call(`POST ${base}/drafts`, { document, base: "2026-05-29.1" }, editor);
    expect(begun).toMatchObject({ status: 201, body: { revision: 1, created_by: "ed", base: "2026-05-29.1" } });
    const problems = begun.body["problems"] as JsonObject[];
    const message = problems.find(({ code }) => code === "unlisted_input");
    expect(message).toMatchObject({ pointer: "/messages/0/content", text_line: 2, severity: "error" });
    expect(problems.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(["/version", "/temperature"]));
    const path = `${base}/drafts/${begun.body["draft_id"] as string}`;
    const early = await world.call(`POST ${path}/publish`, { version: "2026-06-03.1", reason: "r" }, editor);
    expect(early).toMatchObject({ status: 422, body: { code: "invalid_prompt" } });
    const saved = await world.call(`PUT ${path}`, { document: DOCUMENT, expected_revision: 1 }, editor);
    expect(saved.body).toMatchObject({ revision: 2 });
    const late = { version: "2026-06-03.1", reason: "r", expected_revision: 1 };
    expect((await world.call(`POST ${path}/publish`, late, editor)).body["code"]).toBe("draft_moved");
    const published = await world.call(`POST ${path}/publish`, { ...late, expected_revision: 2 }, editor);
    expect(published).toMatchObject({ status: 201, body: { version: "2026-06-03.1", published_by: "ed" } });
    expect((await world.call(`GET ${path}`)).status).toBe(404);
  });

  test("of two tabs do not write over each other", async () => {
    const { body } = await world.call(`POST ${base}/drafts`, { document: DOCUMENT }, editor);
    const path = `${base}/drafts/${body["draft_id"] as string}`;
    const change = (owner: string): JsonObject => ({ document: { ...DOCUMENT, owner }, expected_revision: 1 });
    const both = await Promise.all(["one", "two"].map((owner) => world.call(`PUT ${path}`, change(owner), editor)));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const lost = both.find(({ status }) => status === 409);
    expect(lost?.body).toMatchObject({ code: "draft_moved", detail: expect.stringContaining("ed has changed") });
    const kept = both.find(({ status }) => status === 200)?.body["document"] as JsonObject;
    expect((await world.call(`GET ${path}`)).body["document"]).toEqual(kept);
    expect((await world.call(`DELETE ${path}?expected_revision=1`, undefined, editor)).status).toBe(409);
    expect((await world.call(`DELETE ${path}?expected_revision=2`, undefined, editor)).status).toBe(204);
  });
});

describe("a preview over HTTP", () => {
  test("is begun, looked at while it runs, and ends with every row", async () => {
    await world.decided("billing/low/0.9");
    const body = { document: DOCUMENT, workflow: "triage", runs: 5 };
    expect((await world.call(`POST ${base}/preview`, body, reviewer)).status).toBe(403);
    const begun = await world.call(`POST ${base}/preview`, body, editor);
    expect(begun.status).toBe(202);
    const found = await until(`${base}/previews/${begun.body["preview_id"] as string}`);
    expect(found).toMatchObject({ status: "done", done: 1, changed: 0, rows: [{ status: "same", person: null }] });
    const gone = await world.call(`GET ${base}/previews/pvw_none`);
    expect(gone).toMatchObject({ status: 404, body: { code: "unknown_preview" } });
  });

  test("takes one of version, draft and document", async () => {
    const both = { document: DOCUMENT, version: "2026-05-29.1", workflow: "triage" };
    expect((await world.call(`POST ${base}/preview`, both, editor)).status).toBe(422);
    expect((await world.call(`POST ${base}/preview`, { workflow: "triage" }, editor)).status).toBe(422);
  });
});

test("a curve over HTTP has a point for each threshold", async () => {
  const { body } = await world.call("GET /v1/releases/triage/curve?threshold=review_below&runs=10");
  expect(body).toMatchObject({ workflow: "triage", present: 0.75, direction: "below", source: "runs" });
  expect((body["points"] as JsonObject[]).length).toBe(101);
  const wrong = await world.call("GET /v1/releases/triage/curve?threshold=review_below&source=evl_1");
  expect(wrong.status).toBe(400);
});
