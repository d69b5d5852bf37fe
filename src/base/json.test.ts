import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonTooDeep, MAX_DEPTH, atPath, atPointer, canonicalJson, isObject, parseJson, pointerToken } from "./json.ts";
import type { Json } from "./json.ts";

const anyJson = fc.jsonValue() as fc.Arbitrary<Json>;

describe("parseJson", () => {
  test("reads what JSON.stringify writes", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("refuses nesting beyond the limit, and only that", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(MAX_DEPTH))).toBeInstanceOf(Array);
    expect(() => parseJson(nested(MAX_DEPTH + 1))).toThrow(JsonTooDeep);
    expect(parseJson(JSON.stringify("[{".repeat(1_000)))).toContain("[{");
    expect(parseJson(JSON.stringify({ a: `\\"${"[".repeat(500)}` }))).toHaveProperty("a");
  });

  test("refuses what is not JSON", () => {
    for (const text of ["", "{", "{a:1}", "[1,]", "NaN", "'a'", "1 2"])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

test("equal documents have one canonical text, whatever the order of keys", () => {
  expect(canonicalJson({ b: 1, a: [1.0, "é"] })).toBe('{"a":[1,"é"],"b":1}');
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.integer()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
    }),
  );
});

describe("pointers", () => {
  test("lead to the value they were made for", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (keys) => {
        const document = keys.reduceRight<Json>((inner, key) => Object.fromEntries([[key, inner]]), "found");
        expect(atPointer(document, keys.map((key) => `/${pointerToken(key)}`).join(""))).toBe("found");
      }),
    );
  });

  test("never reach what is inherited", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      expect(atPointer({}, `/${name}`)).toBeUndefined();
      expect(atPath({ a: {} }, `a.${name}`)).toBeUndefined();
    }
    expect(atPointer([1], "/length")).toBeUndefined();
    expect(atPointer([1], "/00")).toBeUndefined();
    expect(atPath({ a: [{ b: 2 }] }, "a.0.b")).toBe(2);
  });
});

test("an object is neither null nor a list", () => {
  expect([{}, [], null, "a", undefined].map(isObject)).toEqual([true, false, false, false, false]);
});
