import type { AnyNode, CallExpression } from "acorn";
import type { FileProblem } from "../base/failure.ts";
import type { Scope } from "./picture-text.ts";
import { joined } from "./picture-ways.ts";
import type { Condition, Front, Pending, Way } from "./picture-ways.ts";

/** A step as the source has it: one name, however many calls share it. */
export interface SketchNode {
  id: string;
  verb: string;
  /** As it will stand in records; `HOLE` for what only a run knows. */
  name: string;
  /** The first of its calls. */
  call: CallExpression;
  scope: Scope;
  repeated: boolean;
  /** Some failure of it ends the run: not every call of it stands in a `try`. */
  uncaught: boolean;
}

/** Nodes and ways between them, while the source is read. */
export class Sketch {
  readonly nodes: Map<string, SketchNode> = new Map();
  readonly problems: FileProblem[] = [];
  readonly #ways = new Map<string, Map<string, Way[]>>();

  link(front: Front, to: string): void {
    for (const way of front) {
      const out = this.#ways.get(way.from) ?? new Map<string, Way[]>();
      this.#ways.set(way.from, out);
      out.set(to, [...joined([...(out.get(to) ?? []), way])]);
    }
  }

  *edges(): Generator<{ from: string; to: string; ways: readonly Way[] }> {
    for (const [from, out] of this.#ways) for (const [to, ways] of out) yield { from, to, ways };
  }

  /** Whether a way leads from one node to another, by what is drawn so far. */
  reaches(from: string, to: string): boolean {
    const seen = new Set<string>();
    const queue = [from];
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      for (const next of this.#ways.get(node)?.keys() ?? []) {
        if (next === to) return true;
        if (!seen.has(next)) queue.push(next);
        seen.add(next);
      }
    }
    return false;
  }
}

/** Where the reading stands within functions that call each other. */
export interface Place extends Scope {
  /** Promises by the name of the variable that holds them. */
  promises: Map<string, Pending>;
  /** Ways that have left the function. */
  returns: Way[];
  /** Loops and switches around, innermost last. */
  leaving: { label: string | null; loop: boolean; breaks: Way[]; continues: Way[] }[];
  /** The label that stands before the next statement. */
  label: string | null;
}

/** What reading an expression comes to: where the code is then, and the promise it gives. */
export interface Reading {
  now: Front;
  promise: Pending | null;
}

/** What the reader of statements needs of the reader of expressions. */
export interface ExpressionReader {
  readonly sketch: Sketch;
  /** Ways that failures take to the `catch` around, innermost last. */
  readonly catches: Way[][];
  /** Above zero where what is read may run several times. */
  repeating: number;
  value(node: AnyNode, now: Front, place: Place): Reading;
  /** The same, waiting for the promise it gives. */
  settled(node: AnyNode, now: Front, place: Place): Front;
}

/** Methods of lists that call a function for every item, all at once. */
export const EACH: ReadonlySet<string> = new Set([
  "map",
  "flatMap",
  "forEach",
  "filter",
  "some",
  "every",
  "find",
  "from",
  "fromAsync",
]);

/** One side of a branch: its text as it stands in the source. */
export function conditionAt(
  node: AnyNode,
  { source }: Scope,
  shown: { text: string; thresholds: string[] },
): Condition {
  return { id: `${source.file}:${node.start}:${node.end}`, otherwise: false, ...shown };
}

export function otherwise(condition: Condition): Condition {
  return { ...condition, otherwise: true };
}
