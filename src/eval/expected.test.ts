import { describe, expect, it } from "vitest";
import type { Json } from "../base/json.ts";
import { EXPECTED_OPERATORS, expectedFields, expectedProblems, matchesExpected, mismatches } from "./expected.ts";

const OUTPUT: Json = {
  category: "billing",
  urgency: "high",
  amount: 12.3,
  tags: ["refund", "double charge"],
  customer: { id: "cus_1", plan: "pro" },
  note: null,
};

const HOLDS: [string, Json][] = [
  ["a partial object", { category: "billing" }],
  ["a partial object inside another", { customer: { plan: "pro" } }],
  ["no demand at all", {}],
  ["null where null is", { note: null }],
  ["one of several", { category: { $any_of: ["account", "billing"] } }],
  ["a predicate inside $any_of", { amount: { $any_of: [{ $max: 1 }, { $min: 12 }] } }],
  ["all of several", { category: { $all_of: [{ $matches: "^bill" }, { $not: "bills" }] } }],
  ["not another", { urgency: { $not: "low" } }],
  ["not, of a field that is missing", { refund: { $not: true } }],
  ["a range", { amount: { $min: 12, $max: 12.3 } }],
  ["a number nearby", { amount: { $near: 12, $within: 0.3 } }],
  ["a pattern", { customer: { id: { $matches: "^cus_\\d+$" } } }],
  ["text inside text", { category: { $contains: "ill" } }],
  ["a member of a list", { tags: { $contains: "refund" } }],
  ["several members", { tags: { $contains: ["double charge", { $matches: "^ref" }] } }],
  ["a set in another order", { tags: { $set: ["double charge", "refund"] } }],
  ["a list in its order", { tags: ["refund", "double charge"] }],
  ["a whole object", { customer: { $equals: { plan: "pro", id: "cus_1" } } }],
  ["existence", { note: { $exists: true }, refund: { $exists: false } }],
];

const FAILS: [string, Json][] = [
  ["another value", { category: "bug" }],
  ["a number where text is", { category: 1 }],
  ["text that differs in case", { category: "Billing" }],
  ["a field that is missing", { refund: true }],
  ["null where nothing is", { refund: null }],
  ["a list in another order", { tags: ["double charge", "refund"] }],
  ["a list that is shorter", { tags: ["refund"] }],
  ["a set with one more", { tags: { $set: ["refund"] } }],
  ["a set with one less", { tags: { $set: ["refund", "double charge", "late"] } }],
  ["an object that has more, under $equals", { customer: { $equals: { plan: "pro" } } }],
  ["a number too far off", { amount: { $near: 12, $within: 0.2 } }],
  ["a range it is outside of", { amount: { $max: 12 } }],
  ["a range, of text", { category: { $min: 0 } }],
  ["a pattern, of a number", { amount: { $matches: "." } }],
  ["a partial object where text is", { category: {} }],
];

describe("an expected value", () => {
  it.each(HOLDS)("matches: %s", (_name, expected) => {
    expect(expectedProblems(expected)).toEqual([]);
    expect(matchesExpected(expected, OUTPUT)).toBe(true);
    expect(mismatches(expected, OUTPUT)).toEqual([]);
  });

  it.each(FAILS)("does not match: %s", (_name, expected) => {
    expect(expectedProblems(expected)).toEqual([]);
    expect(matchesExpected(expected, OUTPUT)).toBe(false);
    expect(mismatches(expected, OUTPUT).length).toBeGreaterThan(0);
  });

  it("of no output matches nothing that is demanded", () => {
    expect(matchesExpected({ category: "billing" }, undefined)).toBe(false);
    expect(matchesExpected({}, undefined)).toBe(false);
  });

  it("takes no field from the prototype", () => {
    expect(matchesExpected({ constructor: { $exists: true } }, {})).toBe(false);
    expect(expectedProblems({ x: { $constructor: 1 } })).toHaveLength(1);
  });

  it("is near within the last digit of a double", () => {
    expect(matchesExpected({ $near: 0.2, $within: 0.1 }, 0.30000000000000004)).toBe(true);
    expect(matchesExpected({ $near: 0.2, $within: 0.1 }, 0.301)).toBe(false);
  });
});

describe("where an output is wrong", () => {
  it("is told by pointer, with both sides", () => {
    expect(mismatches({ category: "bug", customer: { plan: "free", "a/b": 1 } }, OUTPUT)).toEqual([
      { pointer: "/category", expected: "bug", actual: "billing" },
      { pointer: "/customer/plan", expected: "free", actual: "pro" },
      { pointer: "/customer/a~1b", expected: 1, actual: undefined },
    ]);
  });

  it("is every field that was expected where there is no output", () => {
    const expected = { category: "bug", customer: { plan: "free", id: "x" } };
    expect(expectedFields(expected)).toBe(3);
    expect(mismatches(expected, undefined)).toHaveLength(3);
  });
});

describe("mistakes in an expected value", () => {
  it.each<[Json, string]>([
    [{ a: { $in: ["x"] } }, "/a/$in"],
    [{ a: { $any_of: [] } }, "/a/$any_of"],
    [{ a: { $any_of: [{ $matches: "(" }] } }, "/a/$any_of/0/$matches"],
    [{ a: { $matches: "(?=x)" } }, "/a/$matches"],
    [{ a: { $near: 1 } }, "/a/$near"],
    [{ a: { $within: 1 } }, "/a/$within"],
    [{ a: { $near: 1, $within: -1 } }, "/a/$within"],
    [{ a: { $min: "1" } }, "/a/$min"],
    [{ a: { $set: "x" } }, "/a/$set"],
    [{ a: { $exists: "yes" } }, "/a/$exists"],
    [{ a: { $not: "x", b: 1 } }, "/a/b"],
    [[{ $what: 1 }], "/0/$what"],
  ])("%j is told at %s", (expected, pointer) => {
    expect(expectedProblems(expected).map((problem) => problem.pointer)).toEqual([pointer]);
  });

  it("match nothing, also under $not", () => {
    expect(matchesExpected({ $not: { $in: ["x"] } }, "y")).toBe(false);
    expect(matchesExpected({ $not: { $matches: "(" } }, "y")).toBe(false);
  });

  it("name the operators there are", () => {
    expect(expectedProblems({ $in: [] })[0]?.message).toContain("$any_of");
    expect(EXPECTED_OPERATORS).toContain("$set");
  });
});
