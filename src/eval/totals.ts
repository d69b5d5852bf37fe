import { shareOf } from "./class-counts.ts";
import { mismatches } from "./expected.ts";
import { answerOf, passes } from "./judgement.ts";
import { isUnpriced } from "./measure.ts";
import type { FailingCase, Flakiness, Totals, Usage } from "./report.ts";
import type { CaseOutcome, ScoredCase } from "./result.ts";
import { Sample } from "./sample.ts";

/** Failing cases a report shows; the eval run has all of them. */
const MOST_FAILING = 50;
/** Differences shown of one case. */
const MOST_DIFFERENCES = 20;

/** What is counted of every attempt, whatever the targets are. */
export class TotalCounts {
  #attempts = 0;
  #passing = 0;
  #cached = 0;
  #unpriced = 0;
  readonly #outcomes: Record<CaseOutcome, number> = {
    answered: 0, invalid: 0, refused: 0, review: 0, failed: 0, timed_out: 0,
  }; // prettier-ignore
  readonly #latency = new Sample();
  readonly #input = new Sample();
  readonly #output = new Sample();
  readonly #cost = new Sample();
  readonly failing: FailingCase[] = [];

  add(scored: ScoredCase): void {
    const { result } = scored;
    this.#attempts++;
    this.#outcomes[result.outcome]++;
    if (result.latencyMs !== null) this.#latency.add(result.latencyMs);
    if (result.inputTokens !== null) this.#input.add(result.inputTokens);
    if (result.outputTokens !== null) this.#output.add(result.outputTokens);
    if (result.costUsd !== null) this.#cost.add(result.costUsd);
    this.#cached += Number(result.cached);
    this.#unpriced += Number(isUnpriced(result));
    if (passes(scored)) this.#passing++;
    else if (this.failing.length < MOST_FAILING) this.failing.push(failingCase(scored));
  }

  totals(repeat: number): Totals {
    return {
      cases: this.#attempts / repeat,
      attempts: this.#attempts,
      passing: shareOf(this.#passing, this.#attempts, repeat),
      outcomes: this.#outcomes,
    };
  }

  usage(): Usage {
    return {
      latency_ms: this.#latency.spread(),
      input_tokens: this.#input.spread(),
      output_tokens: this.#output.spread(),
      cost_usd: this.#cost.spread(),
      unpriced: this.#unpriced,
      cached: this.#cached,
    };
  }
}

/** An attempt that is not as its case expects, with where it is not. */
function failingCase(scored: ScoredCase): FailingCase {
  const { case: placed, result } = scored;
  return {
    case_id: placed.id,
    dataset: placed.dataset,
    kind: placed.kind,
    repeat: result.repeat,
    outcome: result.outcome,
    error: result.error?.message ?? null,
    differences: mismatches(placed.expected, answerOf(result))
      .slice(0, MOST_DIFFERENCES)
      .map(({ actual, ...rest }) => (actual === undefined ? rest : { ...rest, actual })),
  };
}

/** Counts, case by case, how many of its attempts pass. */
export class FlakinessCounts {
  readonly #repeat: number;
  readonly #casesByPasses: number[];

  constructor(repeat: number) {
    this.#repeat = repeat;
    this.#casesByPasses = Array.from({ length: repeat + 1 }, () => 0);
  }

  add(attempts: readonly ScoredCase[]): void {
    const passing = attempts.filter((scored) => passes(scored)).length;
    this.#casesByPasses[passing] = (this.#casesByPasses[passing] ?? 0) + 1;
  }

  /** Null where each case was tried once. */
  end(): Flakiness | null {
    const n = this.#repeat;
    if (n === 1) return null;
    const cases = this.#casesByPasses.reduce((sum, count) => sum + count, 0);
    const meanOf = (worth: (passing: number) => number): number | null =>
      cases === 0 ? null : this.#casesByPasses.reduce((sum, count, passing) => sum + count * worth(passing), 0) / cases;
    return {
      mean: meanOf((passing) => passing / n),
      pass: Array.from({ length: n }, (_, index) => ({ k: index + 1, value: meanOf((c) => allPass(c, n, index + 1)) })),
      flaky: this.#casesByPasses.slice(1, n).reduce((sum, count) => sum + count, 0),
    };
  }
}

/** Chance that `k` of `n` attempts, drawn at random, are among the `passing` ones: C(passing, k) / C(n, k). */
function allPass(passing: number, n: number, k: number): number {
  let chance = 1;
  for (let drawn = 0; drawn < k; drawn++) chance *= Math.max(0, passing - drawn) / (n - drawn);
  return chance;
}
