import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileCondition, conditionFrom } from "./condition.ts";
import type { Judgement } from "./condition.ts";
import type { JsonObject } from "./json.ts";

const VALUES: JsonObject = {
  customer: { plan: "pro", arr: 2400, region: null, tags: ["new", "eu"] },
  output: { category: "billing", urgency: "high" },
  confidence: 0.8,
  thresholds: { review_below: 0.75 },
};

function judge(source: string, values: JsonObject = VALUES): Judgement {
  const result = compileCondition(source);
  if (!result.ok) throw new Error(result.mistake.message);
  return result.condition.judge(values);
}

describe("a condition", () => {
  test.each([
    "customer.plan != 'enterprise' && output.category == 'billing'",
    "confidence >= thresholds.review_below",
    "customer.arr > 1000 && customer.arr == 2400",
    "customer.region == null",
    "!has(customer.phone)",
    "customer.?phone.orValue('none') == 'none'",
    "output.category in ['billing', 'bug']",
    "customer.tags.exists(t, t == 'eu') && 'new' in customer.tags",
    "output.urgency.startsWith('hi')",
  ])("holds: %s", (source) => {
    expect(judge(source)).toEqual({ holds: true });
  });

  test.each([
    ["output.category == 'bug'", null],
    ["customer.phone == '1'", "There is no field phone."],
    ["customer.region > 3", "It compares or adds up values of unlike kinds (a null, or text and a number)."],
    ["order.total > 3.0", "There is no field order."],
    ["customer.plan", "It is neither true nor false of these values."],
    ["!(customer.phone == '1')", "There is no field phone."],
    ["constructor != null", "There is no field constructor."],
    ["output.constructor != null", "There is no field constructor."],
  ])("does not hold: %s", (source, error) => {
    expect(judge(source)).toEqual({ holds: false, error });
  });

  test("quotes no value in what it says went wrong", () => {
    const values = { customer: { name: "Jane Doe" }, output: { n: 1 } };
    const { error } = judge("customer.name > output.n", values) as { error: string };
    expect(error).not.toContain("Jane");
  });

  test("goes through short lists only", () => {
    const tags = Array.from({ length: 1_001 }, () => "x");
    expect(judge("tags.all(t, t == 'x')", { tags })).toMatchObject({
      holds: false,
      error: expect.stringContaining("list"),
    });
    expect(judge("tags.all(t, t == 'x')", { tags: tags.slice(1) })).toEqual({ holds: true });
    expect(judge("'x' in tags", { tags })).toEqual({ holds: true });
  });

  test("that does not compile any more holds for nothing, and says why", () => {
    expect(conditionFrom("output.category = 'x'").judge(VALUES)).toMatchObject({
      holds: false,
      error: expect.stringContaining("cannot be read"),
    });
    expect(conditionFrom("confidence > 0.5")).toBe(conditionFrom("confidence > 0.5"));
  });

  test("never throws, whatever its text and its values are", () => {
    const word = fc.constantFrom(
      "customer",
      "output",
      ".",
      "==",
      "'a'",
      "(",
      ")",
      "&&",
      "!",
      "in",
      "[",
      "]",
      "1",
      "has",
      "?",
      ":",
      "+",
      "exists",
      ",",
      "x",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.dictionary(fc.string(), fc.jsonValue()), (words, values) => {
        expect(typeof conditionFrom(words.join(" ")).judge(values as JsonObject).holds).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});

const KNOWN = {
  customer: { type: "object", properties: { plan: { type: "string" }, address: { $ref: "#/a" } } },
  output: { type: "object", properties: { category: { type: "string" } } },
  open: { type: "object", properties: { a: {} }, additionalProperties: true },
  confidence: null,
} as const;

describe("a mistake in a condition", () => {
  test.each([
    ["", "The condition is empty.", "output.category", 1],
    ["output.category = 'x'", "cannot be read", 'write "==" in place of "="', 17],
    ["output.category == 'x' and true", "cannot be read", 'Write "&&" in place of "and"', 24],
    ["output.category == 'x", "Unterminated string", "CEL", 20],
    ["outptu.category == 'x'", 'names "outptu"', 'Did you mean "output"?', 1],
    ["true &&\n custmer.plan == 'x'", 'names "custmer"', 'Did you mean "customer"?', 2],
    ["output.categroy == 'x'", 'the field "categroy"', 'Did you mean "category"?', 8],
    ["output.category.matches('a')", 'cannot use "matches"', "startsWith", 1],
    ["cel.bind(x, output, x.category == 'a')", 'cannot use "bind"', "Write the expression out", 1],
    ["[1].all(x, [2].all(y, x == y))", "for each entry of a list", "one of the lists", 12],
    ["1 + 2", "gives a int", "Compare", 1],
    ["'a' + 1 == 'b'", "cannot be read", "CEL", 1],
  ])("is named with its place and a way out: %s", (source, message, fix, column) => {
    const result = compileCondition(source, KNOWN);
    if (result.ok) throw new Error("compiled");
    expect(result.mistake.message).toContain(message);
    expect(result.mistake.fix).toContain(fix);
    expect(result.mistake.position.column).toBe(column);
  });

  test("is not seen where a schema leaves a field open", () => {
    for (const source of ["customer.address.street == 'x'", "open.b == 1", "confidence > 0.5", "[1].all(x, x > 0)"])
      expect(compileCondition(source, KNOWN).ok, source).toBe(true);
  });

  test("a text without end is refused", () => {
    expect(compileCondition(`true ${"&& true ".repeat(300)}`).ok).toBe(false);
    expect(compileCondition(`${"(".repeat(300)}true${")".repeat(300)}`).ok).toBe(false);
  });
});
