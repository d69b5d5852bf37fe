import { CalibrationCounts } from "./calibration.ts";
import { ClassCounts, fMeasure, shareOf } from "./class-counts.ts";
import { answerOf, isPositive, saysPositive } from "./judgement.ts";
import { metricNamed } from "./metrics.ts";
import type { ClassRow, Interval, Spread } from "./report.ts";
import type { CaseResult, ScoredCase } from "./result.ts";
import { Sample } from "./sample.ts";
import { scoreOf } from "./scores.ts";
import type { Score } from "./scores.ts";
import type { Target } from "./suite.ts";

/** What was measured for one target. Counts are in cases: attempts at one case say nothing about another. */
export interface Measured {
  /** Null: nothing could be measured. */
  value: number | null;
  /** Of a proportion; null for what is none. */
  hits: number | null;
  cases: number;
  interval: Interval | null;
  /** What has to be said beside the figure; "" where nothing has. */
  remark: string;
}

/** Gathers one target's figure, one attempt after the other. */
export interface Measure {
  add(scored: ScoredCase): void;
  end(repeat: number): Measured;
}

/** What a target measures. Its slice is the caller's business. */
export function measureOf(target: Target): Measure {
  const score = scoreOf(target);
  if (target.metric === "pass_all" && score !== null) return everyAttempt(score);
  if (score !== null) return meanOf(score, metricNamed(target.metric)?.proportion ?? true);
  if (target.metric === "ece") return calibration(target.field);
  if (target.metric === "f1" && target.positive !== null) return conditionF1(target.positive);
  if (Object.hasOwn(OF_CLASS, target.metric)) return macro(target.metric, target.field ?? "");
  return quantity(target.metric);
}

/** A mean of scores; where they count cases and all of them are 0 or 1, a proportion. */
function meanOf(score: Score, counts: boolean): Measure {
  let [attempts, sum, whole] = [0, 0, counts];
  return {
    add: (scored) => {
      const value = score(scored);
      if (value === null) return;
      attempts++;
      sum += value;
      whole &&= value === 0 || value === 1;
    },
    end: (repeat) => {
      if (whole || attempts === 0) return { ...shareOf(sum, attempts, repeat), remark: "" };
      return { value: sum / attempts, hits: null, cases: attempts / repeat, interval: null, remark: "" };
    },
  };
}

/** Cases of which all attempts pass: each case counts once. */
function everyAttempt(score: Score): Measure {
  let [key, passing, cases, hits] = ["", false, 0, 0];
  return {
    add: (scored) => {
      const value = score(scored);
      if (value === null) return;
      const next = caseKey(scored);
      if (next !== key || cases === 0) {
        cases++;
        hits += value;
        passing = value === 1;
      } else if (passing && value === 0) {
        hits--;
        passing = false;
      }
      key = next;
    },
    end: () => ({ ...shareOf(hits, cases, 1), remark: "" }),
  };
}

/** A case's place: names are unique within a dataset only. */
export function caseKey(scored: ScoredCase): string {
  return JSON.stringify([scored.case.dataset, scored.case.id]);
}

function calibration(field: string | null): Measure {
  const counts = new CalibrationCounts(field);
  return {
    add: (scored) => counts.add(scored),
    end: (repeat) => {
      const { ece, without } = counts.end(repeat);
      const remark = without === 0 ? "" : `${count(without, "attempt")} without a confidence left out.`;
      return { value: ece, hits: null, cases: counts.attempts / repeat, interval: null, remark };
    },
  };
}

function conditionF1(positive: NonNullable<Target["positive"]>): Measure {
  let [both, expected, answered] = [0, 0, 0];
  return {
    add: (scored) => {
      const truth = isPositive(positive, scored.case.expected);
      if (truth === null) return;
      const said = saysPositive(positive, answerOf(scored.result));
      both += Number(truth && said);
      expected += Number(truth);
      answered += Number(said);
    },
    end: (repeat) => ({
      value: expected === 0 ? null : fMeasure(both, expected, answered),
      hits: null,
      cases: expected / repeat,
      interval: null,
      remark: "",
    }),
  };
}

/** What a class without a denominator counts as: never answered, it is never right; every case expecting it, nothing to reject. */
const OF_CLASS: Readonly<Record<string, (row: ClassRow) => number>> = {
  recall: (row) => row.recall.value ?? 0,
  precision: (row) => row.precision.value ?? 0,
  specificity: (row) => row.specificity.value ?? 1,
  f1: (row) => row.f1 ?? 0,
};

/** Unweighted mean over the classes that cases expect. */
function macro(metric: string, field: string): Measure {
  const counts = new ClassCounts(field);
  return {
    add: (scored) => counts.add(scored),
    end: (repeat) => {
      const table = counts.table(repeat);
      const rows = table.classes.filter((row) => row.expected > 0);
      const sum = rows.reduce((total, row) => total + (OF_CLASS[metric]?.(row) ?? 0), 0);
      const cases = rows.reduce((total, row) => total + row.expected, 0) / repeat;
      const value = rows.length === 0 || table.others > 0 ? null : sum / rows.length;
      const remark =
        table.others > 0
          ? `The field has more values than classes can have.`
          : `Mean over ${count(rows.length, "class", "classes")}.`;
      return { value, hits: null, cases, interval: null, remark };
    },
  };
}

type Figure = { of: (result: CaseResult) => number | null; read: (spread: Spread) => number | null; name: string };

const QUANTITIES: Readonly<Record<string, Figure>> = {
  latency_avg: { of: (result) => result.latencyMs, read: (spread) => spread.avg, name: "latency" },
  latency_p50: { of: (result) => result.latencyMs, read: (spread) => spread.p50, name: "latency" },
  latency_p95: { of: (result) => result.latencyMs, read: (spread) => spread.p95, name: "latency" },
  tokens_avg: { of: allTokens, read: (spread) => spread.avg, name: "count of tokens" },
  input_tokens_avg: { of: (result) => result.inputTokens, read: (spread) => spread.avg, name: "count of tokens" },
  output_tokens_avg: { of: (result) => result.outputTokens, read: (spread) => spread.avg, name: "count of tokens" },
  cost_avg: { of: (result) => result.costUsd, read: (spread) => spread.avg, name: "cost" },
  cost_total: { of: (result) => result.costUsd, read: (spread) => spread.total, name: "cost" },
};

function allTokens({ inputTokens, outputTokens }: CaseResult): number | null {
  return inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0);
}

/** Of those attempts that have the figure. A cost of which a part is unknown is unknown. */
function quantity(metric: string): Measure {
  const figure = QUANTITIES[metric];
  if (figure === undefined) throw new RangeError(`There is no metric "${metric}".`);
  const sample = new Sample();
  let [without, unknown] = [0, 0];
  return {
    add: ({ result }) => {
      const value = figure.of(result);
      if (value !== null) sample.add(value);
      else without++;
      if (figure.name === "cost" && isUnpriced(result)) unknown++;
    },
    end: (repeat) => {
      const value = sample.count === 0 || unknown > 0 ? null : figure.read(sample.spread());
      const left = without === 0 ? "" : `${count(without, "attempt")} without a ${figure.name} left out.`;
      const remark = unknown === 0 ? left : `The price of ${count(unknown, "attempt")} is unknown.`;
      return { value, hits: null, cases: sample.count / repeat, interval: null, remark };
    },
  };
}

/** A model answered, and what that cost is not known. */
export function isUnpriced(result: CaseResult): boolean {
  return result.costUsd === null && (result.inputTokens !== null || result.validJson !== null);
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}
