import { canonicalJson, isObject, pointerToken } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { compilePattern } from "../base/pattern.ts";
import type { Pattern } from "../base/pattern.ts";

/** A place where an output is not what the case expects. */
export interface Mismatch {
  pointer: string;
  /** As the case says it: a value or a predicate. */
  expected: Json;
  /** Undefined where the output has nothing there. */
  actual: Json | undefined;
}

type Check = (operand: Json, actual: Json | undefined, all: JsonObject) => boolean;
type Form = (operand: Json, all: JsonObject) => string | null;

/**
 * What may stand in place of an expected value, beside plain values. An object without operators is partial: what it names has
 * to match, what it does not name may be anything. A list matches item by item, in order and number. All operators of one
 * object have to hold.
 */
const OPERATORS: Readonly<Record<string, { holds: Check; mistake: Form }>> = {
  $any_of: {
    holds: (operand, actual) => items(operand).some((item) => matches(item, actual)),
    mistake: (operand) => (items(operand).length > 0 ? null : "needs a list of at least one value"),
  },
  $all_of: {
    holds: (operand, actual) => Array.isArray(operand) && operand.every((item) => matches(item, actual)),
    mistake: (operand) => (items(operand).length > 0 ? null : "needs a list of at least one value"),
  },
  $not: { holds: (operand, actual) => !matches(operand, actual), mistake: () => null },
  $equals: {
    holds: (operand, actual) => actual !== undefined && canonicalJson(operand) === canonicalJson(actual),
    mistake: () => null,
  },
  $exists: {
    holds: (operand, actual) => (actual !== undefined) === operand,
    mistake: (operand) => (typeof operand === "boolean" ? null : "needs true or false"),
  },
  $min: { holds: (operand, actual) => both(operand, actual, (limit, value) => value >= limit), mistake: notNumber },
  $max: { holds: (operand, actual) => both(operand, actual, (limit, value) => value <= limit), mistake: notNumber },
  $near: {
    holds: (operand, actual, all) => both(operand, actual, (aim, value) => Math.abs(value - aim) <= within(all)),
    mistake: (operand, all) =>
      notNumber(operand) ?? (Object.hasOwn(all, "$within") ? null : 'needs "$within" beside it: how far off it may be'),
  },
  $within: {
    holds: (_operand, _actual, all) => Object.hasOwn(all, "$near"),
    mistake: (operand, all) => {
      if (typeof operand !== "number" || operand < 0) return "needs a number from 0";
      return Object.hasOwn(all, "$near") ? null : 'needs "$near" beside it: the number to be near to';
    },
  },
  $matches: {
    holds: (operand, actual) =>
      typeof actual === "string" && typeof operand === "string" && patternOf(operand).test(actual),
    mistake: patternMistake,
  },
  $contains: { holds: contains, mistake: () => null },
  $set: {
    holds: sameSet,
    mistake: (operand) => (Array.isArray(operand) ? null : "needs a list: the members, in any order"),
  },
};

/** Names of the operators, for messages and guides. */
export const EXPECTED_OPERATORS: readonly string[] = Object.keys(OPERATORS);

/** Whether an output is what a case expects. An undefined output, and a predicate with a mistake in it, match nothing. */
export function matchesExpected(expected: Json, output: Json | undefined): boolean {
  return matches(expected, output);
}

/** Where an output is not what the case expects, field by field; empty where it is. */
export function mismatches(expected: Json, actual: Json | undefined, pointer = ""): Mismatch[] {
  if (isObject(expected) && !isPredicate(expected) && Object.keys(expected).length > 0)
    return Object.entries(expected).flatMap(([name, item]) =>
      mismatches(item, own(actual, name), `${pointer}/${pointerToken(name)}`),
    );
  return matches(expected, actual) ? [] : [{ pointer, expected, actual }];
}

/** How many fields a case says something about: the leaves of its partial objects. */
export function expectedFields(expected: Json): number {
  if (!isObject(expected) || isPredicate(expected)) return 1;
  const values = Object.values(expected);
  return values.length === 0 ? 1 : values.reduce<number>((sum, item) => sum + expectedFields(item), 0);
}

