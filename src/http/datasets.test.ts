import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiWorld } from "../testing/api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world.close());

const CSV = '\uFEFFid,text,label\r\n1,"Wo ist mein ""Geld""?",billing\r\n2,über,oos\r\n';
const MAP = { id: "id", text: "input.query", label: "expected.intent" };

async function upload(
  path: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${world.admin}`, "content-type": type };
  const response = await fetch(world.url + path, { method: "POST", headers, body });
  return { status: response.status, body: await response.json() };
}

async function exported(path: string): Promise<string> {
  const response = await fetch(world.url + path, { headers: { authorization: `Bearer ${world.admin}` } });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  return await response.text();
}

describe("a dataset", () => {
  test("comes in as CSV, is listed, read page by page, and goes out as the lines suites read", async () => {
    const given = { kind: "golden", format: "csv", map: MAP, data: CSV };
    const { status, body } = await world.call("POST /v1/datasets/intents/import", given);
    expect([status, body]).toMatchObject([201, { name: "intents", version: 1, cases: 2, kind: "golden", fresh: true }]);
    expect((await world.call("GET /v1/datasets")).body["items"]).toMatchObject([{ name: "intents", version: 1, suites: [] }]);
    const first = await world.call("GET /v1/datasets/intents/versions/1/cases?limit=1");
    expect(first.body).toMatchObject({ items: [{ id: "1", input: { query: 'Wo ist mein "Geld"?' } }], next_cursor: "1" });
    const second = await world.call("GET /v1/datasets/intents/versions/1/cases?limit=1&cursor=1");
    expect(second.body).toMatchObject({ items: [{ id: "2", expected: { intent: "oos" } }], next_cursor: null });
    const lines = await exported("/v1/datasets/intents/export");
    expect(await upload("/v1/datasets/copy/import?kind=golden", "application/x-ndjson", lines)).toMatchObject({ status: 201, body: { hash: body["hash"] } });
  }); // prettier-ignore

  test("is the same version when the same comes again, and the next when something else does", async () => {
    const path = `/v1/datasets/again/import?kind=edge&map=${encodeURIComponent(JSON.stringify(MAP))}`;
    expect(await upload(path, "text/csv", CSV)).toMatchObject({ status: 201, body: { version: 1 } });
    expect(await upload(path, "text/csv", CSV)).toMatchObject({ status: 200, body: { version: 1, fresh: false } });
    expect(await upload(path, "text/csv", `${CSV}3,x,y\r\n`)).toMatchObject({ status: 201, body: { version: 2 } });
    expect((await world.call("GET /v1/datasets/again")).body).toMatchObject({ versions: [{ version: 2, cases: 3 }, { version: 1, cases: 2 }] }); // prettier-ignore
    expect((await exported("/v1/datasets/again/export?version=1")).trimEnd().split("\n")).toHaveLength(2);
  });

  test("with mistakes is refused whole, each told with its line", async () => {
    const data = '{"id":"1","input":{},"expected":1}\n{"id":"1","input":{},"expected":1}\n{"id":"2"}\n';
    const { status, body } = await world.call("POST /v1/datasets/bad/import", { kind: "golden", data });
    expect([status, body["code"]]).toEqual([422, "bad_cases"]);
    expect(body["errors"]).toMatchObject([{ pointer: "/2" }, { pointer: "/3" }]);
    expect((await world.call("GET /v1/datasets/bad")).body).toMatchObject({ code: "unknown_dataset", status: 404 });
  });

  test.each<[string, string, string, string | Uint8Array<ArrayBuffer>, number, string]>([
    ["no kind", "/v1/datasets/x/import", "text/csv", CSV, 400, "invalid_query"],
    ["another type", "/v1/datasets/x/import?kind=golden", "text/plain", CSV, 415, "unsupported_media_type"],
    ["a mapping that is none", "/v1/datasets/x/import?kind=golden&map={}", "text/csv", CSV, 422, "bad_mapping"],
    ["a mapping that is no JSON", "/v1/datasets/x/import?kind=golden&map=x", "text/csv", CSV, 400, "invalid_query"],
    ["a mapping of JSONL", "/v1/datasets/x/import?kind=golden&map={}", "application/x-ndjson", "{}", 422, "bad_mapping"],
    ["columns nobody mapped", "/v1/datasets/x/import?kind=golden", "text/csv", CSV, 422, "bad_cases"],
    ["Latin-1", "/v1/datasets/x/import?kind=golden", "application/x-ndjson", new Uint8Array([0x22, 0xfc, 0x22]), 422, "bad_cases"],
    ["nothing", "/v1/datasets/x/import?kind=golden", "application/x-ndjson", "", 422, "no_cases"],
    ["a name for no address", "/v1/datasets/a%2Fb/import?kind=golden", "application/x-ndjson", "{}", 400, "bad_dataset_name"],
    ["a body off its shape", "/v1/datasets/x/import", "application/json", '{"kind":"golden"}', 422, "invalid_body"],
  ])("with %s is refused, and nothing is there", async (_what, path, type, body, status, code) => {
    expect(await upload(path, type, body)).toMatchObject({ status, body: { code } });
    expect((await world.call("GET /v1/datasets/x")).status).toBe(404);
  }); // prettier-ignore

  test.each([
    ["/v1/datasets/intents/versions/9/cases", 404, "unknown_dataset_version"],
    ["/v1/datasets/intents/versions/one/cases", 404, "unknown_dataset_version"],
    ["/v1/datasets/intents/versions/1/cases?cursor=x", 400, "bad_cursor"],
    ["/v1/datasets/intent/export", 404, "unknown_dataset"],
  ])("%s is answered with a problem", async (path, status, code) => {
    expect((await world.call(`GET ${path}`)).body).toMatchObject({ status, code });
  });
});
