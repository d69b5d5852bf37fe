import { parseDuration } from "../base/duration.ts";
import { overrideMistakes } from "../base/failure-overrides.ts";
import { isObject } from "../base/json.ts";
import { SchemaError, schemaOf } from "../base/schema.ts";
import { didYouMean } from "../base/suggest.ts";

/** One thing wrong with a workflow's definition. */
export interface DefinitionMistake {
  /** Where among the options: `["budget", "usd"]`; empty for the definition as a whole. */
  path: readonly string[];
  message: string;
  /** "" where the message says it. */
  fix: string;
}

type Check = (value: unknown, path: readonly string[]) => DefinitionMistake[];

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Everything that is wrong with `workflow(name, options, run)`, whatever was passed: JavaScript and editors let much through. */
export function definitionMistakes(name: unknown, options: unknown, run: unknown): DefinitionMistake[] {
  const found: DefinitionMistake[] = [];
  if (typeof name !== "string" || !NAME.test(name))
    found.push(
      wrong(
        [],
        `"${String(name)}" is no workflow name.`,
        "Write lower case letters, digits and _, starting with a letter.",
      ),
    );
  found.push(...group(OPTIONS)(options, []));
  if (isObject(options) && options["on"] === undefined)
    found.push(
      wrong(["on"], "It does not say which event it starts on.", 'Write: on: event("support_ticket.created").'),
    );
  if (typeof run !== "function")
    found.push(
      wrong([], "It has no function.", "Write: workflow(name, { … }, async (event, ctx) => { … ctx.decide(…) })."),
    );
  return found;
}

function wrong(path: readonly string[], message: string, fix = ""): DefinitionMistake {
  return { path, message, fix };
}

/** A group of options, each with a check of its own; `undefined` counts as not given. */
function group(known: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (!isObject(value)) return [wrong(path, `${label(path)} must be a group of options.`, example(known))];
    return Object.entries(value).flatMap(([key, each]) => {
      if (!Object.hasOwn(known, key))
        return [wrong([...path, key], `There is no option "${[...path, key].join(".")}".`, hint(key, known))];
      return each === undefined ? [] : (known[key] as Check)(each, [...path, key]);
    });
  };
}

function hint(key: string, known: Readonly<Record<string, Check>>): string {
  return didYouMean(key, Object.keys(known));
}

function example(known: Readonly<Record<string, Check>>): string {
  return `Write { ${Object.keys(known).slice(0, 3).join(": …, ")}: … }.`;
}

function label(path: readonly string[]): string {
  return path.length === 0 ? "The second argument" : path.join(".");
}

/** Any names, one check for all that stands under them. */
function all(check: Check): Check {
  return (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => check(item, [...path, key]))
      : [wrong(path, `${label(path)} must be an object.`)];
}

function holds(accept: (value: unknown) => boolean, must: string): Check {
  return (value, path) =>
    accept(value) ? [] : [wrong(path, `${label(path)} is ${shown(value)}; it must be ${must}.`)];
}

function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "number" || value === undefined) return String(value);
  return (JSON.stringify(value) ?? typeof value).slice(0, 80);
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const texts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === "string");
const atLeast = (least: number): Check =>
  holds((value) => isNumber(value) && value >= least, `a number of at least ${least}`);
const whole = (least: number): Check =>
  holds((value) => Number.isInteger(value) && (value as number) >= least, `a whole number of at least ${least}`);
const callable: Check = holds((value) => typeof value === "function", "a function");
const anything: Check = () => [];

const event: Check = (value, path) =>
  isObject(value) && typeof value["type"] === "string"
    ? whole(1)(value["version"] ?? 1, [...path, "version"])
    : [wrong(path, `${label(path)} is ${shown(value)}; it must be an event.`, 'Write: event("TYPE").')];

const events: Check = (value, path) =>
  Array.isArray(value)
    ? value.flatMap((each, i) => event(each, [...path, String(i)]))
    : [
        wrong(
          path,
          `${label(path)} is ${shown(value)}; it must be a list of events.`,
          'Write: waitsFor: [event("TYPE")].',
        ),
      ];

const duration: Check = (value, path) => {
  try {
    if (typeof value === "string" && parseDuration(value) > 0) return [];
    return [wrong(path, `${label(path)} is ${shown(value)}; it must be a duration above 0 such as "24h".`)];
  } catch (error) {
    return [wrong(path, `${label(path)}: ${(error as Error).message}`)];
  }
};

const decision: Check = (value, path) => {
  try {
    schemaOf(value as Parameters<typeof schemaOf>[0]);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaError))
      return [wrong(path, `The decision's schema cannot be used: ${error instanceof Error ? error.message : "?"}`)];
    return error.problems.map(({ pointer, message }) =>
      wrong(path, `The decision's schema is wrong at ${pointer || "its root"}: ${message}.`),
    );
  }
};

const success: Check = holds(
  (value) => typeof value === "string" && value.trim() !== "" && value !== "suite:",
  '"suite:NAME" or a metric',
);

const OPTIONS: Readonly<Record<string, Check>> = {
  on: event,
  waitsFor: events,
  decision,
  success,
  deadline: duration,
  affects: holds(texts, "a list of texts"),
  prompts: all(holds((value) => typeof value === "string", "the name of a prompt")),
  // Whether each is a tool is seen where the project is loaded, by the place of the slot.
  tools: all(anything),
  thresholds: all(holds(isNumber, "a number")),
  concurrency: (value, path) => [
    ...group({ key: callable, limit: whole(1) })(value, path),
    ...(isObject(value) && value["limit"] === undefined
      ? [wrong(path, "concurrency has no limit.", "Write: concurrency: { limit: 5 }.")]
      : []),
  ],
  budget: group({ usd: atLeast(0), modelCalls: whole(0) }),
  priority: callable,
  reveal: holds(texts, 'a list of fields of the event such as ["ticket.body"]'),
  pinned: holds((value) => typeof value === "boolean", "true or false"),
  failures: overrideMistakes,
};