/** Whether an expected value is an operator, so that it names no single value. */
export function isPredicate(expected: Json | undefined): boolean {
  return isObject(expected) && Object.keys(expected).some((name) => name.startsWith("$"));
}

/** What is wrong with an expected value: operators nobody knows, operands of a wrong form. Pointers begin at it. */
export function expectedProblems(expected: Json, pointer = ""): Problem[] {
  if (Array.isArray(expected)) return expected.flatMap((item, index) => expectedProblems(item, `${pointer}/${index}`));
  if (!isObject(expected)) return [];
  const predicate = isPredicate(expected);
  return Object.entries(expected).flatMap(([name, item]) => {
    const at = `${pointer}/${pointerToken(name)}`;
    if (!predicate) return expectedProblems(item, at);
    const message = operatorMistake(name, item, expected);
    if (message !== null) return [{ pointer: at, message }];
    return name === "$equals" ? [] : expectedProblems(item, at);
  });
}

function operatorMistake(name: string, operand: Json, all: JsonObject): string | null {
  if (!name.startsWith("$")) return 'stands beside an operator; put the operator into "$all_of" with the other fields';
  const operator = operatorOf(name);
  if (operator === undefined) return `is no operator; there are ${EXPECTED_OPERATORS.join(", ")}`;
  return operator.mistake(operand, all);
}

function operatorOf(name: string): { holds: Check; mistake: Form } | undefined {
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
}

function matches(expected: Json, actual: Json | undefined): boolean {
  if (isObject(expected) && isPredicate(expected)) return predicateHolds(expected, actual);
  if (isObject(expected))
    return isObject(actual) && Object.entries(expected).every(([name, item]) => matches(item, own(actual, name)));
  if (Array.isArray(expected))
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, index) => matches(item, actual[index]))
    );
  return expected === actual;
}

/** A mistake is looked for on the whole predicate first: inside `$not`, what is merely false would turn true. */
function predicateHolds(expected: JsonObject, actual: Json | undefined): boolean {
  if (expectedProblems(expected).length > 0) return false;
  return Object.entries(expected).every(([name, operand]) => operatorOf(name)?.holds(operand, actual, expected));
}

function own(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function items(operand: Json): Json[] {
  return Array.isArray(operand) ? operand : [];
}

function both(operand: Json, actual: Json | undefined, test: (operand: number, actual: number) => boolean): boolean {
  return typeof operand === "number" && typeof actual === "number" && test(operand, actual);
}

/** With room for the last digit of a double: 0.3 is within 0.1 of 0.2. */
function within(all: JsonObject): number {
  const width = typeof all["$within"] === "number" ? all["$within"] : Number.NaN;
  const aim = typeof all["$near"] === "number" ? Math.abs(all["$near"]) : 0;
  return width + (width + aim) * 4 * Number.EPSILON;
}

function contains(operand: Json, actual: Json | undefined): boolean {
  const wanted = Array.isArray(operand) ? operand : [operand];
  if (typeof actual === "string") return wanted.every((item) => typeof item === "string" && actual.includes(item));
  return Array.isArray(actual) && wanted.every((item) => actual.some((value) => matches(item, value)));
}

/** As sets: order and repetition say nothing. */
function sameSet(operand: Json, actual: Json | undefined): boolean {
  if (!Array.isArray(operand) || !Array.isArray(actual)) return false;
  return (
    operand.every((item) => actual.some((value) => matches(item, value))) &&
    actual.every((value) => operand.some((item) => matches(item, value)))
  );
}

function notNumber(operand: Json): string | null {
  return typeof operand === "number" ? null : "needs a number";
}

function patternMistake(operand: Json): string | null {
  if (typeof operand !== "string") return "needs a regular expression as text";
  try {
    patternOf(operand);
    return null;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

const PATTERNS_KEPT = 500;
const patterns = new Map<string, Pattern>();

function patternOf(source: string): Pattern {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  const pattern = compilePattern(source);
  if (patterns.size >= PATTERNS_KEPT) patterns.clear();
  patterns.set(source, pattern);
  return pattern;
}
