import { FORMATS } from "./formats.ts";
import { MAX_DEPTH, isObject, pointerToken } from "./json.ts";
import type { Json, JsonObject, Problem } from "./json.ts";
import { compilePattern } from "./pattern.ts";
import { markMistake } from "./schema-marks.ts";

/** A schema as written, turned into the one form everything else reads: 2020-12, every reference `#/$defs/tN`. */
export interface SchemaForm {
  document: JsonObject;
  problems: Problem[];
  /** Nothing in it is marked `x-sensitive`. */
  unmarked: boolean;
  /** It holds `unevaluatedProperties` or `unevaluatedItems`. */
  unevaluated: boolean;
}

const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"];
const TYPE_HINTS: Record<string, string> = {
  dict: '"object"', map: '"object"', float: '"number"', double: '"number"', int: '"integer"', long: '"integer"',
  str: '"string"', text: '"string"', char: '"string"', bool: '"boolean"', list: '"array"', tuple: '"array"',
  set: '"array" with "uniqueItems": true', none: '"null"', nil: '"null"', any: 'no "type" at all',
  date: '"string" with "format": "date"', datetime: '"string" with "format": "date-time"',
}; // prettier-ignore
const KEYWORD_HINTS: Record<string, string> = {
  nullable: 'write "type": ["string", "null"]',
  optional: 'leave the name out of "required" instead',
  example: 'write "examples": [...]',
  id: 'write "$id"',
  discriminator: 'use "oneOf" with "const" in each branch',
  $dynamicRef: 'use "$ref"',
  $recursiveRef: 'use "$ref"',
};

type Shape =
  | "schema"
  | "schemas"
  | "map"
  | "schema or schemas"
  | "dependencies"
  | "definitions"
  | "ref"
  | ((value: Json) => string | undefined);

const text = (v: Json): string | undefined => (typeof v === "string" ? undefined : "must be a string");
const flag = (v: Json): string | undefined => (typeof v === "boolean" ? undefined : "must be true or false");
const list = (v: Json): string | undefined => (Array.isArray(v) ? undefined : "must be a list");
const amount = (v: Json): string | undefined => (typeof v === "number" ? undefined : "must be a number");
const anything = (): undefined => undefined;
const count = (v: Json): string | undefined =>
  Number.isSafeInteger(v) && (v as number) >= 0 ? undefined : "must be a whole number, 0 or more";
const names = (v: Json): string | undefined =>
  Array.isArray(v) && v.every((item) => typeof item === "string") ? undefined : "must be a list of property names";

const KEYWORDS: Record<string, Shape> = {
  $schema: text, $id: text, $anchor: text, $comment: text, $ref: "ref", $defs: "definitions", definitions: "definitions",
  title: text, description: text, default: anything, examples: list, deprecated: flag, readOnly: flag, writeOnly: flag,
  contentEncoding: text, contentMediaType: text, contentSchema: anything,
  type: typeMistake, enum: enumMistake, const: anything, format: formatMistake, pattern: patternMistake,
  minLength: count, maxLength: count, multipleOf: (v) => (typeof v === "number" && v > 0 ? undefined : "must be a number over 0"),
  minimum: amount, maximum: amount, exclusiveMinimum: amount, exclusiveMaximum: amount,
  minItems: count, maxItems: count, uniqueItems: flag, minContains: count, maxContains: count,
  minProperties: count, maxProperties: count, required: requiredMistake, dependentRequired: dependentMistake,
  allOf: "schemas", anyOf: "schemas", oneOf: "schemas", not: "schema", if: "schema", then: "schema", else: "schema",
  dependentSchemas: "map", properties: "map", patternProperties: "map", additionalProperties: "schema",
  unevaluatedProperties: "schema", propertyNames: "schema", prefixItems: "schemas", items: "schema",
  contains: "schema", unevaluatedItems: "schema",
}; // prettier-ignore

const COMPANIONS: Record<string, readonly string[]> = {
  if: ["then", "else"],
  then: ["if"],
  else: ["if"],
  minContains: ["contains"],
  maxContains: ["contains"],
  additionalItems: ["items"],
};

const DRAFT_07: Record<string, Shape> = {
  ...KEYWORDS,
  items: "schema or schemas",
  additionalItems: "schema",
  dependencies: "dependencies",
};
for (const later of [
  "$defs",
  "$anchor",
  "prefixItems",
  "unevaluatedProperties",
  "unevaluatedItems",
  "dependentSchemas",
  "dependentRequired",
  "minContains",
  "maxContains",
  "deprecated",
])
  if (later !== "$defs") delete DRAFT_07[later];

