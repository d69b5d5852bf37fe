import type { Run } from "../../api/schema.gen.ts";

/** One value that was decided, and the runs that decided it. */
export interface DecidedValue {
  value: string;
  runs: string[];
}

export type DecidedField =
  | { name: string; kind: "values"; total: number; values: DecidedValue[] }
  | { name: string; kind: "number"; total: number; mean: number };

/** A field with more different values is text, and says nothing as shares. */
const MOST_VALUES = 12;

/** What runs decided, by field of the decision, in the order of the first: shares of values, means of numbers. */
export function decidedOf(runs: readonly Run[]): DecidedField[] {
  const fields = new Map<string, { run: string; value: unknown }[]>();
  for (const { run_id: run, decision } of runs) {
    if (typeof decision !== "object" || decision === null || Array.isArray(decision)) continue;
    for (const [name, value] of Object.entries(decision)) {
      const seen = fields.get(name) ?? [];
      seen.push({ run, value });
      fields.set(name, seen);
    }
  }
  return [...fields].flatMap(([name, seen]) => fieldOf(name, seen) ?? []);
}

function fieldOf(name: string, seen: readonly { run: string; value: unknown }[]): DecidedField | null {
  const numbers = seen.flatMap(({ value }) => (typeof value === "number" ? [value] : []));
  if (numbers.length === seen.length)
    return { name, kind: "number", total: seen.length, mean: numbers.reduce((sum, n) => sum + n, 0) / seen.length };
  if (seen.some(({ value }) => typeof value === "object" && value !== null)) return null;
  const values = new Map<string, string[]>();
  for (const { run, value } of seen) values.set(String(value), [...(values.get(String(value)) ?? []), run]);
  if (values.size > MOST_VALUES) return null;
  const most = [...values].sort(([, a], [, b]) => b.length - a.length);
  return { name, kind: "values", total: seen.length, values: most.map(([value, runs]) => ({ value, runs })) };
}

/** Mean cost of a run whose price is known; null where none is. */
export function meanCost(runs: readonly Run[]): { usd: number | null; known: number } {
  const known = runs.flatMap(({ cost_usd: cost }) => (cost === null ? [] : [cost]));
  return { usd: known.length === 0 ? null : known.reduce((sum, n) => sum + n, 0) / known.length, known: known.length };
}
