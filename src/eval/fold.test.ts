import { describe, expect, it } from "vitest";
import { foldOf } from "./fold.ts";
import { made, madeTarget } from "./made-cases.ts";
import type { FoldedSuite, Report, ReportFacts } from "./report.ts";
import type { ScoredCase } from "./result.ts";
import type { Target } from "./suite.ts";

const FACTS: ReportFacts = {
  evalId: "eval_1",
  subject: { kind: "prompt", prompt: "p", version: "1", hash: "h", model: "openai/m" },
  datasets: [{ name: "golden", kind: "golden", version: 1, hash: "d", cases: 1 }],
  scorersHash: "",
  inContext: false,
  comparison: null,
  startedAt: 0,
  endedAt: 1_000,
};

function suiteOf(targets: readonly Target[], slices: readonly string[] = []): FoldedSuite {
  return { name: "s", description: "", file: "evals/s/suite.yaml", hash: "s", targets, slices };
}

function reportOf(suite: FoldedSuite, cases: Iterable<ScoredCase>, repeat = 1): Report {
  const fold = foldOf(suite, repeat);
  for (const scored of cases) fold.accumulate(scored);
  return fold.finish(FACTS);
}

const ESCALATION = { category: "billing", urgency: "high" };

/** The targets of the mission's suite. */
const MISSION: readonly Target[] = [
  madeTarget("accuracy", { name: "Category accuracy", field: "category" }),
  madeTarget("accuracy", { name: "Urgency accuracy", field: "urgency", bound: 0.92, target: ">= 92%" }),
  madeTarget("valid_json_rate", { name: "Valid JSON rate", bound: 0.995, target: ">= 99.5%" }),
  madeTarget("recall", {
    name: "Billing escalation recall", positive: ESCALATION, bound: 0.98, target: ">= 98%", critical: true,
  }), // prettier-ignore
  madeTarget("latency_avg", { name: "Average latency", comparison: "<", bound: 2_000, target: "< 2s" }),
];

/** 1,000 cases, 140 escalations among them, answered so that the mission's five figures come out. */
function* missionCases(): Generator<ScoredCase> {
  for (let n = 0; n < 1_000; n++) {
    const escalation = n < 140;
    const expected = escalation ? ESCALATION : { category: "bug", urgency: "low" };
    const category = n < 4 || (n >= 200 && n < 234) ? "other" : expected.category;
    const urgency = n >= 300 && n < 396 ? "medium" : expected.urgency;
    const validJson = n < 200 || n > 201;
    yield made(expected, { category, urgency }, { case: { id: `c${n}` }, result: { validJson, latencyMs: 1_600 } });
  }
}

