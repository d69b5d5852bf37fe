import { describe, expect, test } from "vitest";
import type { Json } from "../../../api/schema.gen.ts";
import { alternativeOf, blankItem, blankOf, shapeOf } from "./shape.ts";
import { changesOf, isSame, pointerOf, valueAt, withValueAt } from "./value.ts";

const ROOT: Json = {
  type: "object",
  required: ["kind", "lines"],
  properties: {
    kind: { enum: ["a", "b"] },
    lines: { type: "array", items: { $ref: "#/$defs/line" } },
    note: { type: ["string", "null"] },
  },
  $defs: {
    circle: { allOf: [{ $ref: "#/$defs/circle" }] },
    line: {
      type: "object",
      required: ["text", "fixed", "under"],
      properties: {
        text: { type: "string" },
        fixed: { const: 1 },
        under: { type: "array", items: { $ref: "#/$defs/line" } },
      },
    },
  },
};
const shape = (schema: Json): ReturnType<typeof shapeOf> => shapeOf(schema, ROOT);

describe("the field that a schema asks for", () => {
  test.each<[string, Json, string]>([
    ["fixed values", { enum: ["x", 1, null] }, "choice"],
    ["alternatives that are all fixed", { oneOf: [{ const: "x", title: "The x" }, { const: "y" }] }, "choice"],
    ["one fixed value", { const: 3 }, "fixed"],
    ["nothing but null", { type: "null" }, "fixed"],
    ["a boolean", { type: "boolean" }, "flag"],
    ["a whole number", { type: "integer", minimum: 1 }, "number"],
    ["a list", { type: "array", items: { type: "string" } }, "list"],
    ["a list of fixed values, each once", { type: "array", uniqueItems: true, items: { enum: ["x"] } }, "set"],
    ["a value or null", { type: ["string", "null"] }, "either"],
    ["alternatives", { anyOf: [{ type: "string" }, { type: "number" }] }, "either"],
    ["a reference", { $ref: "#/$defs/line" }, "object"],
    [
      "parts that add up",
      { allOf: [{ $ref: "#/$defs/line" }, { properties: { more: { type: "string" } } }] },
      "object",
    ],
    ["a list whose places differ", { type: "array", prefixItems: [true] }, "json"],
    ["an object of any members", { type: "object", additionalProperties: { type: "number" } }, "json"],
    ["anything", true, "json"],
    ["a reference to nothing", { $ref: "#/$defs/gone" }, "json"],
    ["a reference in a circle", { allOf: [{ $ref: "#/$defs/circle" }] }, "json"],
  ])("for %s", (_what, schema, kind) => {
    expect(shape(schema).kind).toBe(kind);
  });

  test("has room for lines where a text may be long, and says its limits", () => {
    expect(shape({ type: "string", maxLength: 40 })).toMatchObject({ long: false, says: ["at most 40 characters"] });
    expect(shape({ type: "string" })).toMatchObject({ long: true });
    expect(shape({ type: "string", format: "email" })).toMatchObject({ long: false, says: ["format email"] });
    expect(shape({ type: "number", minimum: 0, maximum: 1 })).toMatchObject({ step: 0.05, says: ["0 to 1"] });
  });

  test("adds up the members and what is required of alternatives and what is around them", () => {
    const either = shape({
      type: "object",
      properties: { id: { type: "string" } },
      oneOf: [
        { properties: { kind: { const: "refund" }, usd: { type: "number" } }, required: ["kind", "usd"] },
        { properties: { kind: { const: "none" } }, required: ["kind"] },
      ],
    });
    expect(either).toMatchObject({ kind: "either", alternatives: [{ label: "refund" }, { label: "none" }] });
    if (either.kind !== "either") return;
    expect(shape(either.alternatives[0]?.schema ?? true)).toMatchObject({
      members: [{ name: "id" }, { name: "kind" }, { name: "usd", required: true }],
    });
    expect(alternativeOf({ kind: "none" }, either.alternatives, ROOT)).toBe(1);
    expect(alternativeOf({ kind: "refund", usd: 3 }, either.alternatives, ROOT)).toBe(0);
    expect(alternativeOf({ kind: "other" }, either.alternatives, ROOT)).toBe(-1);
  });
});

describe("a new value", () => {
  test("has what is required and has only one value, and guesses at nothing else", () => {
    expect(blankOf(ROOT, ROOT)).toEqual({ lines: [] });
    expect(blankItem({ $ref: "#/$defs/line" }, ROOT)).toEqual({ fixed: 1, under: [] });
    expect(blankOf({ enum: ["a"], default: "a" }, ROOT)).toBe("a");
    expect(blankItem({ enum: ["a", "b"] }, ROOT)).toBeNull();
  });
});

describe("a value that is changed", () => {
  const value = { a: [{ b: 1 }, { b: 2 }], "c/d": null };

  test("keeps everything else, and the one before it", () => {
    const next = withValueAt(value, ["a", 1, "b"], 3);
    expect(next).toEqual({ a: [{ b: 1 }, { b: 3 }], "c/d": null });
    expect(value.a[1]).toEqual({ b: 2 });
    expect(withValueAt(value, ["a", 0], undefined)).toEqual({ a: [{ b: 2 }], "c/d": null });
    expect(withValueAt(undefined, ["x", "y"], false)).toEqual({ x: { y: false } });
  });

  test("tells what differs at the deepest place, by pointer", () => {
    const next = withValueAt(withValueAt(value, ["a", 1, "b"], 3), ["c/d"], undefined);
    expect(changesOf(value, next).map(({ path, before, after }) => [pointerOf(path), before, after])).toEqual([
      ["/a/1/b", 2, 3],
      ["/c~1d", null, undefined],
    ]);
    expect(changesOf(value, { ...value, a: [] })).toMatchObject([{ path: ["a"], after: [] }]);
    expect(changesOf(value, structuredClone(value))).toEqual([]);
  });

  test("is looked up by own members only", () => {
    expect(valueAt({}, ["constructor"])).toBeUndefined();
    expect(isSame({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
    expect(isSame([], {})).toBe(false);
  });
});
