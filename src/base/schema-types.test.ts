import { expect, test } from "vitest";
import type { JsonObject } from "./json.ts";
import { typeText } from "./schema-types.ts";

test.each<[JsonObject, string]>([
  [{ type: "string" }, "string"],
  [{ type: ["integer", "null"] }, "number | null"],
  [{ enum: ["a", 1, null] }, '"a" | 1 | null'],
  [{ const: { a: [1] } }, '{ "a": [1] }'],
  [{ type: "array", items: { enum: ["a", "b"] } }, '("a" | "b")[]'],
  [{ type: "array" }, "unknown[]"],
  [{ prefixItems: [{ type: "string" }, { type: "number" }], minItems: 1, items: false }, "[string, number?]"],
  [{ type: "object" }, "{ [key: string]: unknown }"],
  [{ type: "object", additionalProperties: { type: "number" } }, "{ [key: string]: number }"],
  [
    { type: "object", required: ["a"], properties: { a: { type: "string" }, "b-c": {} } },
    '{\n  a: string;\n  "b-c"?: unknown;\n}',
  ],
  [{ properties: { a: { properties: { b: { type: "null" } } } } }, "{\n  a?: {\n    b?: null;\n  };\n}"],
  [
    { properties: { a: { description: "Ends */ here.", type: "string" } } },
    "{\n  /** Ends *\\/ here. */\n  a?: string;\n}",
  ],
  [{ $ref: "#/$defs/a", $defs: { a: { type: "string" } } }, "string"],
  [{ properties: { next: { $ref: "#" } } }, "{\n  next?: {\n    next?: unknown;\n  };\n}"],
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, "string | number"],
  [
    { allOf: [{ properties: { a: {} } }], type: "object", properties: { b: {} } },
    "{\n  a?: unknown;\n} & {\n  b?: unknown;\n}",
  ],
  [{}, "unknown"],
])("%j is %s", (schema, type) => {
  expect(typeText(schema)).toBe(type);
});
