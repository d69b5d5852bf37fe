import { Environment } from "@marcbachmann/cel-js";
import { known as mistakeIn } from "./condition-names.ts";
import type { Known, Misnamed } from "./condition-names.ts";
import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Position } from "./position.ts";

/** What a condition says of some values. An error means that it does not hold. */
export type Judgement = { holds: true } | { holds: false; error: string | null };

/** A CEL expression that is true or not of some values. */
export interface Condition {
  readonly source: string;
  /** Never throws: what cannot be evaluated (a field that is not there, a comparison of unlike values) does not hold. */
  judge(values: Readonly<JsonObject>): Judgement;
}

/** What is wrong with the text of a condition. */
export interface ConditionMistake {
  message: string;
  fix: string;
  /** Where in the text; 1-based. */
  position: Position;
}

export type Compiled = { ok: true; condition: Condition } | { ok: false; mistake: ConditionMistake };

const MAX_LENGTH = 2_000;
/** Of a list that a condition may go through: the time it takes is bounded, whatever an event holds. */
const MAX_ELEMENTS = 1_000;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: { maxAstNodes: 400, maxDepth: 40, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 16 },
});

/**
 * Compiles a condition. `known`: the variables there are, each with the JSON Schema of its values, null where nothing is
 * declared of it; a name that is not among them, or a field that its schema does not have, is a mistake.
 */
export function compileCondition(source: string, known?: Known): Compiled {
  if (source.trim() === "")
    return wrong(source, 0, "The condition is empty.", "Write it like \"output.category == 'billing'\".");
  if (source.length > MAX_LENGTH)
    return wrong(source, MAX_LENGTH, `The condition is longer than ${MAX_LENGTH} characters.`, "Make it shorter.");
  try {
    const evaluate = environment.parse(source);
    const named = mistakeIn(evaluate.ast, known);
    if (named.mistake !== null) return { ok: false, mistake: at(source, named.mistake) };
    const checked = evaluate.check();
    if (!checked.valid) return { ok: false, mistake: explain(source, checked.error) };
    if (checked.type !== "bool" && checked.type !== "dyn")
      return wrong(
        source,
        0,
        `The condition gives a ${checked.type}, not true or false.`,
        "Compare it with something.",
      );
    return { ok: true, condition: conditionOf(source, evaluate, named.goesThroughLists) };
  } catch (error) {
    return { ok: false, mistake: explain(source, error) };
  }
}

const compiled = new Map<string, Condition>();

/** The condition of a release, compiled once. One that does not compile any more holds for nothing, and says why. */
export function conditionFrom(source: string): Condition {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const result = compileCondition(source);
  const condition = result.ok ? result.condition : never(source, result.mistake);
  if (compiled.size >= 1_000) compiled.clear();
  compiled.set(source, condition);
  return condition;
}

function never(source: string, { message }: ConditionMistake): Condition {
  return { source, judge: () => ({ holds: false, error: message }) };
}

function conditionOf(source: string, evaluate: (values: object) => unknown, goesThroughLists: boolean): Condition {
  return {
    source,
    judge(values) {
      if (goesThroughLists && hasLongList(values))
        return {
          holds: false,
          error: `It goes through a list, and the values have one of more than ${MAX_ELEMENTS} entries.`,
        };
      try {
        const result = evaluate(Object.assign(Object.create(null) as object, values));
        if (typeof result === "boolean") return result ? { holds: true } : { holds: false, error: null };
        return { holds: false, error: "It is neither true nor false of these values." };
      } catch (error) {
        return { holds: false, error: runtimeWords(error) };
      }
    },
  };
}

function hasLongList(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > MAX_ELEMENTS || value.some(hasLongList);
  return isObject(value) && Object.values(value).some(hasLongList);
}

interface CelError {
  code: string;
  summary: string;
  range?: { start: number };
}

function celError(error: unknown): CelError {
  const { code = "", summary, range, message = "It cannot be read." } = error as Partial<CelError & Error>;
  return { code, summary: summary ?? message, ...(range === undefined ? {} : { range }) };
}

/** No value of the event is quoted: where it is shown may be open to more people than the event is. */
function runtimeWords(error: unknown): string {
  const { code, summary } = celError(error);
  if (code === "no_such_key") return `${summary.replace("No such key:", "There is no field").trim()}.`;
  if (code === "unknown_variable") return `${summary.replace("Unknown variable:", "There is no field").trim()}.`;
  if (code === "no_such_overload")
    return "It compares or adds up values of unlike kinds (a null, or text and a number).";
  return `It cannot be evaluated (${code === "" ? "too deep" : code}).`;
}

const MEANT: readonly (readonly [RegExp, string])[] = [
  [/[^=!<>]=[^=]/, 'To compare, write "==" in place of "=".'],
  [/\b(and|AND)\b/, 'Write "&&" in place of "and".'],
  [/\b(or|OR)\b/, 'Write "||" in place of "or".'],
  [/\b(not|NOT)\b/, 'Write "!" in place of "not".'],
  [/===|!==/, 'Write "==" or "!=".'],
];

function explain(source: string, error: unknown): ConditionMistake {
  const { summary, range } = celError(error);
  const bare = source.replace(/'[^']*'|"[^"]*"/g, (text) => "x".repeat(text.length));
  const meant = MEANT.find(([pattern]) => pattern.test(bare))?.[1];
  const fix = meant ?? "Conditions are written in CEL: customer.plan != 'enterprise' && output.category == 'billing'.";
  const message = `The condition cannot be read: ${summary.replace("EOF", "the end")}.`;
  return at(source, { message, fix, offset: range?.start ?? source.length });
}

function wrong(source: string, offset: number, message: string, fix: string): Compiled {
  return { ok: false, mistake: at(source, { message, fix, offset }) };
}

function at(source: string, { message, fix, offset }: Misnamed): ConditionMistake {
  const before = source.slice(0, offset).split("\n");
  return { message, fix, position: { line: before.length, column: (before.at(-1) ?? "").length + 1 } };
}
