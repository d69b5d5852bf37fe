import fc from "fast-check";
import { gzipSync } from "node:zlib";
import type { OutgoingHttpHeaders } from "node:http";
import { isObject } from "../../src/base/json.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { ROUTES } from "../../src/http/roles.ts";
import { ticket } from "../../src/testing/sample-project.ts";
import { mutated } from "./mutate.ts";
import type { Sent } from "./target.ts";

/** What requests are made of: the server's own reference, and ids of what is really there. */
export interface Known {
  reference: JsonObject;
  ids: readonly string[];
}

const EVENTS: readonly Json[] = [
  ticket("evt_mutated", "Charged twice"),
  ticket("evt_marked", "Charged twice", { customer: { plan: "pro", arr: 2400 }, schema_version: 1 }),
  [ticket("evt_a", "one"), ticket("evt_b", "two"), ticket("evt_b", "three"), { event: "nothing" }],
];

const CLOUD_EVENT: Json = {
  specversion: "1.0",
  id: "evt_cloud",
  source: "/tests",
  type: "support_ticket.created",
  time: "2026-05-29T14:22:10Z",
  datacontenttype: "application/json",
  data: { ticket: { id: "t", subject: "s", body: "b" } },
};

const BINARY: OutgoingHttpHeaders = {
  "ce-specversion": "1.0",
  "ce-id": "evt_binary",
  "ce-source": "/tests",
  "ce-type": "support_ticket.created",
  "ce-time": "2026-05-29T14:22:10Z",
};

const TYPES = [
  "application/json", "application/json; charset=utf-8", "application/json; charset=utf-16", "application/json;;;", "text/plain", "text/html",
  "application/cloudevents+json", "application/cloudevents-batch+json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
  "application/problem+json", "APPLICATION/JSON", "json", "", "*/*", "application/json, application/json",
]; // prettier-ignore

/** Headers as a careless or ill-meaning sender writes them. */
const headers: fc.Arbitrary<OutgoingHttpHeaders> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ "content-type": "application/json" }) },
  { weight: 3, arbitrary: fc.constantFrom(...TYPES).map((type) => ({ "content-type": type })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<OutgoingHttpHeaders[]>(
      { "content-type": "application/json", "content-encoding": "gzip" },
      { "content-type": "application/json", "content-encoding": "identity" },
      { "content-type": "application/json", authorization: "" },
      { "content-type": "application/json", authorization: "Bearer" },
      { "content-type": "application/json", authorization: `Bearer ${"x".repeat(8_000)}` },
      { "content-type": "application/json", authorization: "Basic YTpi" },
      { "content-type": "application/json", cookie: `sluice_session=${"%00".repeat(500)}; a=b; =; ;;` },
      { "content-type": "application/json", host: "evil.example" },
      { "content-type": "application/json", host: "" },
      { "content-type": "application/json", origin: "null", "sec-fetch-site": "cross-site" },
      { "content-type": "application/json", "x-forwarded-host": "evil.example", forwarded: "for=;;;=" },
      { "content-type": "application/json", "accept-encoding": "gzip, gzip;q=2, *;q=nan", accept: "image/*" },
      { "content-type": "application/json", range: "bytes=0-0,-1", "if-none-match": "*" },
      { "content-type": "application/json", "last-event-id": "9".repeat(400) },
      { "content-type": "application/json", "x-long": "y".repeat(15_000) },
      { "content-type": "application/json", expect: "100-continue" },
      { "content-type": "application/json", upgrade: "websocket", connection: "upgrade" },
    ),
  },
);

const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom("..", "%2e%2e%2f", "%", "%00", "%E0%A4%A", "%ff", "run_", "__proto__", "constructor", "9".repeat(400), "x".repeat(6_000), "-1", "0", "true", "[]"), // prettier-ignore
);

/** Small waits only: a long one is no fault, and takes long. */
const bounded = (query: string): string =>
  query.replace(/wait=[^&]*/g, (wait) => (/^wait=\d+\w*$/.test(wait) ? "wait=5ms" : wait));

function queryOf(operation: JsonObject): fc.Arbitrary<string> {
  const parameters = (Array.isArray(operation["parameters"]) ? operation["parameters"] : []) as JsonObject[];
  const names = parameters.filter((each) => each["in"] === "query").map(({ name }) => String(name));
  const unknown = fc.constantFrom("nonsense", "__proto__", "limit", "");
  const name = names.length === 0 ? unknown : fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: unknown }); // prettier-ignore
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.tuple(name, piece), { maxLength: 3 }) },
    )
    .map((pairs) =>
      pairs.length === 0 ? "" : bounded(`?${pairs.map(([key, value]) => `${key}=${value}`).join("&")}`),
    );
}

