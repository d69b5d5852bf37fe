import { Liquid } from "liquidjs";
import type { Template as Parsed } from "liquidjs";
import type { JsonObject } from "../base/json.ts";

/** A compiled template: what it reads, and how to fill it in. */
export interface Template {
  /** Every variable the template reads from its inputs, with its place in the text (1-based). */
  readonly variables: readonly TemplateVariable[];
  render(scope: JsonObject): string;
}

interface TemplateVariable {
  /** Dotted path; list positions and computed keys end it (`items[0].name` reads `items`). */
  path: string;
  line: number;
}

/** A template that cannot be used, and the line of it (1-based). */
export class TemplateError extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.name = "TemplateError";
    this.line = line;
  }
}

// Partials read files; the rest read the clock or chance, or evaluate text as an expression.
const REFUSED_TAGS = ["include", "render", "layout", "block"];
const REFUSED_FILTERS = ["sample", "where_exp", "reject_exp", "group_by_exp", "has_exp", "find_exp", "find_index_exp"];

const engine = createEngine();

function createEngine(): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    dynamicPartials: false,
    templates: {},
    timezoneOffset: 0,
    locale: "en-US",
    parseLimit: 10_000_000,
    renderLimit: 5_000,
    memoryLimit: 200_000_000,
    outputEscape: shown,
  });
  for (const tag of REFUSED_TAGS) delete liquid.tags[tag];
  for (const filter of REFUSED_FILTERS) delete liquid.filters[filter];
  refuseTheClock(liquid);
  return liquid;
}

/** Objects and lists appear as JSON, null as nothing, the text of an input as it is. */
function shown(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value);
}

/** `"now" | date` would give another prompt at each rendering, and another input hash on replay. */
function refuseTheClock(liquid: Liquid): void {
  for (const name of Object.keys(liquid.filters).filter((filter) => filter.startsWith("date"))) {
    const original = liquid.filters[name];
    if (typeof original !== "function") continue;
    liquid.registerFilter(name, function (value: unknown, ...args: unknown[]) {
      if (value === "now" || value === "today")
        throw new Error(`"${value}" has no meaning in a prompt: pass the time as an input`);
      return (original as (...all: unknown[]) => unknown).call(this, value, ...args);
    });
  }
}

/** Compiles a Liquid template. Throws `TemplateError`. */
export function compileTemplate(source: string): Template {
  try {
    const parsed = engine.parse(source);
    return { variables: variablesOf(parsed), render: (scope) => String(engine.renderSync(parsed, scope)) };
  } catch (error) {
    throw templateError(error);
  }
}

function variablesOf(parsed: Parsed[]): TemplateVariable[] {
  const { globals } = engine.analyzeSync(parsed);
  return Object.values(globals)
    .flat()
    .map((variable) => ({ path: leadingPath(variable.segments), line: variable.location.row }));
}

function leadingPath(segments: readonly unknown[]): string {
  const end = segments.findIndex((segment) => typeof segment !== "string");
  return (end === -1 ? segments : segments.slice(0, end)).join(".");
}

function templateError(error: unknown): TemplateError {
  if (!(error instanceof Error)) throw error;
  const line = /, line:(\d+)/.exec(error.message)?.[1];
  const message = error.message.replace(/(, file:[^,]*)?, line:\d+.*$/s, "");
  return new TemplateError(message, line === undefined ? 1 : Number(line));
}
