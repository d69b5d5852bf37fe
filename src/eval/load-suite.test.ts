import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { isObject } from "../base/json.ts";
import type { JsonObject } from "../base/json.ts";
import { FieldReader } from "../prompt/fields.ts";
import { parseSource } from "../prompt/source.ts";
import { readSuite } from "./load-suite.ts";
import type { Suite } from "./suite.ts";

const GOOD: JsonObject = {
  name: "regression",
  prompt: "classifier",
  datasets: [{ file: "golden.jsonl", kind: "golden" }],
  slices: ["customer.plan"],
  targets: [{ name: "Accuracy", metric: "accuracy", field: "category", target: ">= 95%" }],
};

interface Read {
  suite: Suite | null;
  /** `line code: message fix`. */
  problems: string[];
}

function read(document: JsonObject | string, scorers: readonly string[] | null = []): Read {
  const source = parseSource(
    "evals/regression/suite.yaml",
    typeof document === "string" ? document : stringify(document),
  );
  const reader = new FieldReader(source, isObject(source.value) ? source.value : {});
  const { suite } = readSuite(reader, {
    folder: "regression",
    prompts: ["classifier"],
    workflows: ["triage"],
    scorers,
  });
  return {
    suite,
    problems: reader.problems.map(({ line, code, message, fix }) => `${line} ${code}: ${message} ${fix ?? ""}`),
  };
}

const target = (over: JsonObject): JsonObject => ({ ...GOOD, targets: [{ name: "T", metric: "accuracy", target: ">= 95%", ...over }] }); // prettier-ignore

