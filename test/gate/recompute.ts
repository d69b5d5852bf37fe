import { mean, pairedChance, percentile } from "./arithmetic.ts";
import { answered, at, binned, count, figure, judged, known, right, share, shareOf, statusOf } from "./figures.ts";
import type { CaseRow, Pair, Share, SuiteCase, SuiteFile, Target } from "./figures.ts";

/**
 * Computes an eval's report again, from the exported results of its cases and the suite's own files, and says where the two
 * differ in the fourth digit. Suites of prompts whose expected values are plain, tried once each.
 */

export interface ReportDocument {
  verdict: string;
  totals: { cases: number; attempts: number; passing: Share; outcomes: Record<string, number> };
  targets: (Share & { name: string; status: string; needed: number | null })[];
  slices: {
    by: string;
    values: { value: string | null; cases: number; passing: Share; targets: (Share & { name: string })[] }[];
  }[];
  fields: {
    field: string;
    classes: {
      value: string;
      expected: number;
      answered: number;
      precision: Share;
      recall: Share;
      specificity: Share;
      f1: number | null;
    }[];
    confusion: { expected: string; answered: string | null; attempts: number }[];
  }[];
  calibration: {
    ece: number | null;
    bins: { attempts: number; confidence: number | null; accuracy: Share }[];
    without: number;
  };
  usage: Record<
    string,
    { attempts: number; total: number; avg: number | null; p50: number | null; p95: number | null }
  >;
  comparison: {
    cases: number;
    targets: { name: string; worse: number | null; better: number | null; p: number | null; shown: string }[];
    rows_total: number;
  } | null;
}

/** Notes every difference, and how many figures were looked at. */
class Differences {
  readonly found: string[] = [];
  compared = 0;

  number(what: string, printed: number | null | undefined, computed: number | null): void {
    this.compared++;
    const same = printed === computed || (typeof printed === "number" && computed !== null && near(printed, computed));
    if (!same) this.found.push(`${what}: the report has ${printed}, arithmetic has ${computed}`);
  }

  text(what: string, printed: unknown, computed: unknown): void {
    this.compared++;
    if (JSON.stringify(printed) !== JSON.stringify(computed))
      this.found.push(`${what}: the report has ${JSON.stringify(printed)}, arithmetic has ${JSON.stringify(computed)}`);
  }

  share(what: string, printed: Share | undefined, computed: Share): void {
    this.number(`${what}, value`, printed?.value, computed.value);
    this.number(`${what}, hits`, printed?.hits, computed.hits);
    this.number(`${what}, cases`, printed?.cases, computed.cases);
    this.number(`${what}, low`, printed?.interval?.low ?? null, computed.interval?.low ?? null);
    this.number(`${what}, high`, printed?.interval?.high ?? null, computed.interval?.high ?? null);
  }
}

/** To four digits after the point, and to six leading ones where a figure is large. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) < 0.000_05 || Math.abs(a - b) < Math.abs(b) * 1e-6;
}

/** What there is to compare: the project's files and the exports of one eval, and of its baseline. */
export interface Material {
  suite: SuiteFile;
  cases: readonly SuiteCase[];
  report: ReportDocument;
  rows: readonly CaseRow[];
  baseline?: readonly CaseRow[];
}

export function compareReport(material: Material): { found: string[]; compared: number } {
  const differences = new Differences();
  const pairs = paired(material.cases, material.rows, differences);
  totals(pairs, material.report, differences);
  targets(pairs, material, differences);
  slices(pairs, material, differences);
  fields(pairs, material.report, differences);
  calibration(pairs, material.report, differences);
  usage(pairs, material.report, differences);
  if (material.baseline !== undefined)
    comparison(pairs, paired(material.cases, material.baseline, differences), material, differences);
  return differences;
}

