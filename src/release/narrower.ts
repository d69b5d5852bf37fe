import { parse } from "@marcbachmann/cel-js";
import type { ASTNode } from "@marcbachmann/cel-js";
import { serialize } from "@marcbachmann/cel-js/serialize";

/** More comparisons than a condition that a person wrote can need. */
const MOST_STEPS = 20_000;

/**
 * Whether everything that satisfies `next` satisfies `present` too, as far as their form shows it: `(present) && more` does.
 * Null is satisfied by everything. False wherever it cannot be shown.
 */
export function narrowerOrSame(next: string | null, present: string | null): boolean {
  if (present === null || next === present) return true;
  if (next === null) return false;
  try {
    return new Implication().holds(parse(next).ast, parse(present).ast);
  } catch {
    return false;
  }
}

/** Both conditions at once: never satisfied by more than either is. */
export function bothConditions(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  if (narrowerOrSame(a, b)) return a;
  if (narrowerOrSame(b, a)) return b;
  return `(${a}) && (${b})`;
}

/** By form alone: conjunctions, disjunctions, and parts that read the same. Errors count as not satisfied, so none of it widens. */
class Implication {
  #steps = 0;

  holds(from: ASTNode, to: ASTNode): boolean {
    if (++this.#steps > MOST_STEPS) return false;
    if (serialize(from) === serialize(to)) return true;
    const [given, wanted] = [parts(from), parts(to)];
    if (to.op === "&&") return wanted.every((each) => this.holds(from, each));
    if (from.op === "||") return given.every((each) => this.holds(each, to));
    if (from.op === "&&" && given.some((each) => this.holds(each, to))) return true;
    return to.op === "||" && wanted.some((each) => this.holds(from, each));
  }
}

function parts(node: ASTNode): readonly ASTNode[] {
  return node.op === "&&" || node.op === "||" ? node.args : [];
}
