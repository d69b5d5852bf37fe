import { betaQuantile, incompleteBeta } from "./beta.ts";
import type { Interval } from "./report.ts";

/** Chance of a bound that does not hold. Two-sided intervals have half of it at each end. */
const ALPHA = 0.05;

/** Clopper and Pearson's exact interval, two-sided, 95 %. `hits` and `cases` need not be whole; `cases` is above 0. */
export function exactInterval(hits: number, cases: number): Interval {
  return { low: lower(hits, cases, ALPHA / 2), high: upper(hits, cases, ALPHA / 2) };
}

/** One-sided, 95 %: a proportion below it would show this many hits or more in less than one of twenty trials. */
export function lowerBound(hits: number, cases: number): number {
  return lower(hits, cases, ALPHA);
}

/** One-sided, 95 %. */
export function upperBound(hits: number, cases: number): number {
  return upper(hits, cases, ALPHA);
}

function lower(hits: number, cases: number, alpha: number): number {
  demandCounts(hits, cases);
  if (hits === 0) return 0;
  return hits === cases ? Math.exp(Math.log(alpha) / cases) : betaQuantile(alpha, hits, cases - hits + 1);
}

function upper(hits: number, cases: number, alpha: number): number {
  demandCounts(hits, cases);
  if (hits === cases) return 1;
  return hits === 0 ? -Math.expm1(Math.log(alpha) / cases) : betaQuantile(1 - alpha, hits + 1, cases - hits);
}

function demandCounts(hits: number, cases: number): void {
  if (!(cases > 0 && hits >= 0 && hits <= cases)) throw new RangeError(`${hits} of ${cases} is no proportion.`);
}

/** Beyond that nobody counts on. */
const MOST_CASES = 100_000_000;

/**
 * How many more cases, all of them hits, would bring the one-sided lower bound to `bound` or over it. 0: it is there. Null: no
 * number of cases would, or more than a hundred million.
 */
export function casesNeeded(hits: number, cases: number, bound: number): number | null {
  const enough = (more: number): boolean => reaches(hits + more, cases + more, bound);
  if (enough(0)) return 0;
  let above = 1;
  while (!enough(above)) {
    above *= 2;
    if (above > MOST_CASES) return null;
  }
  let below = Math.floor(above / 2);
  while (above - below > 1) {
    const middle = Math.floor((above + below) / 2);
    if (enough(middle)) above = middle;
    else below = middle;
  }
  return above;
}

/** The lower bound is at `bound` or over it where so many hits at a rate of `bound` have a chance of at most `ALPHA`. */
function reaches(hits: number, cases: number, bound: number): boolean {
  if (bound <= 0) return true;
  if (bound >= 1 || hits <= 0) return false;
  return incompleteBeta(bound, hits, cases - hits + 1) <= ALPHA;
}

/**
 * Exact paired test (McNemar's with the binomial distribution; the sign test): the chance that, of so many cases on which two
 * results differ, they divide at least as unevenly, were either side as likely. Two-sided.
 */
export function pairedTest(worse: number, better: number): number {
  const few = Math.min(worse, better);
  const all = worse + better;
  return few * 2 >= all - 1 ? 1 : Math.min(1, 2 * incompleteBeta(0.5, all - few, few + 1));
}

/** What a paired test shows: a difference, where chance would make one so large in at most one of twenty comparisons. */
export function pairedVerdict(worse: number, better: number): "worse" | "better" | "nothing" {
  if (pairedTest(worse, better) > ALPHA) return "nothing";
  return worse > better ? "worse" : "better";
}