/** Every case of the files has one row; nothing leaves the denominator. */
function paired(cases: readonly SuiteCase[], rows: readonly CaseRow[], differences: Differences): Pair[] {
  // A dataset of a file carries the name of its suite before its own.
  const byKey = new Map(rows.map((row) => [`${row.dataset.replace(/^.*[./]/, "")} ${row.case_id}`, row]));
  differences.number("rows exported", rows.length, cases.length);
  return cases.map((of) => {
    const row = byKey.get(`${of.dataset} ${of.id}`);
    if (row === undefined) throw new Error(`There is no row of ${of.dataset} ${of.id}.`);
    return { of, row };
  });
}

function totals(pairs: readonly Pair[], { totals: printed }: ReportDocument, differences: Differences): void {
  differences.number("cases", printed.cases, pairs.length);
  differences.number("attempts", printed.attempts, pairs.length);
  differences.share(
    "whole outputs right",
    printed.passing,
    shareOf(pairs, (pair) => right(pair)),
  );
  for (const [outcome, attempts] of Object.entries(printed.outcomes))
    differences.number(
      `outcome ${outcome}`,
      attempts,
      count(pairs, ({ row }) => row.outcome === outcome),
    );
}

function targets(pairs: readonly Pair[], { suite, report }: Material, differences: Differences): void {
  const statuses: string[] = [];
  for (const target of suite.targets) {
    const printed = report.targets.find(({ name }) => name === target.name);
    const computed = figure(pairs, target);
    const { status, needed } = statusOf(target, computed);
    statuses.push(status);
    differences.share(target.name, printed, computed);
    differences.text(`${target.name}, status`, printed?.status, status);
    differences.number(`${target.name}, cases still needed`, printed?.needed ?? null, needed);
  }
  const verdict = statuses.includes("FAIL") ? "FAIL" : statuses.includes("INCONCLUSIVE") ? "INCONCLUSIVE" : "PASS";
  differences.text("verdict", report.verdict, verdict);
}

function slices(pairs: readonly Pair[], { suite, report }: Material, differences: Differences): void {
  for (const table of report.slices) {
    const valueOf = ({ of }: Pair): string | null => {
      const value = table.by === "kind" ? of.kind : at(of.input, table.by);
      if (value === undefined || value === null) return null;
      return typeof value === "string" ? value : JSON.stringify(value);
    };
    const values = new Set(pairs.map(valueOf));
    differences.number(`values of ${table.by}`, table.values.length, values.size);
    for (const { value, cases, passing, targets: rows } of table.values) {
      const inside = pairs.filter((pair) => valueOf(pair) === value);
      const name = `${table.by} = ${value}`;
      differences.number(`${name}, cases`, cases, inside.length);
      differences.share(
        `${name}, right`,
        passing,
        shareOf(inside, (pair) => right(pair)),
      );
      for (const row of rows) {
        const target = suite.targets.find((each) => each.name === row.name) as Target;
        differences.share(`${name}, ${row.name}`, row, figure(inside, target));
      }
    }
  }
}

/** The table names classes by their text. */
function className(value: unknown): string | null {
  return value === undefined || value === null ? null : `${value as string | boolean}`;
}

function fields(pairs: readonly Pair[], { fields: tables }: ReportDocument, differences: Differences): void {
  for (const { field, classes, confusion } of tables) {
    const said = (pair: Pair): string | null => className(answered(pair)?.[field]);
    const wanted = ({ of }: Pair): string => className(of.expected[field]) as string;
    const names = new Set(pairs.flatMap((pair) => [wanted(pair), said(pair)].filter((name) => name !== null)));
    differences.text(
      `${field}, classes`,
      classes.map(({ value }) => value),
      [...names].sort(),
    );
    for (const row of classes) {
      const expects = pairs.filter((pair) => wanted(pair) === row.value);
      const answers = pairs.filter((pair) => said(pair) === row.value);
      const others = pairs.filter((pair) => wanted(pair) !== row.value);
      const name = `${field} ${row.value}`;
      const both = count(expects, (pair) => said(pair) === row.value);
      differences.number(`${name}, expected`, row.expected, expects.length);
      differences.number(`${name}, answered`, row.answered, answers.length);
      differences.share(`${name}, precision`, row.precision, share(both, answers.length));
      differences.share(`${name}, recall`, row.recall, share(both, expects.length));
      const rejects = (pair: Pair): boolean => said(pair) !== null && said(pair) !== row.value;
      differences.share(`${name}, specificity`, row.specificity, shareOf(others, rejects));
      differences.number(`${name}, f1`, row.f1, (2 * both) / (expects.length + answers.length));
    }
    for (const cell of confusion)
      differences.number(
        `${field}, ${cell.expected} answered as ${cell.answered}`,
        cell.attempts,
        count(pairs, (pair) => wanted(pair) === cell.expected && said(pair) === cell.answered),
      );
    differences.number(
      `${field}, all cells`,
      confusion.reduce((sum, cell) => sum + cell.attempts, 0),
      pairs.length,
    );
  }
}

