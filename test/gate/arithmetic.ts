/**
 * School arithmetic for comparing a report with. Nothing of Sluice is imported, and the way is another one on purpose: exact
 * bounds come from adding up binomial probabilities and halving, not from the beta function.
 */

/** Logarithms of factorials, by adding up. */
const LOG_FACTORIALS: number[] = [0];

function logFactorial(n: number): number {
  for (let i = LOG_FACTORIALS.length; i <= n; i++) LOG_FACTORIALS.push((LOG_FACTORIALS[i - 1] as number) + Math.log(i));
  return LOG_FACTORIALS[n] as number;
}

/** Chance of exactly `hits` of `cases` at a rate. */
function chance(hits: number, cases: number, rate: number): number {
  if (rate <= 0) return hits === 0 ? 1 : 0;
  if (rate >= 1) return hits === cases ? 1 : 0;
  const ways = logFactorial(cases) - logFactorial(hits) - logFactorial(cases - hits);
  return Math.exp(ways + hits * Math.log(rate) + (cases - hits) * Math.log1p(-rate));
}

function chanceOfAtLeast(hits: number, cases: number, rate: number): number {
  let sum = 0;
  for (let k = cases; k >= hits; k--) sum += chance(k, cases, rate);
  return sum;
}

function chanceOfAtMost(hits: number, cases: number, rate: number): number {
  let sum = 0;
  for (let k = 0; k <= hits; k++) sum += chance(k, cases, rate);
  return sum;
}

/** Where a rising function of the rate reaches `goal`. */
function halving(goal: number, rising: (rate: number) => number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (rising(middle) < goal) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export function oneSidedLower(hits: number, cases: number, alpha = 0.05): number {
  return hits === 0 ? 0 : halving(alpha, (rate) => chanceOfAtLeast(hits, cases, rate));
}

export function exactInterval(hits: number, cases: number): { low: number; high: number } {
  const high = hits === cases ? 1 : halving(1 - 0.025, (rate) => 1 - chanceOfAtMost(hits, cases, rate));
  return { low: oneSidedLower(hits, cases, 0.025), high };
}

/** How many more cases, all of them hits, would bring the one-sided bound to `bound`: one after the other. */
export function stillNeeded(hits: number, cases: number, bound: number): number {
  for (let more = 0; more < 100_000; more++) if (chanceOfAtLeast(hits + more, cases + more, bound) <= 0.05) return more;
  throw new Error("Not within a hundred thousand.");
}

/** Two-sided exact test that neither direction is likelier, given how many went each way. */
export function pairedChance(worse: number, better: number): number {
  const all = worse + better;
  if (all === 0) return 1;
  return Math.min(1, 2 * chanceOfAtMost(Math.min(worse, better), all, 0.5));
}

/** Percentile with linear interpolation between the two nearest ranks, as NumPy and R do. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(rank)] as number, sorted[Math.ceil(rank)] as number];
  return below + (above - below) * (rank % 1);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
