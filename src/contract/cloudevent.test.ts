import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../base/json.ts";
import { cloudEventMode, fromCloudEvent } from "./cloudevent.ts";
import type { HeaderValues } from "./cloudevent.ts";

const structured = { "content-type": "application/cloudevents+json; charset=utf-8" };
const event = { specversion: "1.0", id: "evt_1", source: "/desk", type: "a.b", time: "2026-05-29T14:22:10Z" };
const ours = { event: "a.b", event_id: "evt_1", created_at: "2026-05-29T14:22:10Z" };
const binary: HeaderValues = {
  "content-type": "application/json",
  "ce-specversion": "1.0",
  "ce-id": "evt_1",
  "ce-source": "/desk",
  "ce-type": "a.b",
  "ce-time": event.time,
};
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

test("requests say how they carry CloudEvents", () => {
  expect([structured, binary, { "content-type": "application/cloudevents-batch+json" }, { "content-type": "application/json" }, {}].map(cloudEventMode)).toEqual([
    "structured", "binary", "batch", null, null,
  ]);
}); // prettier-ignore

describe("a CloudEvent becomes an event of ours", () => {
  test.each<[string, HeaderValues, Json, JsonObject]>([
    ["structured", structured, { ...event, data: { ticket: { id: 1 } } }, { ...ours, ticket: { id: 1 } }],
    ["binary", binary, { ticket: { id: 1 } }, { ...ours, ticket: { id: 1 } }],
    ["without data", structured, event, ours],
    ["with data as base 64", structured, { ...event, data_base64: base64({ ticket: 1 }) }, { ...ours, ticket: 1 }],
    ["with a version", structured, { ...event, schemaversion: 2, data: {} }, { ...ours, schema_version: 2 }],
    ["with a version in a header", { ...binary, "ce-schemaversion": "2" }, {}, { ...ours, schema_version: 2 }],
    ["with a version at the end of its schema's address", structured, { ...event, dataschema: "https://x.org/events/a.b/3.schema.json", data: {} }, { ...ours, schema_version: 3 }],
    ["with data that repeats the envelope", structured, { ...event, data: { ...ours, n: 1 } }, { ...ours, n: 1 }],
    ["with escaped headers", { ...binary, "ce-id": "%C3%A9vt%20%22" }, {}, { ...ours, event_id: 'évt "' }],
    ["with extensions, which are left out", structured, { ...event, traceparent: "00-1", data: { n: 1 } }, { ...ours, n: 1 }],
  ])("%s", (_, headers, body, expected) => {
    expect(fromCloudEvent(headers, body)).toEqual({ ok: true, event: expected });
  }); // prettier-ignore
});

describe("a CloudEvent is refused", () => {
  const { time: _, ...untimed } = event;
  test.each<[string, HeaderValues, Json, string]>([
    ["of another version", structured, { ...event, specversion: "0.3" }, '/specversion must be "1.0"'],
    ["without a time", structured, untimed, "/time is required"],
    ["without a source header", { ...binary, "ce-source": undefined }, {}, "The header ce-source is required"],
    ["with data that is no object", structured, { ...event, data: [1] }, "/data must be a JSON object"],
    ["with a body that is no object", binary, "x", " must be a JSON object"],
    ["with data twice", structured, { ...event, data: {}, data_base64: "" }, '/data cannot stand beside "data_base64"'],
    ["with data of another kind", structured, { ...event, datacontenttype: "text/xml", data_base64: "YQ==" }, "/datacontenttype must be a JSON type"],
    ["with base 64 that holds no JSON", structured, { ...event, data_base64: "YQ==" }, "/data_base64 does not hold JSON"],
    ["that contradicts its data", structured, { ...event, data: { event_id: "other" } }, `/data/event_id is not what the CloudEvent's "id" says`],
    ["that is a list", structured, [], " must be object, is array"],
  ])("%s", (_name, headers, body, expected) => {
    const result = fromCloudEvent(headers, body);
    expect(result.ok ? [] : result.errors.map(({ pointer, message }) => `${pointer} ${message}`)).toContainEqual(expect.stringContaining(expected));
  }); // prettier-ignore
});
