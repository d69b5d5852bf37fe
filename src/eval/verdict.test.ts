import { describe, expect, it } from "vitest";
import { madeTarget } from "./made-cases.ts";
import type { Measured } from "./measure.ts";
import { exactInterval } from "./statistics.ts";
import { judge, verdictOf } from "./verdict.ts";

function of(hits: number, cases: number): Measured {
  return { value: cases === 0 ? null : hits / cases, hits, cases, interval: cases === 0 ? null : exactInterval(hits, cases), remark: "" }; // prettier-ignore
}

const RECALL = madeTarget("recall", { positive: { category: "billing" }, bound: 0.98, target: ">= 98%" });
const CRITICAL = { ...RECALL, critical: true };

describe("a target of 98 %", () => {
  it("is a FAIL, not established, with 34 of 35", () => {
    for (const target of [RECALL, CRITICAL]) {
      expect(judge(target, of(34, 35))).toMatchObject({ status: "FAIL", needed: null });
      expect(judge(target, of(34, 35)).note).toContain("not established: within noise");
    }
  });

  it("is a FAIL, established, where chance does not explain the shortfall", () => {
    expect(judge(RECALL, of(300, 320)).note).toMatch(/^Missed by 4\.25 points, established: /);
  });

  it("is INCONCLUSIVE with 35 of 35 where it is critical, and says how many more would decide", () => {
    const judged = judge(CRITICAL, of(35, 35));
    expect(judged).toMatchObject({ status: "INCONCLUSIVE", needed: 114 });
    expect(judged.note).toContain("114 more cases without an error would decide");
    expect(judge(RECALL, of(35, 35)).status).toBe("PASS");
  });

  it.each([
    [149, 149],
    [235, 236],
    [311, 313],
  ])("is a PASS with %d of %d where it is critical, and not with a case less", (hits, cases) => {
    expect(judge(CRITICAL, of(hits, cases)).status).toBe("PASS");
    expect(judge(CRITICAL, of(hits - 1, cases - 1))).toMatchObject({ status: "INCONCLUSIVE", needed: 1 });
  });

  it("is INCONCLUSIVE without a case, which is said, with how many would do", () => {
    expect(judge(CRITICAL, of(0, 0))).toMatchObject({ status: "INCONCLUSIVE", needed: 149 });
    expect(judge(CRITICAL, of(0, 0)).note).toBe("Absent: no case expects category = billing.");
  });

  it("is INCONCLUSIVE with fewer cases than demanded, and a FAIL with an error too many all the same", () => {
    const demanding = { ...RECALL, minCases: 100 };
    expect(judge(demanding, of(60, 60))).toMatchObject({ status: "INCONCLUSIVE", needed: 40 });
    expect(judge(demanding, of(50, 60)).status).toBe("FAIL");
    expect(judge(demanding, of(100, 100)).status).toBe("PASS");
    expect(judge({ ...CRITICAL, minCases: 100 }, of(60, 60))).toMatchObject({ status: "INCONCLUSIVE", needed: 89 });
  });

  it("says of a PASS whether it is established", () => {
    expect(judge(RECALL, of(35, 35)).note).toContain("not established: the one-sided 95 % lower bound is 91.8 %");
    expect(judge(RECALL, of(149, 149)).note).toMatch(/^Established/);
  });
});

describe("a target where less is better", () => {
  const RATE = madeTarget("schema_failure_rate", { comparison: "<=", bound: 0.01, target: "<= 1%" });

  it("is judged from the other side", () => {
    expect(judge(RATE, of(2, 100))).toMatchObject({ status: "FAIL" });
    expect(judge(RATE, of(2, 100)).note).toContain("not established: within noise, the one-sided 95 % lower bound");
    expect(judge(RATE, of(30, 100)).note).toContain("established: the one-sided 95 % lower bound");
    expect(judge(RATE, of(1, 100)).status).toBe("PASS");
    expect(judge({ ...RATE, critical: true }, of(0, 100))).toMatchObject({ status: "INCONCLUSIVE", needed: 199 });
    expect(judge({ ...RATE, critical: true }, of(0, 299)).status).toBe("PASS");
  });
});

describe("every target", () => {
  it.each([
    [">=", 0.95, 0.95, "PASS"],
    [">", 0.95, 0.95, "FAIL"],
    ["<=", 0.05, 0.05, "PASS"],
    ["<", 0.05, 0.05, "FAIL"],
    ["=", 1, 1, "PASS"],
    ["=", 1, 0.99, "FAIL"],
  ] as const)("%s %d of %d: %s", (comparison, bound, value, status) => {
    expect(judge(madeTarget("accuracy", { comparison, bound }), of(value * 100, 100)).status).toBe(status);
  });

  it("is not decided by the last digit of a double", () => {
    expect(judge(madeTarget("accuracy", { bound: 0.1 + 0.2 }), of(3, 10)).status).toBe("PASS");
  });

  it("without an exact bound cannot be critical", () => {
    const measured = { value: 0.99, hits: null, cases: 1_000, interval: null, remark: "" };
    expect(judge(madeTarget("f1", { critical: true }), measured)).toMatchObject({
      status: "INCONCLUSIVE",
      needed: null,
    });
    expect(judge(madeTarget("f1"), measured).status).toBe("PASS");
  });

  it("of a price that is unknown is INCONCLUSIVE and says so", () => {
    const measured = {
      value: null,
      hits: null,
      cases: 0,
      interval: null,
      remark: "The price of 3 attempts is unknown.",
    };
    expect(judge(madeTarget("cost_avg", { comparison: "<" }), measured)).toMatchObject({
      status: "INCONCLUSIVE",
      note: "The price of 3 attempts is unknown.",
    });
  });
});

describe("the verdict of a suite", () => {
  it.each([
    [["PASS", "PASS"], "PASS"],
    [["PASS", "INCONCLUSIVE"], "INCONCLUSIVE"],
    [["INCONCLUSIVE", "FAIL", "PASS"], "FAIL"],
    [[], "INCONCLUSIVE"],
  ] as const)("of %j is %s", (statuses, verdict) => {
    expect(verdictOf(statuses.map((status) => ({ status })))).toBe(verdict);
  });
});
