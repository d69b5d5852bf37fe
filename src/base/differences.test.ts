import { expect, test } from "vitest";
import { differences } from "./differences.ts";

test("fields that changed, came or went are named by their pointers, nested ones too", () => {
  const before = { a: 1, b: { "x/y": "old", z: [1] }, gone: null };
  const after = { a: 1, b: { "x/y": "new", z: [1, 2] }, toString: "came" };
  expect(differences(before, after)).toEqual([
    { pointer: "/b/x~1y", before: "old", after: "new" },
    { pointer: "/b/z", before: [1], after: [1, 2] },
    { pointer: "/gone", before: null, after: undefined },
    { pointer: "/toString", before: undefined, after: "came" },
  ]);
});

test("values of other kinds are compared whole, equal ones not named", () => {
  expect(differences("text", { a: 1 })).toEqual([{ pointer: "", before: "text", after: { a: 1 } }]);
  expect(differences({ a: { b: [false, 0, ""] } }, { a: { b: [false, 0, ""] } })).toEqual([]);
});
