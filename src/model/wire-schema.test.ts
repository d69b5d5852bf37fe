import { describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { wireSchema } from "./wire-schema.ts";

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  required: Object.keys(properties),
  properties,
  ...more,
});

describe("a schema on the wire", () => {
  test("is closed at every level, unless it opens itself", () => {
    const { schema, strict } = wireSchema(
      object({ a: object({ b: { type: "string" } }), c: object({}, { additionalProperties: true }) }),
    );
    expect(schema).toMatchObject({
      additionalProperties: false,
      properties: { a: { additionalProperties: false }, c: { additionalProperties: true } },
    });
    expect(strict).toBe(false);
    expect(wireSchema(object({ a: object({ b: { type: "string" } }) })).strict).toBe(true);
  });

  test("asks for strict decoding only where every property is required", () => {
    expect(wireSchema({ type: "object", properties: { a: { type: "string" } } }).strict).toBe(false);
    expect(
      wireSchema(object({ list: { type: "array", items: { type: "object", properties: { a: {} } } } })).strict,
    ).toBe(false);
    expect(wireSchema(object({ either: { oneOf: [{ type: "string" }] } })).strict).toBe(false);
    expect(wireSchema(object({ either: { anyOf: [{ type: "string" }, { type: "null" }] } })).strict).toBe(true);
  });

  test("carries no marks of ours, but keeps fields that look like keywords", () => {
    const { schema } = wireSchema(
      object({
        "x-ray": { type: "string", "x-sensitive": true },
        default: { type: "string", default: "a" },
        maxLength: { type: "number" },
      }),
    );
    expect(schema["properties"]).toEqual({
      "x-ray": { type: "string" },
      default: { type: "string" },
      maxLength: { type: "number" },
    });
  });

  test("says in words what strict decoders refuse, after what is said already", () => {
    const field = {
      type: "string",
      description: "A code.",
      pattern: "^[A-Z]+$",
      minLength: 2,
      maxLength: 5,
      format: "hostname",
    };
    const { schema } = wireSchema(object({ code: field }));
    expect(schema).toMatchObject({
      properties: {
        code: {
          type: "string",
          description:
            "A code. Matches the regular expression ^[A-Z]+$. At least 2 characters. At most 5 characters. Format: hostname.",
        },
      },
    });
    expect(wireSchema(object({ code: field }), true).schema).toMatchObject({ properties: { code: field } });
  });

  test("does not look for schemas inside values", () => {
    const value = { properties: { maxLength: 3, "x-a": 1 } };
    expect(wireSchema(object({ a: { const: value, enum: [value] } })).schema).toMatchObject({
      properties: { a: { const: value, enum: [value] } },
    });
  });

  test("leaves open what is put together from parts: one closed part would refuse the other's fields", () => {
    const parts: JsonObject = { type: "object", properties: { a: {} }, allOf: [object({ b: object({ c: {} }) })] };
    const { schema, strict } = wireSchema(parts);
    expect(strict).toBe(false);
    expect(schema).not.toHaveProperty("additionalProperties");
    expect(schema).toMatchObject({ allOf: [{ properties: { b: { additionalProperties: false } } }] });
    expect(schema["allOf"]).not.toMatchObject([{ additionalProperties: false }]);
  });

  test("closes the alternatives of a field, which are whole by themselves", () => {
    const { schema } = wireSchema(object({ either: { anyOf: [object({ a: {} }), object({ b: {} })] } }));
    expect(schema).toMatchObject({
      properties: { either: { anyOf: [{ additionalProperties: false }, { additionalProperties: false }] } },
    });
  });
});
