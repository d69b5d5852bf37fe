import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exactInterval, mean, oneSidedLower, percentile, stillNeeded } from "./arithmetic.ts";

type Fields = Record<string, unknown>;

/** One row of `GET /v1/evals/ID/cases`. */
export interface CaseRow {
  case_id: string;
  dataset: string;
  outcome: string;
  output: Fields | null;
  confidence: number | null;
  valid_json: boolean | null;
  valid_first: boolean | null;
  repaired: boolean;
  latency_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: number | null;
}

export interface SuiteCase {
  id: string;
  dataset: string;
  kind: string;
  input: Fields;
  expected: Fields;
  tags: string[];
}

/** A case as it stands in its file, and what it came to. */
export interface Pair {
  of: SuiteCase;
  row: CaseRow;
}

export interface Target {
  name: string;
  metric: string;
  field?: string;
  positive?: Fields;
  slice?: Fields;
  target: string;
  critical?: boolean;
  min_cases?: number;
}

export interface SuiteFile {
  datasets: { file: string; kind: string }[];
  slices?: string[];
  targets: Target[];
}

export interface Share {
  value: number | null;
  hits: number | null;
  cases: number;
  interval: { low: number; high: number } | null;
}

export function readCases(dir: string, suite: SuiteFile): SuiteCase[] {
  return suite.datasets.flatMap(({ file, kind }) =>
    readFileSync(join(dir, file), "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => {
        const { id, input, expected, tags } = JSON.parse(line) as SuiteCase;
        return { id, dataset: file.replace(/\.jsonl$/, ""), kind, input, expected, tags: tags ?? [] };
      }),
  );
}

export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Fields)[key] : undefined),
      value,
    );
}

export function answered({ row }: Pair): Fields | null {
  return row.outcome === "answered" ? row.output : null;
}

export function right(pair: Pair, field?: string): boolean {
  const answer = answered(pair);
  if (answer === null) return false;
  if (field !== undefined) return answer[field] === pair.of.expected[field];
  return Object.entries(pair.of.expected).every(([key, value]) => answer[key] === value);
}

function meets(condition: Fields, value: Fields | null): boolean {
  return value !== null && Object.entries(condition).every(([key, wanted]) => value[key] === wanted);
}

function inSlice(slice: Fields | undefined, { of }: Pair): boolean {
  return Object.entries(slice ?? {}).every(([path, wanted]) => {
    if (path === "tag") return of.tags.includes(wanted as string);
    if (path === "kind") return of.kind === wanted;
    if (path === "dataset") return of.dataset === wanted;
    return at(of.input, path) === wanted;
  });
}

export function share(hits: number, cases: number): Share {
  if (cases === 0) return { value: null, hits: 0, cases: 0, interval: null };
  return { value: hits / cases, hits, cases, interval: exactInterval(hits, cases) };
}

export function count(pairs: readonly Pair[], holds: (pair: Pair) => boolean): number {
  return pairs.filter(holds).length;
}

export function shareOf(pairs: readonly Pair[], holds: (pair: Pair) => boolean): Share {
  return share(count(pairs, holds), pairs.length);
}

function plainFigure(value: number | null, cases: number): Share {
  return { value, hits: null, cases, interval: null };
}

export function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

/** Cases a target is about, and whether each of them is a hit; null: the metric does not go case by case. */
export function judged(pairs: readonly Pair[], target: Target): { of: Pair[]; hit: (pair: Pair) => boolean } | null {
  const { metric, field, positive = {} } = target;
  const inside = pairs.filter((pair) => inSlice(target.slice, pair));
  const isPositive = ({ of }: Pair): boolean => meets(positive, of.expected);
  const says = (pair: Pair): boolean => meets(positive, answered(pair));
  switch (metric) {
    case "accuracy":
      return { of: inside, hit: (pair) => right(pair, field) };
    case "recall":
      return { of: inside.filter(isPositive), hit: says };
    case "specificity":
      return { of: inside.filter((pair) => !isPositive(pair)), hit: (pair) => answered(pair) !== null && !says(pair) };
    case "precision":
      return { of: inside.filter(says), hit: isPositive };
    case "valid_json_rate":
      return { of: inside, hit: ({ row }) => row.valid_json === true };
    case "schema_failure_rate":
      return { of: inside, hit: ({ row }) => row.valid_first !== true };
    case "repair_rate":
      return { of: inside, hit: ({ row }) => row.repaired };
    default:
      return null;
  }
}