/** A body that the reference describes: the smallest that fits, with all that is optional in it. */
function exampleOf(schema: Json | undefined, reference: JsonObject, depth = 0): Json {
  if (!isObject(schema) || depth > 6) return "x";
  if (typeof schema["$ref"] === "string") {
    const name = schema["$ref"].split("/").at(-1) as string;
    return exampleOf(((reference["components"] as JsonObject)["schemas"] as JsonObject)[name], reference, depth + 1);
  }
  const choice = [schema["oneOf"], schema["anyOf"], schema["allOf"]].find(Array.isArray);
  if (choice !== undefined) return exampleOf(choice[0], reference, depth + 1);
  if (Array.isArray(schema["enum"])) return schema["enum"][0] as Json;
  if (schema["const"] !== undefined) return schema["const"];
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (type === "array") return [exampleOf(schema["items"], reference, depth + 1)];
  if (type === "integer" || type === "number") return 1;
  if (type === "boolean") return true;
  const properties = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
  if (type === "string") return "x";
  return Object.fromEntries(properties.map(([key, inner]) => [key, exampleOf(inner, reference, depth + 1)]));
}

/** What would stop the good requests that follow, done well: never sent with the name of what is there. */
const ENDS_SOMETHING = /^DELETE|pause|erase|restore|retention/;

function requestTo(key: string, { reference, ids }: Known): fc.Arbitrary<Sent> {
  const [method, pattern] = key.split(" ") as [string, string];
  const operation = ((reference["paths"] as JsonObject)[pattern] as JsonObject)[method.toLowerCase()] as JsonObject;
  const id = ENDS_SOMETHING.test(key) ? piece : fc.oneof(fc.constantFrom(...ids), piece);
  const content = isObject(operation["requestBody"]) ? (operation["requestBody"]["content"] as JsonObject) : {};
  const schema = (content["application/json"] as JsonObject | undefined)?.["schema"];
  const documents = key === "POST /v1/events" ? fc.constantFrom(...EVENTS) : fc.constant(exampleOf(schema, reference));
  const body = method === "GET" ? fc.constant(undefined) : mutated(documents);
  return fc
    .record({ id, query: queryOf(operation), headers, body, chunked: fc.boolean(), method: otherMethod(method) })
    .map(({ id: part, query, body: bytes, ...rest }) => ({
      path: `${pattern.replaceAll(/\{\w+\}/g, () => part)}${query}`,
      ...rest,
      ...(bytes === undefined || rest.method === "GET" ? {} : { body: bytes }),
    }));
}

function otherMethod(method: string): fc.Arbitrary<string> {
  return fc.oneof({ weight: 30, arbitrary: fc.constant(method) }, { weight: 2, arbitrary: fc.constantFrom("HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "PROPFIND") }); // prettier-ignore
}

const structured = fc
  .tuple(
    mutated(fc.constantFrom<Json[]>(CLOUD_EVENT, [CLOUD_EVENT, CLOUD_EVENT])),
    fc.constantFrom(...TYPES.filter((type) => type.includes("cloud"))),
  ) // prettier-ignore
  .map(([body, type]): Sent => ({ method: "POST", path: "/v1/events", body, headers: { "content-type": type } }));

const binary = fc
  .record({
    body: mutated(fc.constant<Json>({ ticket: { id: "t", subject: "s", body: "b" } })),
    name: fc.constantFrom(...Object.keys(BINARY), "ce-schemaversion", "ce-dataschema", "ce-x", "ce-__proto__"),
    value: fc.constantFrom("", "1.0", "2.0", "null", "%00", "yesterday", "x".repeat(5_000), "{}", "__proto__"),
  })
  .map(({ body, name, value }): Sent => {
    const more = { "content-type": "application/json", ...BINARY, [name]: value };
    return { method: "POST", path: "/v1/events", body, headers: more };
  });

const anywhere = fc
  .record({ method: otherMethod("GET"), path: piece, headers })
  .map(({ path, ...rest }): Sent => ({ ...rest, path: `/${path}` }));

/** Any request: to each route there is, to the address of events in its three forms, and to nowhere. */
export function requests(known: Known): fc.Arbitrary<Sent> {
  const routes = Object.keys(ROUTES).map((key) => requestTo(key, known));
  return fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...routes) },
    { weight: 8, arbitrary: requestTo("POST /v1/events", known) },
    { weight: 2, arbitrary: structured },
    { weight: 2, arbitrary: binary },
    { weight: 1, arbitrary: anywhere },
  );
}