function calibration(pairs: readonly Pair[], { calibration: printed }: ReportDocument, differences: Differences): void {
  const { ece, bins, without } = binned(pairs);
  differences.number("calibration error", printed.ece, ece);
  differences.number("without a confidence", printed.without, without);
  bins.forEach((bin, i) => {
    const row = printed.bins[i];
    const name = `confidence ${i / 10} to ${(i + 1) / 10}`;
    differences.number(`${name}, attempts`, row?.attempts, bin.length);
    differences.number(
      `${name}, mean`,
      row?.confidence,
      bin.length === 0 ? null : mean(bin.map(({ row: { confidence } }) => confidence as number)),
    );
    differences.share(
      `${name}, right`,
      row?.accuracy,
      shareOf(bin, (pair) => right(pair)),
    );
  });
}

const QUANTITIES = ["latency_ms", "input_tokens", "output_tokens", "cost_usd"] as const;

function usage(pairs: readonly Pair[], { usage: printed }: ReportDocument, differences: Differences): void {
  for (const name of QUANTITIES) {
    const values = known(pairs.map(({ row }) => row[name]));
    const none = values.length === 0;
    const row = printed[name];
    differences.number(`${name}, attempts`, row?.attempts, values.length);
    differences.number(
      `${name}, total`,
      row?.total,
      values.reduce((sum, value) => sum + value, 0),
    );
    differences.number(`${name}, avg`, row?.avg, none ? null : mean(values));
    differences.number(`${name}, p50`, row?.p50, none ? null : percentile(values, 0.5));
    differences.number(`${name}, p95`, row?.p95, none ? null : percentile(values, 0.95));
  }
}

/** Case by case against the baseline: only what both judge alike can be compared in pairs. */
function comparison(
  after: readonly Pair[],
  before: readonly Pair[],
  material: Material,
  differences: Differences,
): void {
  const printed = material.report.comparison;
  if (printed === null) {
    differences.text("comparison", null, "there is a baseline");
    return;
  }
  differences.number("cases compared", printed.cases, after.length);
  for (const target of material.suite.targets) {
    const row = printed.targets.find(({ name }) => name === target.name);
    const cases = target.metric === "precision" ? null : judged(after, target);
    if (cases === null) {
      differences.number(`${target.name}, no pairs`, row?.p ?? null, null);
      continue;
    }
    const inside = new Set(cases.of.map(({ of }) => of));
    const old = new Map(before.map((pair) => [pair.of, pair]));
    const moved = [...after]
      .filter(({ of }) => inside.has(of))
      .map((pair) => [cases.hit(old.get(pair.of) as Pair), cases.hit(pair)]);
    const lower = /^\s*</.test(target.target);
    const lost = moved.filter(([was, is]) => was === !lower && is === lower).length;
    const won = moved.filter(([was, is]) => was === lower && is === !lower).length;
    const p = pairedChance(lost, won);
    differences.number(`${target.name}, worse`, row?.worse, lost);
    differences.number(`${target.name}, better`, row?.better, won);
    differences.number(`${target.name}, p`, row?.p, p);
    differences.text(`${target.name}, shown`, row?.shown, p > 0.05 ? "nothing" : lost > won ? "worse" : "better");
  }
  const changed = after.filter((pair, i) => right(pair) !== right(before[i] as Pair)).length;
  differences.number("cases that changed sides", printed.rows_total, changed);
}