describe("the report of a suite", () => {
  it("gives the mission's own table its own five words", () => {
    const report = reportOf(suiteOf(MISSION), missionCases());
    expect(report.targets.map(({ name, value, status }) => [name, value, status])).toEqual([
      ["Category accuracy", 0.962, "PASS"],
      ["Urgency accuracy", 0.904, "FAIL"],
      ["Valid JSON rate", 0.998, "PASS"],
      ["Billing escalation recall", 136 / 140, "FAIL"],
      ["Average latency", 1_600, "PASS"],
    ]);
    expect(report.verdict).toBe("FAIL");
  });

  it("is the same twice", () => {
    const suite = suiteOf(MISSION, ["customer.plan"]);
    expect(JSON.stringify(reportOf(suite, missionCases()))).toBe(JSON.stringify(reportOf(suite, missionCases())));
  });

  it("keeps failed, timed out, refused and invalid answers in every denominator", () => {
    const positive = { category: "billing" };
    const outcomes = ["failed", "timed_out", "refused", "invalid", "review", "answered"] as const;
    const targets = [
      madeTarget("accuracy"),
      madeTarget("recall", { positive }),
      madeTarget("valid_json_rate"),
      madeTarget("automation_rate"),
    ];
    const cases = outcomes.map(
      (outcome) =>
      made(positive, { category: "billing" }, {
        case: { id: outcome },
        result: { outcome, validJson: outcome === "answered" || outcome === "review" ? true : null },
      }), // prettier-ignore
    );
    const report = reportOf(suiteOf(targets), cases);
    expect(report.targets.map(({ hits, cases: of }) => [hits, of])).toEqual([
      [1, 6],
      [1, 6],
      [2, 6],
      [1, 6],
    ]);
    expect(report.totals.outcomes).toMatchObject({ failed: 1, timed_out: 1, review: 1, answered: 1 });
    expect(report.failing).toHaveLength(5);
  });

  it("says which kinds and slices are absent, and what cases without a value come to", () => {
    const suite = suiteOf(
      [
        madeTarget("accuracy", { slice: { "customer.plan": "enterprise" }, name: "enterprise" }),
        madeTarget("accuracy"),
      ],
      ["customer.plan"],
    );
    const cases = ["free", "free", null].map((plan, index) =>
      made({ a: 1 }, { a: index }, { case: { id: `${index}` }, slices: { "customer.plan": plan } }),
    );
    const report = reportOf(suite, cases);
    expect(report.targets[0]).toMatchObject({ status: "INCONCLUSIVE", value: null, cases: 0 });
    expect(report.targets[0]?.note).toContain("customer.plan = enterprise");
    expect(report.slices[0]).toMatchObject({ by: "kind", absent: ["edge", "negative", "regression", "adversarial"] });
    expect(report.slices[1]?.values.map(({ value, passing }) => [value, passing.hits, passing.cases])).toEqual([
      ["free", 1, 2],
      [null, 0, 1],
    ]);
  });

  it("counts attempts at one case as one case, and flakiness beside their mean", () => {
    const passing = [[1, 1, 1], [1, 0, 1], [0, 0, 0], [1, 1, 0]]; // prettier-ignore
    const cases = passing.flatMap((attempts, index) =>
      attempts.map((a, at) => made({ a: 1 }, { a }, { case: { id: `${index}` }, result: { repeat: at + 1 } })),
    );
    const report = reportOf(suiteOf([madeTarget("accuracy"), madeTarget("pass_all")]), cases, 3);
    expect(report.totals.cases).toBe(4);
    expect(report.targets[0]).toMatchObject({ value: 7 / 12, cases: 4 });
    expect(report.targets[1]).toMatchObject({ value: 1 / 4, hits: 1, cases: 4 });
    expect(report.flakiness?.flaky).toBe(2);
    expect(report.flakiness?.pass.map(({ value }) => value?.toFixed(6))).toEqual(["0.583333", "0.416667", "0.250000"]);
  });

  it("is refused where an attempt is missing", () => {
    const one = made({}, {}, { case: { id: "a" } });
    expect(() => reportOf(suiteOf([]), [one], 2)).toThrow("Case a has 1 attempts where 2 are due");
    expect(() => reportOf(suiteOf([]), [one, one], 2)).toThrow(RangeError);
  });

  it("of no cases and of no targets is inconclusive", () => {
    expect(reportOf(suiteOf([]), []).verdict).toBe("INCONCLUSIVE");
    expect(reportOf(suiteOf([madeTarget("accuracy")]), []).targets[0]).toMatchObject({ value: null, cases: 0 });
    expect(reportOf(suiteOf([]), [made({}, {})]).verdict).toBe("INCONCLUSIVE");
  });

  it("takes a hundred thousand cases in flat memory", () => {
    const targets = MISSION.map((target) => ({ ...target }));
    const fold = foldOf(suiteOf(targets, ["customer.plan", "ticket.id"]), 1);
    const usedBy = (from: number, to: number): number => {
      for (let n = from; n < to; n++)
        fold.accumulate(
          made({ category: `c${n % 7}`, urgency: "low" }, { category: `c${n % 5}`, urgency: "low" }, {
            case: { id: `case ${n}`, input: { text: "x".repeat(200) + n } },
            slices: { "customer.plan": `plan ${n % 3}`, "ticket.id": `${n}` },
          }), // prettier-ignore
        );
      globalThis.gc?.();
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    };
    const after20 = usedBy(0, 20_000);
    const after100 = usedBy(20_000, 100_000);
    const report = fold.finish(FACTS);
    expect(report.totals.cases).toBe(100_000);
    expect(report.slices[2]?.values).toHaveLength(50);
    expect(report.slices[2]?.others).toBe(99_950);
    // Five percentile samples of eight bytes a case, each with its reserve, in the totals and in every slice: under 40 MB.
    expect(after100 - after20).toBeLessThan(60_000_000);
  });
});