export function figure(pairs: readonly Pair[], target: Target): Share {
  const cases = judged(pairs, target);
  if (cases !== null) return shareOf(cases.of, cases.hit);
  const inside = pairs.filter((pair) => inSlice(target.slice, pair));
  const latencies = known(inside.map(({ row }) => row.latency_ms));
  const costs = known(inside.map(({ row }) => row.cost_usd));
  const tokens = known(inside.map(({ row }) => row.input_tokens)).map(
    (input, i) => input + (inside[i]?.row.output_tokens ?? 0),
  );
  switch (target.metric) {
    case "latency_avg":
      return plainFigure(latencies.length === 0 ? null : mean(latencies), latencies.length);
    case "latency_p50":
      return plainFigure(latencies.length === 0 ? null : percentile(latencies, 0.5), latencies.length);
    case "latency_p95":
      return plainFigure(latencies.length === 0 ? null : percentile(latencies, 0.95), latencies.length);
    case "cost_total":
      return plainFigure(
        costs.reduce((sum, value) => sum + value, 0),
        costs.length,
      );
    case "tokens_avg":
      return plainFigure(mean(tokens), tokens.length);
    case "ece":
      return plainFigure(binned(inside, target.field).ece, inside.filter(({ row }) => row.confidence !== null).length);
    default:
      throw new Error(`Arithmetic for "${target.metric}" is not written down here.`);
  }
}

/** `>= 98%` as a comparison in the metric's own unit. */
function demand(text: string): { holds: (value: number) => boolean; bound: number } {
  const [, sign = "", digits = "", unit = ""] = /^\s*(>=|>|<=|<|=)\s*\$?([\d.]+)\s*([a-z%]*)/.exec(text) ?? [];
  const bound = Number(digits) * (unit === "%" ? 0.01 : unit === "s" ? 1_000 : 1);
  const off = 1e-12;
  const tests: Record<string, (value: number) => boolean> = {
    ">=": (value) => value >= bound - off,
    ">": (value) => value > bound + off,
    "<=": (value) => value <= bound + off,
    "<": (value) => value < bound - off,
    "=": (value) => Math.abs(value - bound) <= off,
  };
  return { holds: tests[sign] as (value: number) => boolean, bound };
}

export function statusOf(target: Target, { value, hits, cases }: Share): { status: string; needed: number | null } {
  const { holds, bound } = demand(target.target);
  if (value === null || cases === 0) return { status: "INCONCLUSIVE", needed: null };
  if (!holds(value)) return { status: "FAIL", needed: null };
  const more = target.critical === true && hits !== null ? stillNeeded(hits, cases, bound) : 0;
  const shown = target.critical !== true || hits === null || oneSidedLower(hits, cases) >= bound - 1e-12;
  if (!shown || cases < (target.min_cases ?? 0))
    return { status: "INCONCLUSIVE", needed: Math.max(shown ? 0 : more, (target.min_cases ?? 0) - cases) };
  return { status: "PASS", needed: null };
}

/** Ten bins of equal width, each closed above. */
export function binned(
  pairs: readonly Pair[],
  field?: string,
): { ece: number | null; bins: Pair[][]; without: number } {
  const sure = pairs.filter((pair) => answered(pair) !== null && pair.row.confidence !== null);
  const bins = Array.from({ length: 10 }, (_, i) =>
    sure.filter(({ row }) => {
      const confidence = row.confidence as number;
      return (confidence > i / 10 || (i === 0 && confidence === 0)) && confidence <= (i + 1) / 10;
    }),
  );
  const gaps = bins.map((bin) =>
    bin.length === 0
      ? 0
      : (bin.length / sure.length) *
        Math.abs(
          count(bin, (pair) => right(pair, field)) / bin.length - mean(bin.map(({ row }) => row.confidence as number)),
        ),
  );
  const ece = sure.length === 0 ? null : gaps.reduce((sum, gap) => sum + gap, 0);
  return { ece, bins, without: pairs.length - sure.length };
}
