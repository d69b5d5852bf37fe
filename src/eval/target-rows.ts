import { inSlice } from "./judgement.ts";
import { measureOf } from "./measure.ts";
import type { Measure } from "./measure.ts";
import { unitOf } from "./metrics.ts";
import type { TargetRow } from "./report.ts";
import type { ScoredCase } from "./result.ts";
import type { Target } from "./suite.ts";
import { judge } from "./verdict.ts";

/** Gathers the figures of all targets of a suite. */
export class TargetMeasures {
  readonly #all: readonly { target: Target; measure: Measure }[];

  constructor(targets: readonly Target[]) {
    this.#all = targets.map((target) => ({ target, measure: measureOf(target) }));
  }

  add(scored: ScoredCase): void {
    for (const { target, measure } of this.#all) if (inSlice(target.slice, scored.case)) measure.add(scored);
  }

  rows(repeat: number): TargetRow[] {
    return this.#all.map(({ target, measure }) => rowOf(target, measure, repeat));
  }
}

function rowOf(target: Target, measure: Measure, repeat: number): TargetRow {
  const measured = measure.end(repeat);
  const { value, interval, hits, cases } = measured;
  const { name, metric, field, positive, slice, comparison, bound, critical } = target;
  const written = {
    name,
    metric,
    field,
    positive,
    slice,
    unit: unitOf(metric),
    comparison,
    bound,
    target: target.target,
  };
  return { ...written, critical, value, interval, hits, cases, ...judge(target, measured) };
}
