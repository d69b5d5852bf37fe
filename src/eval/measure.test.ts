import { describe, expect, it } from "vitest";
import type { Json } from "../base/json.ts";
import { comparisonOf } from "./comparison-fold.ts";
import { made, madeTarget } from "./made-cases.ts";
import { measureOf } from "./measure.ts";
import type { Measured } from "./measure.ts";
import { METRICS } from "./metrics.ts";
import type { ScoredCase } from "./result.ts";
import { textSimilarity } from "./similarity.ts";
import type { Target } from "./suite.ts";

function measured(target: Target, cases: readonly ScoredCase[]): Measured {
  const measure = measureOf(target);
  for (const scored of cases) measure.add(scored);
  return measure.end(1);
}

/** Expected and answered, case by case; the figures in the tests are counted out by hand. */
const LABELS = [
  ["a", "a"], ["a", "a"], ["a", "b"], ["b", "b"], ["b", "c"], ["c", "c"], ["c", "c"], ["c", "a"], ["c", null], ["b", "b"],
] as const; // prettier-ignore

const CLASSES = LABELS.map(([expected, answered], n) =>
  made({ k: expected }, answered === null ? null : { k: answered }, { case: { id: `${n}` } }),
);

describe("metrics of classes", () => {
  it.each([
    ["accuracy", 0.6, null],
    ["recall", (2 / 3 + 2 / 3 + 2 / 4) / 3, null],
    ["precision", (2 / 3 + 2 / 3 + 2 / 3) / 3, null],
    ["f1", (2 / 3 + 2 / 3 + 4 / 7) / 3, null],
    ["recall", 2 / 4, "c"],
    ["precision", 2 / 3, "c"],
    ["f1", 4 / 7, "c"],
    ["specificity", 5 / 6, "c"],
    ["specificity", 5 / 7, "a"],
  ])("%s is %d of class %s", (metric, value, of) => {
    const target = madeTarget(metric, of === null ? { field: "k" } : { positive: { k: of } });
    expect(measured(target, CLASSES).value).toBeCloseTo(value, 12);
  });

  it("leave out what a case leaves open, and only that", () => {
    const open: Json[] = [
      { k: { $any_of: ["a", "b"] } },
      { other: 1 },
      { k: { $not: "c" } },
      { k: { $any_of: ["a"] } },
    ];
    const cases = open.map((expected) => made(expected, { k: "a" }));
    expect(measured(madeTarget("recall", { positive: { k: "a" } }), cases)).toMatchObject({ hits: 1, cases: 1 });
    expect(measured(madeTarget("accuracy", { field: "k" }), cases)).toMatchObject({ hits: 3, cases: 3 });
  });
});

describe("metrics of fields", () => {
  it.each<[string, Json, Json, number]>([
    ["exact_match", { a: 1 }, { a: 1 }, 1],
    ["exact_match", { a: 1 }, { a: 1, b: 2 }, 0],
    ["exact_match", { a: { $min: 1 } }, { a: 2, b: 2 }, 1],
    ["field_match", { a: 1, b: { c: 2, d: 3 } }, { a: 1, b: { c: 2, d: 4 } }, 2 / 3],
    ["field_match", { a: 1, b: { c: 2 } }, { a: 2 }, 0],
  ])("%s of %j and %j is %d", (metric, expected, output, value) => {
    expect(measured(madeTarget(metric), [made(expected, output)]).value).toBeCloseTo(value, 12);
  });

  it.each<[string, Json, Json, number]>([
    ["numeric_match", 12.5, "12.50", 1],
    ["numeric_match", "1e3", 1_000, 1],
    ["numeric_match", 12.5, 12.6, 0],
    ["numeric_match", 12.5, null, 0],
    ["numeric_match", { $near: 12, $within: 1 }, "12.5", 1],
    ["set_match", ["x", "y"], ["y", "x", "x"], 1],
    ["set_match", ["x", "y"], ["x"], 0],
    ["text_similarity", "the cat sat on the mat", "The cat lay on the mat.", 5 / 6],
    ["text_similarity", "the cat", 7, 0],
  ])("%s of a field %j and %j is %d", (metric, expected, output, value) => {
    const target = madeTarget(metric, { field: "f" });
    expect(measured(target, [made({ f: expected }, { f: output })]).value).toBeCloseTo(value, 12);
  });

  it("text similarity is ROUGE-L of words", () => {
    expect(textSimilarity("police killed the gunman", "police kill the gunman")).toBeCloseTo(0.75, 12);
    expect(textSimilarity("police killed the gunman", "the gunman kill police")).toBeCloseTo(0.5, 12);
    expect(textSimilarity("", "...")).toBe(1);
    expect(textSimilarity("", "x")).toBe(0);
  });
});