describe("a suite", () => {
  test("is read whole", () => {
    const { suite, problems } = read(
      `name: regression
workflow: triage
description: What must hold.
datasets: [{file: golden.jsonl, kind: golden}, {file: more/queries.csv, kind: edge, map: {t: input.text, l: expected.label}}, {dataset: imported, kind: negative}]
slices: [customer.plan]
scorers: scorers.ts
targets:
  - {name: Escalations, metric: recall, positive: {category: billing, urgency: high}, slice: {customer.plan: pro}, target: ">= 98%", critical: true, min_cases: 100}
  - {name: Polite, metric: polite, target: ">= 0.9"}
  - {name: Latency, metric: latency_avg, target: "< 2s"}
`,
      ["polite"],
    );
    expect(problems).toEqual([]);
    expect(suite).toMatchObject({
      name: "regression",
      subject: { kind: "workflow", workflow: "triage" },
      datasets: [
        { name: "regression.golden", file: "evals/regression/golden.jsonl", kind: "golden", mapping: null },
        { name: "regression.more.queries", file: "evals/regression/more/queries.csv", kind: "edge" },
        { name: "imported", file: null, kind: "negative", mapping: null },
      ],
      scorers: "evals/regression/scorers.ts",
      targets: [
        { metric: "recall", positive: { category: "billing", urgency: "high" }, slice: { "customer.plan": "pro" }, field: null, comparison: ">=", bound: 0.98, critical: true, minCases: 100 },
        { metric: "polite", bound: 0.9, critical: false, minCases: 0, threshold: null },
        { metric: "latency_avg", comparison: "<", bound: 2_000, target: "< 2s" },
      ],
    }); // prettier-ignore
  });

  test("has another hash where it means something else, and the same where only its words for people differ", () => {
    const hash = (document: JsonObject): string | undefined => read(document).suite?.hash;
    expect(hash({ ...GOOD, description: "Other words." })).toBe(hash(GOOD));
    expect(hash(GOOD)).toMatch(/^[0-9a-f]{64}$/);
    for (const other of [
      target({ field: "category", target: ">= 94%" }),
      { ...GOOD, datasets: [{ file: "golden.jsonl", kind: "edge" }] },
      { ...GOOD, slices: [] },
      { ...GOOD, prompt: undefined as never, workflow: "triage" },
    ])
      expect(hash(other)).not.toBe(hash(GOOD));
  });

  test.each<[string, JsonObject, RegExp]>([
    ["a key nobody reads", { ...GOOD, target: [] }, /^13 unknown_key: .*"target".*"targets"/],
    ["another name than its folder", { ...GOOD, name: "other" }, /name_mismatch/],
    ["a prompt that is not there", { ...GOOD, prompt: "clasifier" }, /unknown_prompt: .*Did you mean "classifier"/],
    ["a prompt and a workflow", { ...GOOD, workflow: "triage" }, /two_subjects/],
    ["nothing to test", { ...GOOD, prompt: null }, /no_subject/],
    ["no datasets", { ...GOOD, datasets: [] }, /no_datasets/],
    ["a kind there is not", { ...GOOD, datasets: [{ file: "a.jsonl", kind: "godlen" }] }, /^5 wrong_value.*"golden"/],
    ["a dataset twice", { ...GOOD, datasets: [{ file: "a.jsonl", kind: "golden" }, { file: "a.jsonl", kind: "edge" }] }, /duplicate_dataset/],
    ["a mapping for JSONL", { ...GOOD, datasets: [{ file: "a.jsonl", kind: "golden", map: { a: "input.b" } }] }, /unused_mapping/],
    ["a mapping that leads nowhere", { ...GOOD, datasets: [{ file: "a.csv", kind: "golden", map: { a: "inptu.b" } }] }, /bad_mapping: "map\/a" leads to "inptu"/],
    ["a dataset without a name", { ...GOOD, datasets: [{ kind: "golden" }] }, /wrong_type: A dataset has a file and a kind/],
    ["a slice twice", { ...GOOD, slices: ["a.b", "a.b"] }, /duplicate_slice/],
    ["no targets", { ...GOOD, targets: [] }, /no_targets/],
    ["a target that is no group", { ...GOOD, targets: ["accuracy >= 95%"] }, /wrong_type.*metric/],
    ["a metric there is not", target({ metric: "acuracy" }), /^10 unknown_metric: .*Did you mean "accuracy"/],
    ["a target without a comparison", target({ target: "95%" }), /^11 bad_target.*>=/],
    ["a target that is a number", target({ target: 0.95 }), /wrong_type.*">= 0\.95"/],
    ["no positive to recall", target({ metric: "recall" }), /missing_operand.*positive: \{category: billing\}/],
    ["field and positive at once", target({ metric: "recall", field: "a", positive: { a: 1 } }), /unused_operand.*not both/],
    ["a field that the metric does not read", target({ metric: "valid_json_rate", field: "category" }), /unused_operand.*"valid_json_rate" has no use for "field"/],
    ["a positive that is no predicate", target({ metric: "recall", positive: { a: { $mach: "x" } } }), /bad_positive.*\$matches/],
    ["a critical average", target({ metric: "latency_avg", target: "< 2s", critical: true }), /critical_metric/],
    ["critical as a word", target({ critical: "yes" }), /wrong_type: "critical" is true or false/],
    ["half a case", target({ min_cases: 0.5 }), /wrong_value.*min_cases/],
    ["a slice of nothing", target({ slice: {} }), /wrong_type: "slice"/],
    ["two targets of one name", { ...GOOD, targets: [{ name: "A", metric: "accuracy", target: "> 1%" }, { name: "A", metric: "repair_rate", target: "< 1%" }] }, /duplicate_target/],
  ])("with %s is told of it with line and fix", (_what, document, problem) => {
    const { suite, problems } = read(document);
    expect(suite).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  }); // prettier-ignore

  test("names a scorer as it names a metric, and is not blamed for scorers that could not be loaded", () => {
    expect(read(target({ metric: "polite" }), ["polit"]).problems[0]).toMatch(/Did you mean "polit"/);
    expect(read(target({ metric: "polite" }), null).problems).toEqual([]);
  });
});
