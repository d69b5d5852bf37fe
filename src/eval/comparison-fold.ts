import type { ComparedCase, ComparedTarget, ComparisonFold } from "./comparison.ts";
import { counted } from "./figures.ts";
import { answerOf, inSlice, passes } from "./judgement.ts";
import { measureOf } from "./measure.ts";
import type { Measure, Measured } from "./measure.ts";
import { metricNamed, unitOf } from "./metrics.ts";
import type { FoldedSuite } from "./report.ts";
import type { ScoredCase } from "./result.ts";
import { lessIsBetter, scoreOf } from "./scores.ts";
import type { Score } from "./scores.ts";
import { pairedTest, pairedVerdict } from "./statistics.ts";
import type { Target } from "./suite.ts";

/** Cases a comparison shows; the two eval runs have all of them. */
const MOST_ROWS = 500;

/** Compares two results of one suite, target by target and case by case. */
export function comparisonOf(suite: Pick<FoldedSuite, "targets">): ComparisonFold {
  const counts = { cases: 0, only_before: 0, only_after: 0, changed: 0 };
  const targets = suite.targets.map((target) => new TargetPair(target));
  const rows = { worse: [] as ComparedCase[], better: [] as ComparedCase[], total: 0 };
  return {
    accumulate: (before, after) => {
      const [[then], [now]] = [before, after];
      if (then === undefined || now === undefined) {
        if (then !== undefined) counts.only_before++;
        if (now !== undefined) counts.only_after++;
      } else if (then.case.hash !== now.case.hash) counts.changed++;
      else {
        counts.cases++;
        for (const pair of targets) pair.add(before, after);
        const change = changeOf(shareOfPassing(before), shareOfPassing(after), false);
        if (change === null) return;
        rows.total++;
        if (rows[change].length < MOST_ROWS) rows[change].push(rowOf(change, then, now));
      }
    },
    finish: ({ before, after }) => ({
      before,
      after,
      ...counts,
      targets: targets.map((pair) => pair.end()),
      rows: [...rows.worse, ...rows.better].slice(0, MOST_ROWS),
      rows_total: rows.total,
    }),
  };
}

class TargetPair {
  readonly #target: Target;
  readonly #before: Measure;
  readonly #after: Measure;
  readonly #score: Score | null;
  #repeats = { before: 1, after: 1 };
  #worse = 0;
  #better = 0;

  constructor(target: Target) {
    this.#target = target;
    this.#before = measureOf(target);
    this.#after = measureOf(target);
    this.#score = isPaired(target.metric) ? scoreOf(target) : null;
  }

  /** All attempts at one case, on both sides. */
  add(before: readonly ScoredCase[], after: readonly ScoredCase[]): void {
    const [first] = after;
    if (first === undefined || !inSlice(this.#target.slice, first.case)) return;
    for (const scored of before) this.#before.add(scored);
    for (const scored of after) this.#after.add(scored);
    this.#repeats = { before: before.length, after: after.length };
    const change = this.#change(before, after);
    if (change === "worse") this.#worse++;
    if (change === "better") this.#better++;
  }

  #change(before: readonly ScoredCase[], after: readonly ScoredCase[]): "worse" | "better" | null {
    const score = this.#score;
    if (score === null) return null;
    const all = this.#target.metric === "pass_all";
    const [then, now] = [worth(before, score, all), worth(after, score, all)];
    return then === null || now === null ? null : changeOf(then, now, lessIsBetter(this.#target));
  }

  end(): ComparedTarget {
    const { name, metric } = this.#target;
    const paired = this.#score !== null;
    const [worse, better] = [this.#worse, this.#better];
    const shown = paired ? pairedVerdict(worse, better) : "nothing";
    return {
      name,
      metric,
      unit: unitOf(metric),
      before: sideOf(this.#before.end(this.#repeats.before)),
      after: sideOf(this.#after.end(this.#repeats.after)),
      worse: paired ? worse : null,
      better: paired ? better : null,
      p: paired ? pairedTest(worse, better) : null,
      shown,
      note: paired ? pairedNote(worse, better, shown) : "This metric does not judge case by case: no paired test.",
    };
  }
}

/** Custom scorers judge case by case. */
function isPaired(metric: string): boolean {
  return metricNamed(metric)?.paired ?? true;
}

function sideOf({ value, hits, cases }: Measured): ComparedTarget["before"] {
  return { value, hits, cases };
}

function worth(attempts: readonly ScoredCase[], score: Score, all: boolean): number | null {
  const values = attempts.map(score).filter((value) => value !== null);
  if (values.length === 0) return null;
  return all ? Math.min(...values) : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function shareOfPassing(attempts: readonly ScoredCase[]): number {
  return attempts.filter((scored) => passes(scored)).length / attempts.length;
}

/** Rounding of a mean over repeats is no change. */
function changeOf(before: number, after: number, lessBetter: boolean): "worse" | "better" | null {
  if (Math.abs(before - after) < 1e-12) return null;
  return after > before === lessBetter ? "worse" : "better";
}

function pairedNote(worse: number, better: number, shown: ComparedTarget["shown"]): string {
  if (worse + better === 0) return "No case differs.";
  const counts = `${counted(worse, "case")} worse, ${better} better`;
  return shown === "nothing"
    ? `${counts}: chance alone may make such a difference.`
    : `${counts}: shown to be ${shown}.`;
}

function rowOf(change: "worse" | "better", before: ScoredCase, after: ScoredCase): ComparedCase {
  const { id, dataset, expected } = after.case;
  const outputs = { before: answerOf(before.result) ?? null, after: answerOf(after.result) ?? null };
  return { case_id: id, dataset, change, expected, ...outputs };
}
