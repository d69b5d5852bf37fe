import type { Json } from "../base/json.ts";
import type { EvalCase } from "./case.ts";

/** A figure from 0 to 1, or whether it is good. `output`: the valid output of a prompt, or the decision of a workflow. */
export type Scorer = (each: EvalCase, output: Json) => unknown;

/** What custom scorers said about one case. */
export interface Scored {
  /** By name; null where a scorer gave no figure, which counts as 0. */
  scores: Record<string, number | null>;
  /** Why, by name. */
  mistakes: Record<string, string>;
}

/** A scorer that has not answered by then counts as one that failed. */
const LIMIT_MS = 10_000;

/** Custom scorers of a suite, as its file exports them. */
export class Scorers {
  /** SHA-256, hex, over the code and what it imports: evidence is bound to it. */
  readonly hash: string;
  readonly #scorers: ReadonlyMap<string, Scorer>;
  readonly #limitMs: number;
  constructor(scorers: ReadonlyMap<string, Scorer>, hash: string, limitMs: number = LIMIT_MS) {
    this.#scorers = scorers;
    this.hash = hash;
    this.#limitMs = limitMs;
  }

  get names(): string[] {
    return [...this.#scorers.keys()];
  }

  /** Never throws: what a scorer does wrong is said, and counts as 0. Each gets values of its own. */
  async score(each: EvalCase, output: Json): Promise<Scored> {
    const scored: Scored = { scores: {}, mistakes: {} };
    for (const [name, scorer] of this.#scorers) {
      const figure = await this.#figure(scorer, structuredClone(each), structuredClone(output));
      scored.scores[name] = typeof figure === "number" ? figure : null;
      if (typeof figure === "string") scored.mistakes[name] = figure;
    }
    return scored;
  }

  /** A text: what went wrong. */
  async #figure(scorer: Scorer, each: EvalCase, output: Json): Promise<number | string> {
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve(`It did not answer within ${this.#limitMs / 1_000} s.`), this.#limitMs);
    try {
      // Called in a promise: one that is async and one that is not may throw alike.
      const answered = Promise.resolve().then(() => scorer(each, output)).then(figureOf); // prettier-ignore
      return await Promise.race([answered, late.promise]);
    } catch (error) {
      return `It threw: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      clearTimeout(timer);
    }
  }
}

function figureOf(answer: unknown): number | string {
  if (typeof answer === "boolean") return answer ? 1 : 0;
  if (typeof answer !== "number") return `It gave ${answer === null ? "null" : `a value of type ${typeof answer}`}, which is neither a number nor true or false.`; // prettier-ignore
  if (answer >= 0 && answer <= 1) return answer;
  return `It gave ${answer}, which is not from 0 to 1.`;
}