const event = JSON.stringify(ticket("evt_on_the_wire", "Charged twice"));

/** Who never gets to an end of sending: given up by the server's clock. */
export function slowGames(token: string): readonly string[] {
  const head = `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
  return ["POST /v1/events HT", head, `${head}Transfer-Encoding: chunked\r\n`];
}

/** Bytes that no client library sends. */
export function wireGames(token: string): Readonly<Record<string, readonly (string | Buffer)[]>> {
  const head = (line: string, ...more: string[]): string =>
    [`${line} HTTP/1.1`, "Host: 127.0.0.1", `Authorization: Bearer ${token}`, "Connection: close", ...more, "", ""].join("\r\n"); // prettier-ignore
  const post = (...more: string[]): string => head("POST /v1/events", "Content-Type: application/json", ...more);
  const length = `Content-Length: ${Buffer.byteLength(event)}`;
  const open = head("GET /v1/runs").replace("Connection: close\r\n", "");
  return {
    "no request line": ["\r\n\r\n\r\n\r\nx\r\n\r\n"],
    "bytes of another protocol": [Buffer.from("16030100a5010000a10303", "hex")],
    "HTTP/2 preface": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    "HTTP/0.9": ["GET /v1/runs\r\n\r\n"],
    "HTTP/9.9": [head("GET /v1/runs").replace("1.1", "9.9")],
    "an unknown method": [head("BREW /v1/runs")],
    "a space in the path": [head("GET /v1/runs with space")],
    "a null in the path": [head("GET /v1/ru\u0000ns")],
    "raw bytes in the path": [head("GET /v1/\u00ff\u00fe")],
    "an absolute address": [head("GET http://evil.example/v1/runs")],
    "an address that is none": [head("GET http://[::1/v1")],
    "an asterisk": [head("OPTIONS *")],
    connect: [head("CONNECT evil.example:443")],
    "two hosts": [head("GET /v1/runs", "Host: evil.example")],
    "no host": [head("GET /v1/runs").replace("Host: 127.0.0.1\r\n", "")],
    "two lengths": [post(length, "Content-Length: 5"), event],
    "a length and chunks": [post(length, "Transfer-Encoding: chunked"), event],
    "a negative length": [post("Content-Length: -5"), event],
    "a length in words": [post("Content-Length: five"), event],
    "a length beyond all bounds": [post("Content-Length: 99999999999999999999"), event],
    "an unknown coding": [post("Transfer-Encoding: gzip, chunked"), "0\r\n\r\n"],
    "chunks of nonsense": [post("Transfer-Encoding: chunked"), "zz\r\n{}\r\n0\r\n\r\n"],
    "a negative chunk": [post("Transfer-Encoding: chunked"), "-1\r\n{}\r\n0\r\n\r\n"],
    "a chunk extension of 100 KB": [post("Transfer-Encoding: chunked"), `2;${"x".repeat(100_000)}\r\n{}\r\n0\r\n\r\n`],
    "ten thousand chunks": [post("Transfer-Encoding: chunked"), "1\r\n \r\n".repeat(10_000), "0\r\n\r\n"],
    "good chunks": [post("Transfer-Encoding: chunked"), `${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n`],
    "a trailer": [post("Transfer-Encoding: chunked"), `2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n`],
    "a header of 20 KB": [head("GET /v1/runs", `X: ${"y".repeat(20_000)}`)],
    "a thousand headers": [head("GET /v1/runs", ...Array.from({ length: 1_000 }, (_, i) => `X-${i}: y`))],
    "a header without a name": [head("GET /v1/runs", ": y")],
    "a header without a colon": [head("GET /v1/runs", "nonsense")],
    "a folded header": [head("GET /v1/runs", "X: a", " b")],
    "line ends without a return": [head("GET /v1/runs").replaceAll("\r\n", "\n")],
    "two tokens": [head("GET /v1/runs", "Authorization: Bearer other")],
    "a zipped body": [post("Content-Encoding: gzip", `Content-Length: ${gzipSync(event).byteLength}`), gzipSync(event)],
    "an expectation": [post(length, "Expect: 100-continue"), event],
    "an expectation that is none": [post(length, "Expect: miracles"), event],
    "an expectation without a token": [post(length, "Expect: 100-continue").replace(token, "none"), event],
    "a websocket": [head("GET /v1/runs", "Upgrade: websocket")],
    "ten requests at once": [open.repeat(9), head("GET /v1/runs")],
    "a bad request in a row": [open, open.replace("HTTP/1.1", "HTTP/x"), open],
    "a smuggled request": [post("Content-Length: 2"), `{}${head("GET /v1/tokens")}`],
  };
}