describe("metrics of the model", () => {
  const cases = [
    made({}, {}, { result: { latencyMs: 10, confidence: 0.9, repaired: true, validFirst: false, costUsd: 0.02 } }),
    made({}, {}, { result: { latencyMs: 20, confidence: 0.4, inputTokens: 30 } }),
    made({}, {}, { result: { latencyMs: 40, confidence: null } }),
    made({ a: 1 }, null, { result: { latencyMs: null, inputTokens: null, outputTokens: null, costUsd: null } }),
  ];

  it.each([
    ["valid_json_rate", 3 / 4],
    ["schema_failure_rate", 2 / 4],
    ["repair_rate", 1 / 4],
    ["latency_avg", 70 / 3],
    ["latency_p50", 20],
    ["latency_p95", 38],
    ["input_tokens_avg", 50 / 3],
    ["output_tokens_avg", 5],
    ["tokens_avg", 65 / 3],
    ["cost_total", 0.022],
    ["automation_rate", 3 / 4],
  ])("%s is %d", (metric, value) => {
    expect(measured(madeTarget(metric), cases).value).toBeCloseTo(value, 12);
  });

  it("automation counts what is at the threshold or over it", () => {
    expect(measured(madeTarget("automation_rate", { threshold: 0.4 }), cases)).toMatchObject({ hits: 2, cases: 4 });
    expect(measured(madeTarget("automated_accuracy", { threshold: 0.5 }), cases)).toMatchObject({ hits: 1, cases: 1 });
  });

  it("a cost of which a part is unknown is unknown", () => {
    const unknown = made({}, {}, { result: { costUsd: null } });
    expect(measured(madeTarget("cost_total"), [...cases, unknown])).toMatchObject({ value: null });
  });

  it("an answer without a model says nothing about models", () => {
    const rule = made({}, {}, { result: { validJson: null, validFirst: null } });
    expect(measured(madeTarget("valid_json_rate"), [rule, ...cases])).toMatchObject({ hits: 3, cases: 4 });
  });

  it("expected calibration error is the weighted gap of each bin", () => {
    const answers = [[0.95, 1], [0.92, 0], [0.3, 1], [0.25, 0], [1, 1]] as const; // prettier-ignore
    const scored = answers.map(([confidence, right]) => made({ a: 1 }, { a: right }, { result: { confidence } }));
    const wanted = (Math.abs(2 - 2.87) + Math.abs(1 - 0.55)) / 5;
    expect(measured(madeTarget("ece"), scored).value).toBeCloseTo(wanted, 12);
  });
});

describe("custom scorers", () => {
  it("count cases where all figures are 0 or 1, and are means where not; what threw is the worst", () => {
    const scores = (values: readonly (number | null)[]): ScoredCase[] =>
      values.map((value) => made({}, {}, { result: { scores: { polite: value } } }));
    expect(measured(madeTarget("polite"), scores([1, 0, null, 1]))).toMatchObject({ value: 0.5, hits: 2, cases: 4 });
    expect(measured(madeTarget("polite"), scores([0.5, 1]))).toMatchObject({ value: 0.75, hits: null });
    expect(measured(madeTarget("polite", { comparison: "<" }), scores([0, null])).value).toBe(0.5);
    expect(measured(madeTarget("toString"), scores([1])).value).toBe(0);
  });
});

it("every metric of the table can be measured, also of nothing", () => {
  for (const metric of Object.keys(METRICS)) {
    const target = madeTarget(metric, { field: "k" });
    expect([metric, measured(target, []).value]).toEqual([metric, null]);
    expect(measured(target, CLASSES).cases, metric).toBeGreaterThanOrEqual(0);
  }
});

describe("a comparison of two results", () => {
  const side = (answers: readonly (string | null)[]): ScoredCase[] =>
    answers.map((k, n) => made({ k: "a" }, k === null ? null : { k }, { case: { id: `${n}` } }));

  it("says worse only where it is shown", () => {
    const before = side(["a", "a", "a", "a", "a", "a", "a", "b"]);
    const compare = (after: readonly ScoredCase[]): ReturnType<ReturnType<typeof comparisonOf>["finish"]> => {
      const fold = comparisonOf({ targets: [madeTarget("accuracy", { field: "k" }), madeTarget("precision", { positive: { k: "a" } })] }); // prettier-ignore
      after.forEach((scored, n) => fold.accumulate([before[n] as ScoredCase], [scored]));
      return fold.finish({ before: "x", after: "y" });
    };
    const five = compare(side(["b", "b", "b", "b", "b", "a", "a", "b"]));
    expect(five.targets[0]).toMatchObject({ worse: 5, better: 0, p: expect.closeTo(0.0625, 12), shown: "nothing" });
    const six = compare(side(["b", null, "b", "b", "b", "b", "a", "b"]));
    expect(six.targets[0]).toMatchObject({ worse: 6, better: 0, p: expect.closeTo(0.03125, 12), shown: "worse" });
    expect(six.targets[1]).toMatchObject({ p: null, shown: "nothing" });
    expect(six).toMatchObject({ cases: 8, rows_total: 6 });
    expect(six.rows[1]).toMatchObject({ case_id: "1", change: "worse", before: { k: "a" }, after: null });
  });

  it("does not compare cases that only one side has, or that have changed", () => {
    const fold = comparisonOf({ targets: [] });
    const [scored] = side(["a"]) as [ScoredCase];
    fold.accumulate([scored], []);
    fold.accumulate([], [scored]);
    fold.accumulate([scored], [{ ...scored, case: { ...scored.case, hash: "other" } }]);
    expect(fold.finish({ before: "x", after: "y" })).toMatchObject({
      cases: 0,
      only_before: 1,
      only_after: 1,
      changed: 1,
    });
  });
});
