import { atPath } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { answerOf, fieldOf } from "./judgement.ts";
import type { ClassRow, FieldTable, Share } from "./report.ts";
import type { ScoredCase } from "./result.ts";
import { exactInterval } from "./statistics.ts";

/** Beyond that a field is no class but a text, and its further values are counted together. */
const MOST_CLASSES = 500;

interface Counts {
  expected: number;
  answered: number;
  both: number;
  /** Of those that expect it: attempts without any answer. */
  unanswered: number;
}

/** A share of `hits` in `all` attempts, counted in cases: attempts at one case say nothing about another. */
export function shareOf(hits: number, all: number, repeat: number): Share {
  const cases = all / repeat;
  const counted = hits / repeat;
  return {
    value: all === 0 ? null : hits / all,
    hits: counted,
    cases,
    interval: all === 0 ? null : exactInterval(counted, cases),
  };
}

/** Which value of a field was expected and which was answered, counted. */
export class ClassCounts {
  #counts = new Map<string, Counts>();
  #pairs = new Map<string, Map<string | null, number>>();
  #determined = 0;
  #undetermined = 0;
  #unanswered = 0;
  #others = 0;

  readonly field: string;

  constructor(field: string) {
    this.field = field;
  }

  add(scored: ScoredCase): void {
    const answer = answerOf(scored.result);
    const expected = className(atPath(scored.case.expected, this.field));
    const answered = className(fieldOf(answer, this.field));
    if (expected === null) this.#undetermined++;
    else this.#addPair(expected, answered, answer === undefined);
  }

  #addPair(expected: string, answered: string | null, unanswered: boolean): void {
    const row = this.#row(expected);
    if (row === null) {
      this.#others++;
      return;
    }
    this.#determined++;
    row.expected++;
    if (unanswered) {
      row.unanswered++;
      this.#unanswered++;
    }
    if (answered === expected) row.both++;
    const column = answered === null ? null : this.#row(answered);
    if (column !== null) column.answered++;
    const pairs = this.#pairs.get(expected) ?? new Map<string | null, number>();
    pairs.set(answered, (pairs.get(answered) ?? 0) + 1);
    this.#pairs.set(expected, pairs);
  }

  #row(value: string): Counts | null {
    const known = this.#counts.get(value);
    if (known !== undefined) return known;
    if (this.#counts.size >= MOST_CLASSES) return null;
    const row = { expected: 0, answered: 0, both: 0, unanswered: 0 };
    this.#counts.set(value, row);
    return row;
  }

  table(repeat: number): FieldTable {
    const sorted = [...this.#counts].sort(([a], [b]) => order(a, b));
    return {
      field: this.field,
      classes: sorted.map(([value, counts]) => this.#classRow(value, counts, repeat)),
      confusion: [...this.#pairs]
        .flatMap(([expected, row]) => [...row].map(([answered, attempts]) => ({ expected, answered, attempts })))
        .sort((a, b) => order(a.expected, b.expected) || order(a.answered ?? "", b.answered ?? "")),
      undetermined: this.#undetermined,
      others: this.#others,
    };
  }

  #classRow(value: string, counts: Counts, repeat: number): ClassRow {
    const { expected, answered, both } = counts;
    const negatives = this.#determined - expected;
    const wronglyFlagged = answered - both;
    const unanswered = this.#unanswered - counts.unanswered;
    return {
      value,
      expected,
      answered,
      precision: shareOf(both, answered, repeat),
      recall: shareOf(both, expected, repeat),
      specificity: shareOf(negatives - wronglyFlagged - unanswered, negatives, repeat),
      f1: fMeasure(both, expected, answered),
    };
  }
}

/** Harmonic mean of precision and recall: twice what is right, of what is expected and what is answered. Null: neither. */
export function fMeasure(both: number, expected: number, answered: number): number | null {
  return expected + answered === 0 ? null : (2 * both) / (expected + answered);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Only single values are classes. */
function className(value: Json | undefined): string | null {
  return value === undefined || (typeof value === "object" && value !== null) ? null : String(value);
}
