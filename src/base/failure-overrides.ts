import { FAILURE_POLICY } from "./failure.ts";
import type { FailureClass, FailurePolicy } from "./failure.ts";
import { isObject } from "./json.ts";
import { didYouMean } from "./suggest.ts";

/** What a workflow, a tool or a step changes about the failure table. */
export type FailureOverrides = Partial<Record<FailureClass, Partial<FailurePolicy>>>;

/** One thing wrong with such overrides. */
export interface OverrideMistake {
  /** Where, from `failures` on: `["failures", "timeout", "attempts"]`. */
  path: readonly string[];
  message: string;
  /** "" where the message says it. */
  fix: string;
}

/** The pause before an attempt is a timer's: it holds 24 days. */
const MAX_DELAY_MS = 2 ** 31 - 1;

interface Field {
  holds(value: unknown): boolean;
  must: string;
}

const delay: Field = {
  holds: (value) => typeof value === "number" && value >= 0 && value <= MAX_DELAY_MS,
  must: `milliseconds, from 0 to ${MAX_DELAY_MS}`,
};

const FIELDS: Readonly<Record<keyof FailurePolicy, Field>> = {
  attempts: {
    holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000,
    must: "a whole number from 1 to 1000, the first attempt included",
  },
  baseDelayMs: delay,
  maxDelayMs: delay,
  fallback: { holds: (value) => typeof value === "boolean", must: "true or false" },
  then: { holds: (value) => value === "dead_letter" || value === "review", must: '"dead_letter" or "review"' },
};

/** Everything that is wrong with overrides of the failure table, whatever was passed. `undefined` counts as not given. */
export function overrideMistakes(value: unknown, path: readonly string[] = ["failures"]): OverrideMistake[] {
  if (value === undefined) return [];
  if (!isObject(value))
    return [
      {
        path,
        message: `${path.join(".")} must be an object.`,
        fix: "Write { timeout: { attempts: 2 } }, by failure class.",
      },
    ];
  return Object.entries(value).flatMap(([name, policy]) => classMistakes(name, policy, [...path, name]));
}

function classMistakes(name: string, policy: unknown, path: readonly string[]): OverrideMistake[] {
  if (!Object.hasOwn(FAILURE_POLICY, name))
    return [
      {
        path,
        message: `There is no failure class "${name}".`,
        fix: didYouMean(name, Object.keys(FAILURE_POLICY)),
      },
    ];
  if (policy === undefined) return [];
  if (name === "poison")
    return [
      {
        path,
        message: "What becomes of a run that keeps killing its worker cannot be changed.",
        fix: "Take it off: such a run is a dead letter, since nothing of it may run that could do anything else.",
      },
    ];
  if (!isObject(policy))
    return [{ path, message: `${path.join(".")} must be an object.`, fix: 'Write { attempts: 2, then: "review" }.' }];
  return Object.entries(policy).flatMap(([key, each]): OverrideMistake[] => {
    const at = [...path, key];
    if (!Object.hasOwn(FIELDS, key))
      return [
        { path: at, message: `There is no option "${at.join(".")}".`, fix: didYouMean(key, Object.keys(FIELDS)) },
      ];
    const field = FIELDS[key as keyof FailurePolicy];
    if (each === undefined || field.holds(each)) return [];
    return [{ path: at, message: `${at.join(".")} is ${shown(each)}; it must be ${field.must}.`, fix: "" }];
  });
}

function shown(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  return (JSON.stringify(value) ?? typeof value).slice(0, 80);
}

/** The policy of one class: the table's, changed by each of the overrides in turn. */
export function policyOf(failureClass: FailureClass, ...overrides: (FailureOverrides | undefined)[]): FailurePolicy {
  const policy: FailurePolicy = { ...FAILURE_POLICY[failureClass] };
  for (const each of overrides)
    for (const [key, value] of Object.entries(each?.[failureClass] ?? {}))
      if (value !== undefined) Object.assign(policy, { [key]: value });
  return policy;
}
