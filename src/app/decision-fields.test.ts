import { describe, expect, test } from "vitest";
import { changedFields, decisiveFields } from "./decision-fields.ts";

const OUTPUT = {
  type: "object",
  properties: {
    category: { enum: ["billing", "other"] },
    urgent: { type: "boolean" },
    confidence: { type: "number" },
    reason: { type: "string", maxLength: 300 },
    id: { type: "string", pattern: "^[A-Z]+$" },
  },
};

describe("the fields that make a decision", () => {
  const declared = { decision: null, outputs: [{ schema: OUTPUT, confidence: "/confidence" }] };

  test("are those of a closed choice, and what code computes; not free text, not the confidence", () => {
    const decision = { category: "billing", urgent: true, confidence: 1, reason: "r", id: "A", queue: "q" };
    expect(decisiveFields(declared, [decision])).toEqual(["category", "urgent", "id", "queue"]);
  });

  test("are told by the prompt where the decision's own schema says less of them", () => {
    const decision = { properties: { category: { type: "string" }, note: { type: "string" } } };
    expect(decisiveFields({ ...declared, decision }, [{ category: "billing", note: "n" }])).toEqual(["category"]);
  });

  test("are those of any of the decisions", () => {
    expect(decisiveFields(declared, [{ category: "billing" }, { queue: 1 }])).toEqual(["category", "queue"]);
  });
});

test("two decisions differ in a field that has another value, or that only one of them has", () => {
  const fields = ["a", "b", "c"];
  expect(changedFields(fields, { a: 1, b: { x: 1, y: 2 } }, { a: 1, b: { y: 2, x: 1 } })).toEqual([]);
  expect(changedFields(fields, { a: 1, b: 2 }, { a: 2, c: null, other: 3 })).toEqual(["a", "b", "c"]);
  expect(changedFields(fields, null, null)).toEqual([]);
});
