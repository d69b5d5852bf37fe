import { expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import { impossible } from "./fit.ts";

const SCHEMA: Json = {
  type: "object",
  properties: {
    category: { type: "string", enum: ["billing", "bug"] },
    account: { type: "object", properties: { plan: { enum: ["pro", null] } } },
    more: { type: "object", properties: {}, additionalProperties: true },
    either: { anyOf: [{ enum: ["a"] }] },
    tags: { type: "array", items: { enum: ["x"] } },
  },
};

const told = (expected: Json): string[] =>
  impossible(expected, SCHEMA).map((each) => `${each.pointer} ${each.message}`);

test("what an output can never be is told, with the near word", () => {
  expect(told({ category: "biling" })).toEqual([
    '/category is "biling", which the output can never be. Did you mean "billing"?',
  ]);
  expect(told({ categroy: "bug" })).toEqual(['/categroy is no field of the output. Did you mean "category"?']);
  expect(told({ account: { plan: "free" } })).toHaveLength(1);
});

test("what it may be, or what nobody can tell, is not", () => {
  for (const expected of [
    { category: "bug", account: { plan: null } },
    { category: { $any_of: ["biling"] } },
    { more: { anything: 1 }, either: "b", tags: ["y"] },
    { $not: { category: "biling" } },
    "text",
    null,
  ] as Json[])
    expect(told(expected)).toEqual([]);
  expect(impossible({ x: 1 }, undefined)).toEqual([]);
});
