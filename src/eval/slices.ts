import { DATASET_KINDS } from "./case.ts";
import { shareOf } from "./class-counts.ts";
import { passes } from "./judgement.ts";
import type { SliceTable, SliceValue } from "./report.ts";
import type { ScoredCase } from "./result.ts";
import type { Target } from "./suite.ts";
import { TargetMeasures } from "./target-rows.ts";

/** Beyond that a path tells cases apart, and no kinds of cases. */
const MOST_VALUES = 50;

interface Part {
  attempts: number;
  passing: number;
  targets: TargetMeasures;
}

/** The figures of all targets for each value of one slice. */
export class SliceMeasures {
  readonly #by: string;
  readonly #targets: readonly Target[];
  readonly #parts = new Map<string | null, Part>();
  #others = 0;

  /** A path into the input, or `kind`: the kind of dataset. */
  constructor(by: string, targets: readonly Target[]) {
    this.#by = by;
    this.#targets = targets.map((target) => ({ ...target, minCases: 0 }));
  }

  /** `value` null: the case has none. */
  add(value: string | null, scored: ScoredCase): void {
    const part = this.#parts.get(value) ?? this.#newPart(value);
    if (part === null) {
      this.#others++;
      return;
    }
    part.attempts++;
    part.passing += Number(passes(scored));
    part.targets.add(scored);
  }

  #newPart(value: string | null): Part | null {
    if (this.#parts.size >= MOST_VALUES) return null;
    const part = { attempts: 0, passing: 0, targets: new TargetMeasures(this.#targets) };
    this.#parts.set(value, part);
    return part;
  }

  /** Values in their order, the cases that have none last. */
  table(repeat: number, expected: readonly string[] = []): SliceTable {
    const values = [...this.#parts]
      .sort(([a], [b]) => order(a, b))
      .map(([value, part]) => valueOf(value, part, repeat));
    const absent = expected.filter((value) => !this.#parts.has(value));
    return { by: this.#by, values, absent, others: this.#others / repeat };
  }
}

/** All five kinds of datasets are looked for. */
export const EXPECTED_KINDS: readonly string[] = DATASET_KINDS;

function valueOf(value: string | null, { attempts, passing, targets }: Part, repeat: number): SliceValue {
  return {
    value,
    cases: attempts / repeat,
    passing: shareOf(passing, attempts, repeat),
    targets: targets.rows(repeat).map(({ name, value: figure, interval, hits, cases, status }) => ({
      name, value: figure, interval, hits, cases, status,
    })), // prettier-ignore
  };
}

function order(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
