import { createHash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import { FORMATS } from "./formats.ts";
import { MAX_DEPTH, canonicalJson, isObject, pointerToken } from "./json.ts";
import type { Json, JsonObject, Problem } from "./json.ts";
import { compilePattern } from "./pattern.ts";
import { explainErrors } from "./schema-errors.ts";
import { readSchemaForm } from "./schema-form.ts";
import { isStandardSchema, toJsonSchema } from "./schema-input.ts";
import type { SchemaInput, StandardSchema } from "./schema-input.ts";
import { SchemaWalk } from "./schema-walk.ts";
import type { MissingName, SensitiveMark } from "./schema-walk.ts";

export { toJsonSchema } from "./schema-input.ts";
export type { Infer, JsonSchemaInput, SchemaInput, StandardSchema } from "./schema-input.ts";
export type { MissingName, SensitiveMark } from "./schema-walk.ts";

/** A compiled JSON Schema. Safe with any value, however large, deep or hostile. */
export interface Schema {
  readonly source: JsonObject;
  /** SHA-256 of the canonical source, hex. */
  readonly hash: string;
  /** Empty when the value is valid; at most `MAX_PROBLEMS`. Messages never repeat the value itself. */
  validate(value: Json): Problem[];
  /** Marked values present in `value`, valid or not. */
  sensitive(value: Json): SensitiveMark[];
  /** Pointers of properties that nothing in the schema declares; inside, an object of which nothing is declared is open. */
  undeclared(value: Json): string[];
  /** The first step of a path that no valid value can have, as nothing declares it; null where one may. */
  lacks(path: readonly string[]): MissingName | null;
}

export interface SchemaOptions {
  /** Properties the schema does not declare are refused, except where it opens itself. */
  closed?: boolean;
}

/** The schema itself is wrong; each problem points into the schema. */
export class SchemaError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ pointer, message }) => `${pointer === "" ? "(root)" : pointer}: ${message}`).join("\n"));
    this.name = "SchemaError";
    this.problems = problems;
  }
}

/** Problems reported for one value; the rest is not looked for. */
export const MAX_PROBLEMS = 50;
/** Values with more parts than this get their first problem only: collecting all of them would take memory without bound. */
const MAX_PARTS_FOR_ALL = 20_000;
const MAX_CACHED = 2_000;

const cache = new Map<string, CompiledSchema>();