function typeMistake(value: Json): string | undefined {
  const found = Array.isArray(value) ? value : [value];
  if (found.length === 0) return "must name at least one type";
  for (const type of found) {
    if (typeof type === "string" && TYPES.includes(type)) continue;
    const name = typeof type === "string" ? type.toLowerCase() : "";
    const hint = Object.hasOwn(TYPE_HINTS, name) ? TYPE_HINTS[name] : undefined;
    return `${JSON.stringify(type)} is not a type; ${hint ? `write ${hint}` : `the types are ${TYPES.join(", ")}`}`;
  }
  return new Set(found).size === found.length ? undefined : "names a type twice";
}

function enumMistake(value: Json): string | undefined {
  return Array.isArray(value) && value.length > 0 ? undefined : "must be a list of at least one value";
}

function formatMistake(value: Json): string | undefined {
  if (typeof value !== "string") return "must be a string";
  return FORMATS.has(value)
    ? undefined
    : `"${value}" is not a known format; known are ${[...FORMATS.keys()].join(", ")}`;
}

function patternMistake(value: Json): string | undefined {
  if (typeof value !== "string") return "must be a string";
  try {
    compilePattern(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function requiredMistake(value: Json): string | undefined {
  if (typeof value === "boolean") return "must be a list of names, on the object that holds the property";
  return (
    names(value) ?? (new Set(value as Json[]).size === (value as Json[]).length ? undefined : "names a property twice")
  );
}

function dependentMistake(value: Json): string | undefined {
  return isObject(value) && Object.values(value).every((v) => names(v) === undefined)
    ? undefined
    : "must map names to lists of names";
}

const DIALECT = /^https?:\/\/json-schema\.org\/(draft\/2020-12|draft-07)\/schema#?$/;

/** Reads a schema as a user wrote it; every mistake in it is reported, with its pointer. */
export function readSchemaForm(source: JsonObject): SchemaForm {
  return new FormReader(source).read();
}

class FormReader {
  private readonly source: JsonObject;
  private readonly keywords: Record<string, Shape>;
  private readonly problems = new Map<string, Problem>();
  private readonly targets = new Map<string, string>();
  private readonly pending: string[] = [];
  private readonly anchors = new Map<string, string>();
  private unmarked = true;
  private unevaluated = false;

  constructor(source: JsonObject) {
    this.source = source;
    this.keywords =
      typeof source["$schema"] === "string" && source["$schema"].includes("draft-07") ? DRAFT_07 : KEYWORDS;
  }

  read(): SchemaForm {
    const dialect = this.source["$schema"];
    if (typeof dialect === "string" && !DIALECT.test(dialect))
      this.problem(
        "/$schema",
        `${JSON.stringify(dialect)} is not supported; use 2020-12 (https://json-schema.org/draft/2020-12/schema) or draft-07`,
      );
    this.findAnchors(this.source, "", 0);
    if (this.problems.has("deep"))
      return { document: {}, problems: [...this.problems.values()], unmarked: true, unevaluated: false };
    const root = this.schema(this.source, "", true);
    const definitions: JsonObject = {};
    for (let pointer = this.pending.shift(); pointer !== undefined; pointer = this.pending.shift())
      definitions[this.targets.get(pointer) as string] = this.schema(
        this.resolve(pointer) as Json,
        pointer,
        pointer === "",
      );
    const document = { ...(isObject(root) ? root : {}), ...(this.targets.size > 0 ? { $defs: definitions } : {}) };
    if (this.problems.size === 0) this.findCycles(document, definitions);
    return { document, problems: [...this.problems.values()], unmarked: this.unmarked, unevaluated: this.unevaluated };
  }

  private problem(pointer: string, message: string): void {
    this.problems.set(`${pointer} ${message}`, { pointer, message });
  }

  private findAnchors(value: Json, pointer: string, depth: number): void {
    if (depth > MAX_DEPTH) {
      this.problems.set("deep", { pointer: "", message: `The schema is nested deeper than ${MAX_DEPTH} levels` });
      return;
    }
    if (typeof value !== "object" || value === null) return;
    if (isObject(value) && typeof value["$anchor"] === "string") this.anchors.set(value["$anchor"], pointer);
    for (const [key, child] of Object.entries(value))
      this.findAnchors(child, `${pointer}/${pointerToken(key)}`, depth + 1);
  }

  private schema(node: Json, pointer: string, isRoot: boolean): Json {
    if (typeof node === "boolean") return node;
    if (!isObject(node)) {
      const hint =
        Array.isArray(node) && pointer.endsWith("/items") ? '; write "prefixItems" for a list of schemas' : "";
      this.problem(pointer, `A schema must be an object, true or false${hint}`);
      return true;
    }
    const out: [string, Json][] = [];
    for (const [key, value] of Object.entries(node)) {
      const at = `${pointer}/${pointerToken(key)}`;
      // Beside a single schema for all items "additionalItems" applies to nothing.
      const idle = key === "additionalItems" && !Array.isArray(node["items"]);
      if (key.startsWith("x-")) this.mark(key, value, at, out);
      else if (Object.hasOwn(this.keywords, key)) this.keyword(key, value, at, isRoot, idle ? [] : out);
      else this.unknown(key, at);
    }
    this.companions(node, pointer);
    return Object.fromEntries(out);
  }

  /** Keywords that mean nothing alone: alone they are a mistake. */
  private companions(node: JsonObject, pointer: string): void {
    for (const [key, needed] of Object.entries(COMPANIONS))
      if (Object.hasOwn(node, key) && !needed.some((other) => Object.hasOwn(node, other)))
        this.problem(
          `${pointer}/${key}`,
          `"${key}" means nothing without ${needed.map((other) => `"${other}"`).join(" or ")}`,
        );
  }

  private mark(key: string, value: Json, at: string, out: [string, Json][]): void {
    const mistake = markMistake(key, value);
    if (mistake !== undefined) this.problem(at, mistake);
    if (mistake !== undefined || key !== "x-sensitive" || value === false) return;
    this.unmarked = false;
    out.push([key, value]);
  }

  private unknown(key: string, at: string): void {
    const hint = Object.hasOwn(KEYWORD_HINTS, key) ? KEYWORD_HINTS[key] : otherDraft(key, this.keywords);
    this.problem(
      at,
      `"${key}" is not a JSON Schema keyword${hint ? `; ${hint}` : ""}. A keyword of your own starts with "x-"`,
    );
  }

  private keyword(key: string, value: Json, at: string, isRoot: boolean, out: [string, Json][]): void {
    const shape = this.keywords[key] as Shape;
    this.unevaluated ||= key.startsWith("unevaluated");
    if (typeof shape === "function") {
      const mistake = shape(value);
      if (mistake !== undefined) this.problem(at, /^[A-Z"]/.test(mistake) ? mistake : `"${key}" ${mistake}`);
      else if (key === "$id" && !isRoot)
        this.problem(at, '"$id" is only supported at the root; use "$anchor" or "$ref" with a pointer');
      else if (!key.startsWith("$")) out.push([key, value]);
    } else if (shape === "ref") out.push(["$ref", this.reference(value, at)]);
    else if (shape === "definitions") this.definitions(value, at);
    else if (shape === "schema") out.push([key === "additionalItems" ? "items" : key, this.schema(value, at, false)]);
    else if (shape === "schemas") out.push([key, this.schemas(value, at)]);
    else if (shape === "map") out.push([key, this.map(value, at, key === "patternProperties")]);
    else if (shape === "dependencies") this.dependencies(value, at, out);
    else if (Array.isArray(value)) out.push(["prefixItems", this.schemas(value, at)]);
    else out.push(["items", this.schema(value, at, false)]);
  }

  private schemas(value: Json, at: string): Json {
    if (Array.isArray(value) && value.length > 0) return value.map((item, i) => this.schema(item, `${at}/${i}`, false));
    this.problem(at, "This keyword takes a list of at least one schema");
    return [true];
  }

  private map(value: Json, at: string, patterns: boolean): Json {
    if (!isObject(value)) {
      this.problem(at, "This keyword takes an object whose values are schemas");
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => {
        const place = `${at}/${pointerToken(name)}`;
        const mistake = patterns ? patternMistake(name) : undefined;
        if (mistake !== undefined) this.problem(place, mistake);
        if (name === "__proto__") this.problem(place, 'A property cannot be named "__proto__"');
        return [name, this.schema(child, place, false)];
      }),
    );
  }

  private definitions(value: Json, at: string): void {
    if (!isObject(value)) return this.problem(at, "This keyword takes an object whose values are schemas");
    for (const name of Object.keys(value)) this.target(`${at}/${pointerToken(name)}`);
  }

  private dependencies(value: Json, at: string, out: [string, Json][]): void {
    if (!isObject(value)) return this.problem(at, '"dependencies" must be an object');
    const entries = Object.entries(value);
    const lists = entries.filter(([, v]) => Array.isArray(v));
    for (const [name, v] of lists)
      if (names(v)) this.problem(`${at}/${pointerToken(name)}`, "must be a list of property names");
    out.push(["dependentRequired", Object.fromEntries(lists)]);
    out.push([
      "dependentSchemas",
      this.map(Object.fromEntries(entries.filter(([, v]) => !Array.isArray(v))), at, false),
    ]);
  }

  private reference(value: Json, at: string): string {
    const pointer = typeof value === "string" ? this.pointerOf(value) : undefined;
    const found = pointer === undefined ? undefined : this.resolve(pointer);
    if (pointer === undefined || found === undefined || (typeof found !== "boolean" && !isObject(found))) {
      this.problem(at, `$ref ${JSON.stringify(value)} does not lead to a schema in this document`);
      return "#";
    }
    return `#/$defs/${this.target(pointer)}`;
  }

  private target(pointer: string): string {
    let name = this.targets.get(pointer);
    if (name === undefined) {
      name = `t${this.targets.size}`;
      this.targets.set(pointer, name);
      this.pending.push(pointer);
    }
    return name;
  }

  /** The pointer a reference means, within this document only: nothing is ever fetched. */
  private pointerOf(reference: string): string | undefined {
    const [base, fragment = ""] = reference.split("#", 2) as [string, string?];
    const { $id: id } = this.source;
    if (base !== "" && (typeof id !== "string" || base !== id.replace(/#$/, ""))) return undefined;
    try {
      const decoded = decodeURIComponent(fragment);
      return decoded === "" || decoded.startsWith("/") ? decoded : this.anchors.get(decoded);
    } catch {
      return undefined;
    }
  }

  private resolve(pointer: string): Json | undefined {
    let at: Json | undefined = this.source;
    for (const raw of pointer === "" ? [] : pointer.slice(1).split("/")) {
      const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
      at = typeof at === "object" && at !== null && Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
    }
    return at;
  }

  /** A schema that reaches itself without entering the value would never end. */
  private findCycles(document: JsonObject, definitions: JsonObject): void {
    const state = new Map<string, "open" | "done">();
    const pointers = new Map([...this.targets].map(([pointer, name]) => [name, pointer]));
    const visit = (name: string): void => {
      if (state.get(name) === "open")
        return this.problem(
          pointers.get(name) as string,
          "This schema refers to itself without entering a property or an item",
        );
      if (state.has(name)) return;
      state.set(name, "open");
      inPlaceReferences(definitions[name] as Json).forEach(visit);
      state.set(name, "done");
    };
    inPlaceReferences(document).forEach(visit);
    for (const name of Object.keys(definitions)) visit(name);
  }
}

function otherDraft(key: string, keywords: Record<string, Shape>): string | undefined {
  if (keywords === KEYWORDS && Object.hasOwn(DRAFT_07, key))
    return key === "dependencies"
      ? 'write "dependentRequired" or "dependentSchemas"'
      : 'write "prefixItems" and "items"';
  if (keywords === DRAFT_07 && Object.hasOwn(KEYWORDS, key)) return 'it belongs to 2020-12: change "$schema"';
  const near = Object.keys(keywords).find((known) => known.toLowerCase() === key.toLowerCase().replaceAll(/[_-]/g, ""));
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

function inPlaceReferences(node: Json): string[] {
  if (!isObject(node)) return [];
  const inner = [
    node["not"],
    node["if"],
    node["then"],
    node["else"],
    ...Object.values((node["dependentSchemas"] ?? {}) as JsonObject),
  ];
  for (const key of ["allOf", "anyOf", "oneOf"])
    if (Array.isArray(node[key])) for (const each of node[key]) inner.push(each);
  const own = typeof node["$ref"] === "string" ? [node["$ref"].slice("#/$defs/".length)] : [];
  return [...own, ...inner.flatMap((child) => (child === undefined ? [] : inPlaceReferences(child)))];
}
