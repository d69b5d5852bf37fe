import { evaluate } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bothConditions, narrowerOrSame } from "./narrower.ts";

describe("a condition is narrower by its form", () => {
  test.each([
    ["a && b", "a"],
    ["(customer.plan == 'pro') && output.category == 'billing'", "customer.plan == 'pro'"],
    ["b && (a && c)", "a && b"],
    ["a", "a || b"],
    ["(a) && (c || b)", "a"],
    ["a && c || b && c", "(a || b) && c"],
    ["a  &&   b", "b&&a"],
    ["a", null],
  ])("%s than %s", (next, present) => {
    expect(narrowerOrSame(next, present)).toBe(true);
  });

  test.each([
    ["a && b || c", "a && b"],
    ["(a) && b || c", "a"],
    ["a", "a && b"],
    ["a || b", "a"],
    ["!a", "a"],
    ["x > 2", "x > 1"],
    ["a &&", "a"],
    ["a) || (b", "a"],
    ["true", "a"],
    [null, "a"],
  ])("%s is not shown to be narrower than %s", (next, present) => {
    expect(narrowerOrSame(next, present)).toBe(false);
  });

  test("conditions that take too long to be compared are not shown to be narrower", () => {
    const wide = Array.from({ length: 200 }, (_, i) => `(x${i} || y${i})`).join(" && ");
    const other = Array.from({ length: 200 }, (_, i) => `(v${i} || w${i})`).join(" || ");
    expect(narrowerOrSame(wide, other)).toBe(false);
  });
});

const NAMES = ["a", "b", "c"] as const;
const condition: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...NAMES),
    fc.tuple(tie("any"), fc.constantFrom("&&", "||"), tie("any")).map(([l, op, r]) => `(${l}) ${op} (${r})`),
    tie("any").map((of) => `!(${of})`),
  ),
})).any;
const worlds = Array.from({ length: 8 }, (_, i) =>
  Object.fromEntries(NAMES.map((name, bit) => [name, (i & (1 << bit)) !== 0])),
);

test("whatever satisfies the narrower of two satisfies the other", () => {
  fc.assert(
    fc.property(condition, condition, (next, present) => {
      fc.pre(narrowerOrSame(next, present));
      const wider = worlds.filter((world) => evaluate(next, world) === true && evaluate(present, world) !== true);
      expect(wider).toEqual([]);
    }),
    { numRuns: 2_000, maxSkipsPerRun: 1_000 },
  );
});

test("both conditions at once are narrower than each, and mean both", () => {
  fc.assert(
    fc.property(condition, condition, (one, other) => {
      const both = bothConditions(one, other) as string;
      expect([narrowerOrSame(both, one), narrowerOrSame(both, other)]).toEqual([true, true]);
      for (const world of worlds)
        expect(evaluate(both, world)).toBe(evaluate(one, world) === true && evaluate(other, world) === true);
    }),
  );
  expect([bothConditions(null, "a"), bothConditions("a", null), bothConditions(null, null)]).toEqual(["a", "a", null]);
});
