import { expect, test } from "vitest";
import { compileSchema } from "./schema.ts";

test("a path is lacking where no valid value can have it, with what is declared there", () => {
  const schema = compileSchema({
    properties: {
      a: { $ref: "#/$defs/a" },
      lines: { items: { properties: { sku: {} } } },
      free: { type: "object" },
      either: { oneOf: [{ properties: { x: {} } }, { properties: { y: {} } }] },
      map: { additionalProperties: { properties: { n: {} } } },
    },
    $defs: { a: { properties: { b: { properties: { c: {} } } } } },
  });
  const lacks = (path: string): unknown => schema.lacks(path.split("."));
  for (const path of ["a", "a.b.c", "a.b.c.d", "lines.0.sku", "free.x.y", "either.x", "either.y", "map.any.n"])
    expect(lacks(path), path).toBeNull();
  expect(lacks("b")).toEqual({ name: "b", declared: ["a", "lines", "free", "either", "map"] });
  expect(lacks("a.c")).toEqual({ name: "c", declared: ["b"] });
  expect(lacks("lines.0.sk")).toEqual({ name: "sk", declared: ["sku"] });
  expect(lacks("either.z")).toEqual({ name: "z", declared: ["x", "y"] });
  expect(lacks("map.any.m")).toEqual({ name: "m", declared: ["n"] });
});
