import { describe, expect, it } from "vitest";
import { comparisonOf } from "./comparison-fold.ts";
import { foldOf } from "./fold.ts";
import { made, madeTarget } from "./made-cases.ts";
import { htmlReport } from "./report-html.ts";
import { junitReport } from "./report-junit.ts";
import { markdownReport } from "./report-markdown.ts";
import { textReport } from "./report-text.ts";
import type { Report } from "./report.ts";
import type { ScoredCase } from "./result.ts";

const HOSTILE = `<script>alert(1)</script>&amp;"'|\`x\` @team https://evil.example \u001b[31mred\u202e ]]>`;

const TARGETS = [
  madeTarget("accuracy", { name: `Category ${HOSTILE}`, field: "category", bound: 0.5, target: ">= 50%" }),
  madeTarget("recall", { positive: { category: "billing" }, bound: 0.98, target: ">= 98%", critical: true }),
  madeTarget("latency_avg", { comparison: "<", bound: 2_000, target: "< 2s" }),
  madeTarget("accuracy", { name: "Enterprise", slice: { plan: "enterprise" } }),
];

function cases(wrong: string): ScoredCase[] {
  return Array.from({ length: 20 }, (_, n) =>
    made({ category: "billing" }, n === 3 ? null : { category: n === 2 ? wrong : "billing" }, {
      case: { id: n === 2 ? HOSTILE : `case ${n}` },
      slices: { plan: n % 2 === 0 ? HOSTILE : "free" },
      result: { confidence: n / 20, latencyMs: 1_600 },
    }),
  );
}

function reportOf(): Report {
  const suite = { name: `s ${HOSTILE}`, description: "", file: "f", hash: "h", targets: TARGETS, slices: ["plan"] };
  const fold = foldOf(suite, 1);
  for (const scored of cases(HOSTILE)) fold.accumulate(scored);
  const comparison = comparisonOf(suite);
  cases("billing").forEach((scored, index) => comparison.accumulate([scored], [cases(HOSTILE)[index] as ScoredCase]));
  return fold.finish({
    evalId: "evl_1",
    subject: { kind: "prompt", prompt: "p", version: "1", hash: "h", model: "local/in-context" },
    datasets: [],
    scorersHash: "",
    inContext: true,
    comparison: comparison.finish({ before: "evl_0", after: "evl_1" }),
    startedAt: 0,
    endedAt: 1_500,
  });
}

const FORMS = {
  text: (report: Report): string => textReport(report).join("\n"),
  markdown: markdownReport,
  junit: junitReport,
  html: htmlReport,
};

describe("a report in each form", () => {
  it.each(Object.entries(FORMS))("%s: is the same twice, without what a reader would act on", (_name, form) => {
    const text = form(reportOf());
    expect(form(reportOf())).toBe(text);
    for (const loud of ["\u001b", "\u202e", "undefined", "NaN", "[object"]) expect(text).not.toContain(loud);
    for (const said of ["nothing about instructions", "evl_", "18 of 20", "1.6 s"]) expect(text).toContain(said);
  });

  it("text: has the golden columns, each status and the verdict", () => {
    const lines = textReport(reportOf(), (status, text) => `${status}:${text}`);
    const head = lines.find((line) => line.startsWith("Eval"));
    expect(head?.split(/ {2,}/)).toEqual(["Eval", "Target", "Current", "Status", "95 % interval", "Cases"]);
    expect(lines.find((line) => line.includes("< 2s"))).toMatch(/^PASS:latency_avg {2,}< 2s {2,}1\.6 s {2,}Pass/);
    expect(lines.find((line) => line.includes("(critical)"))).toMatch(/^FAIL:.*90 % {2,}Fail {2,}68\.3 % to 98\.77 %/);
    expect(lines.find((line) => line.includes("Enterprise  "))).toMatch(/^INCONCLUSIVE:.*– {2,}Inconclusive/);
    expect(lines).toContain("FAIL:Verdict: FAIL");
  });

  it("markdown: keeps one row a target and reads nothing as markup", () => {
    const text = markdownReport(reportOf());
    const parts = text.split("\n\n");
    const table = (parts.find((part) => part.startsWith("| Eval | Target |")) ?? "").split("\n");
    expect(table).toHaveLength(2 + TARGETS.length);
    expect(table[0]).toBe("| Eval | Target | Current | Status | 95 % interval | Cases | Note |");
    for (const line of table.slice(2)) expect(line.match(/(?<!\\)\|/g)).toHaveLength(8);
    expect(table.join("\n")).not.toMatch(/<script|@team|https:\/\//);
  });

  it("junit: a target is a test case; a FAIL fails, an INCONCLUSIVE is an error", () => {
    const text = junitReport(reportOf());
    expect(text).toContain('tests="4" failures="1" errors="1"');
    expect(text).toContain('<failure type="FAIL"');
    expect(text).toContain('<error type="INCONCLUSIVE"');
    expect(text).not.toContain("<script");
    expect(text.match(/<testcase /g)).toHaveLength(4);
    expect(text).toContain('time="1.5"');
  });

  it("html: lets nothing in, runs nothing, and is escaped", () => {
    const text = htmlReport(reportOf());
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|<img|<link|onerror=|<a /i);
    expect(text).toContain("&lt;script&gt;");
    expect(text).toContain("<circle");
    expect(text.match(/<table>/g)?.length).toBe(text.match(/<\/table>/g)?.length);
  });

  it("says what is absent", () => {
    const text = textReport(reportOf()).join("\n");
    expect(text).toContain("Absent, no case of them: edge, negative, regression, adversarial.");
    expect(text).toContain("plan = enterprise");
  });
});