/** Compiles a schema, once per content. Throws `SchemaError`. */
export function compileSchema(schema: Json, options: SchemaOptions = {}): Schema {
  if (!isObject(schema)) throw new SchemaError([{ pointer: "", message: "A schema must be an object" }]);
  const hash = hashOf(schema);
  const closed = options.closed === true;
  const key = `${closed ? "closed" : "open"} ${hash}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const compiled = new CompiledSchema(schema, hash, closed);
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
  cache.set(key, compiled);
  return compiled;
}

/**
 * Compiles what the public API takes. A Standard Schema's own checks (zod's `refine`) run after the JSON Schema's; they
 * must be synchronous. Throws `SchemaError`, or `TypeError` where no JSON Schema can be had.
 */
export function schemaOf(input: SchemaInput, options: SchemaOptions = {}): Schema {
  const compiled = compileSchema(toJsonSchema(input), options);
  return isStandardSchema(input) ? new RefinedSchema(compiled, input) : compiled;
}

function hashOf(schema: JsonObject): string {
  try {
    return createHash("sha256").update(canonicalJson(schema)).digest("hex");
  } catch {
    throw new SchemaError([
      {
        pointer: "",
        message: "The schema is not JSON: it holds half a surrogate pair, or a value JSON has no form for",
      },
    ]);
  }
}

class CompiledSchema implements Schema {
  readonly source: JsonObject;
  readonly hash: string;
  private readonly closed: boolean;
  private readonly document: JsonObject;
  private readonly unmarked: boolean;
  private readonly tracks: boolean;
  private readonly walk: SchemaWalk;
  private readonly first: ValidateFunction;
  private all: ValidateFunction | undefined;
  private readonly branches = new WeakMap<JsonObject, ValidateFunction>();

  constructor(source: JsonObject, hash: string, closed: boolean) {
    const form = readSchemaForm(source);
    if (form.problems.length > 0) throw new SchemaError(form.problems);
    this.source = source;
    this.hash = hash;
    this.closed = closed;
    this.document = form.document;
    this.unmarked = form.unmarked;
    this.tracks = form.unevaluated;
    this.first = compile(this.document, this.tracks, false);
    this.walk = new SchemaWalk(this.document, (node, value) => this.holds(node, value));
  }

  validate(value: Json): Problem[] {
    const size = measure(value);
    if (size === undefined) return [{ pointer: "", message: `is nested deeper than ${MAX_DEPTH} levels` }];
    const problems = passes(this.first, value) ? [] : this.explain(value, size);
    if (this.closed && problems.length < MAX_PROBLEMS) {
      const known = new Set(problems.map(({ pointer }) => pointer));
      for (const extra of this.walk.undeclared(value, true))
        if (!known.has(extra.pointer)) problems.push({ pointer: extra.pointer, message: notDeclared(extra.declared) });
    }
    return problems.slice(0, MAX_PROBLEMS);
  }

  sensitive(value: Json): SensitiveMark[] {
    return this.unmarked || measure(value) === undefined ? [] : this.walk.sensitive(value);
  }

  undeclared(value: Json): string[] {
    return measure(value) === undefined ? [] : this.walk.undeclared(value, true).map(({ pointer }) => pointer);
  }

  lacks(path: readonly string[]): MissingName | null {
    return this.walk.lacks(path);
  }

  private explain(value: Json, size: number): Problem[] {
    let errors = this.first.errors ?? [];
    if (size <= MAX_PARTS_FOR_ALL) {
      this.all ??= compile(this.document, this.tracks, true);
      if (!passes(this.all, value)) errors = this.all.errors ?? errors;
    }
    const problems = explainErrors(errors, value, MAX_PROBLEMS);
    return problems.length > 0 ? problems : [{ pointer: "", message: "does not satisfy the schema" }];
  }

  private holds(node: JsonObject, value: Json): boolean {
    let validate = this.branches.get(node);
    if (validate === undefined) {
      const definitions = this.document["$defs"];
      validate = compile({ ...node, ...(definitions === undefined ? {} : { $defs: definitions }) }, this.tracks, false);
      this.branches.set(node, validate);
    }
    return passes(validate, value);
  }
}

/** Ajv's code for `unevaluatedProperties` throws on rare compositions; what cannot be checked does not pass. */
function passes(validate: ValidateFunction, value: Json): boolean {
  try {
    return validate(value);
  } catch {
    validate.errors = null;
    return false;
  }
}

class RefinedSchema implements Schema {
  readonly source: JsonObject;
  readonly hash: string;
  private readonly compiled: Schema;
  private readonly standard: StandardSchema["~standard"];

  constructor(compiled: Schema, input: StandardSchema) {
    this.compiled = compiled;
    this.standard = input["~standard"];
    this.source = compiled.source;
    this.hash = compiled.hash;
  }

  validate(value: Json): Problem[] {
    const problems = this.compiled.validate(value);
    if (problems.length > 0) return problems;
    const result = this.standard.validate(value);
    if (result instanceof Promise) {
      result.catch(() => undefined);
      return [
        { pointer: "", message: `cannot be checked: this ${this.standard.vendor} schema has asynchronous checks` },
      ];
    }
    return (result.issues ?? []).slice(0, MAX_PROBLEMS).map(({ message, path = [] }) => ({
      pointer: path.map((step) => `/${pointerToken(String(typeof step === "object" ? step.key : step))}`).join(""),
      message,
    }));
  }

  sensitive(value: Json): SensitiveMark[] {
    return this.compiled.sensitive(value);
  }

  undeclared(value: Json): string[] {
    return this.compiled.undeclared(value);
  }

  lacks(path: readonly string[]): MissingName | null {
    return this.compiled.lacks(path);
  }
}

function notDeclared(declared: readonly string[]): string {
  if (declared.length === 0) return "is not declared; no property is";
  const names = declared.slice(0, 20).map((name) => JSON.stringify(name));
  return `is not declared; declared here: ${names.join(", ")}${declared.length > 20 ? ", …" : ""}`;
}

/** How many parts a value has; undefined when it is nested too deeply (or in a circle). */
function measure(value: Json, depth = 0): number | undefined {
  if (typeof value !== "object" || value === null) return 1;
  if (depth >= MAX_DEPTH) return undefined;
  let parts = 1;
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    const inner = typeof child === "object" && child !== null ? measure(child, depth + 1) : 1;
    if (inner === undefined) return undefined;
    parts += inner;
  }
  return parts;
}

function compile(document: JsonObject, tracksEvaluated: boolean, allErrors: boolean): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors,
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowUnionTypes: true,
    allowMatchingProperties: true,
    ownProperties: true,
    multipleOfPrecision: 9,
    validateSchema: false,
    meta: false,
    logger: false,
    messages: true,
    code: { regExp },
  });
  // Tracking what was evaluated costs time, and its code throws on rare compositions: only where it is asked for.
  ajv.opts.unevaluated = tracksEvaluated;
  ajv.addKeyword({ keyword: "x-sensitive" });
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    error: { message: "must not hold the same item twice" },
    validate: (unique: boolean, items: Json[]) => !unique || allDifferent(items),
  });
  for (const [name, format] of FORMATS) ajv.addFormat(name, format);
  try {
    return ajv.compile(document);
  } catch (error) {
    throw new SchemaError([{ pointer: "", message: error instanceof Error ? error.message : String(error) }]);
  }
}

/** In one pass: ajv's own compares every pair of objects, which a long list turns into minutes. */
function allDifferent(items: readonly Json[]): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const text = JSON.stringify(item, sortKeys);
    if (seen.has(text)) return false;
    seen.add(text);
  }
  return true;
}

function sortKeys(_key: string, value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Ajv keys compiled patterns by their text form: without a `toString` of its own, two patterns would become one. */
function regExp(source: string, _flags: string): { test(text: string): boolean; toString(): string } {
  const pattern = compilePattern(source);
  return { test: (text) => pattern.test(text), toString: () => `re2:${source}` };
}
regExp.code = "re2";
