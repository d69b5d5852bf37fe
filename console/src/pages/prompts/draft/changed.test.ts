import { describe, expect, test } from "vitest";
import { decisionWords, fieldChanges } from "./changed.ts";

describe("the difference of two decisions", () => {
  test("names the fields that differ, with what they were and are", () => {
    expect(
      fieldChanges({ category: "billing", urgency: "high", n: 1 }, { category: "other", urgency: "high", tags: ["a"] }),
    ).toEqual([
      { field: "category", before: "billing", after: "other" },
      { field: "n", before: "1", after: "–" },
      { field: "tags", before: "–", after: '["a"]' },
    ]);
  });

  test("is of the whole where there are no fields, and of nothing where nothing was decided", () => {
    expect(fieldChanges("yes", "no")).toEqual([{ field: "", before: "yes", after: "no" }]);
    expect(fieldChanges({ a: false }, null)).toEqual([{ field: "a", before: "false", after: "–" }]);
  });

  test("is read as words", () => {
    expect(decisionWords({ category: "billing", urgent: false })).toBe("category: billing, urgent: false");
    expect(decisionWords(null)).toBe("none");
  });
});
