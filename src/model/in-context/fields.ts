import { atPointer, isObject } from "../../base/json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Shot } from "./conversation.ts";
import { learnCopy } from "./extract.ts";
import type { CopyRule } from "./extract.ts";

/** How a field of the answer is filled. */
export type Field =
  | { kind: "constant"; value: Json }
  /** One of several values, by vote. */
  | { kind: "choice"; values: readonly Json[] | undefined }
  /** A list of such values, each voted in or out. */
  | { kind: "choices"; values: readonly Json[] | undefined }
  | { kind: "object"; fields: readonly NamedField[] }
  | { kind: "copy"; rule: CopyRule; numeric: boolean; many: boolean; nullable: boolean }
  | { kind: "confidence"; schema: JsonObject }
  | { kind: "reason"; maxLength: number }
  | { kind: "headline"; maxLength: number }
  | { kind: "mean"; whole: boolean; min: number; max: number }
  /** Whatever the nearest example says. */
  | { kind: "nearest"; fallback: Json; maxLength: number };

export interface NamedField {
  name: string;
  required: boolean;
  field: Field;
}

interface Sample {
  text: string;
  value: Json | undefined;
}

const CONFIDENCE = /confiden|certain|probab|likelihood/i;
const REASON = /reason|rationale|explan|justif|evidence|why/i;
const HEADLINE = /summary|headline|title|subject|gist/i;
const MAX_DEPTH = 12;

/** Decides from the schema and from the examples' answers how each field is filled. */
export function planAnswer(schema: JsonObject | undefined, shots: readonly Shot[]): Field {
  const samples = shots.map(({ text, output }) => ({ text, value: output as Json }));
  return plan(schema ?? inferred(shots), schema ?? {}, "", samples, 0);
}

/** Without a schema the answers of the examples are all there is to go by. */
function inferred(shots: readonly Shot[]): JsonObject {
  const names = [...new Set(shots.flatMap(({ output }) => Object.keys(output)))];
  const required = names.filter((name) => shots.every(({ output }) => Object.hasOwn(output, name)));
  return { type: "object", required, properties: Object.fromEntries(names.map((name) => [name, {}])) };
}

function plan(
  node: Json | undefined,
  root: JsonObject,
  name: string,
  samples: readonly Sample[],
  depth: number,
): Field {
  const schema = resolved(node, root);
  const values = present(samples);
  if ("const" in schema) return { kind: "constant", value: schema["const"] };
  if (Array.isArray(schema["enum"])) return { kind: "choice", values: schema["enum"] };
  const type = typeOf(schema, values);
  if (type === "boolean") return { kind: "choice", values: [true, false] };
  if (type === "object" && depth < MAX_DEPTH) return planObject(schema, root, samples, depth);
  if (type === "array") return planList(schema, root, samples);
  if (type === "number" || type === "integer") return planNumber(schema, name, samples, type === "integer");
  if (type === "string") return planText(schema, name, samples);
  return { kind: "nearest", fallback: null, maxLength: lengthLimit(schema) };
}

function planObject(schema: JsonObject, root: JsonObject, samples: readonly Sample[], depth: number): Field {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const fields = Object.entries(properties).map(([name, property]): NamedField => {
    const inner = samples.map(({ text, value }) => ({ text, value: isObject(value) ? value[name] : undefined }));
    return { name, required: required.includes(name), field: plan(property, root, name, inner, depth + 1) };
  });
  return { kind: "object", fields };
}

function planList(schema: JsonObject, root: JsonObject, samples: readonly Sample[]): Field {
  const items = resolved(schema["items"], root);
  if (Array.isArray(items["enum"])) return { kind: "choices", values: items["enum"] };
  const inner = samples.flatMap(({ text, value }) =>
    Array.isArray(value) ? value.map((item) => ({ text, value: item })) : [],
  );
  const rule = copyRule(inner);
  if (rule !== undefined) return { kind: "copy", rule, numeric: false, many: true, nullable: false };
  if (inner.length > 0 && inner.every(({ value }) => typeof value === "string"))
    return { kind: "choices", values: undefined };
  return { kind: "nearest", fallback: [], maxLength: lengthLimit(schema) };
}

function planNumber(schema: JsonObject, name: string, samples: readonly Sample[], whole: boolean): Field {
  const [min, max] = [numberAt(schema, "minimum", -Infinity), numberAt(schema, "maximum", Infinity)];
  if (!whole && CONFIDENCE.test(name)) return { kind: "confidence", schema };
  const rule = copyRule(samples);
  if (rule !== undefined) return { kind: "copy", rule, numeric: true, many: false, nullable: nullable(schema) };
  return { kind: "mean", whole, min, max };
}

function planText(schema: JsonObject, name: string, samples: readonly Sample[]): Field {
  const maxLength = lengthLimit(schema);
  const rule = copyRule(samples);
  if (rule !== undefined) return { kind: "copy", rule, numeric: false, many: false, nullable: nullable(schema) };
  if (REASON.test(name)) return { kind: "reason", maxLength };
  const values = present(samples);
  const distinct = new Set(values.map((value) => JSON.stringify(value))).size;
  if (values.length >= 4 && distinct <= values.length / 2) return { kind: "choice", values: undefined };
  if (HEADLINE.test(name)) return { kind: "headline", maxLength };
  return { kind: "nearest", fallback: "", maxLength };
}

function copyRule(samples: readonly Sample[]): CopyRule | undefined {
  const pairs = samples.flatMap(({ text, value }) =>
    (typeof value === "string" && value !== "") || typeof value === "number" ? [{ text, value: String(value) }] : [],
  );
  return pairs.length < 2 ? undefined : learnCopy(pairs);
}

function present(samples: readonly Sample[]): Json[] {
  return samples.flatMap(({ value }) => (value === undefined || value === null ? [] : [value]));
}

function typeOf(schema: JsonObject, values: readonly Json[]): string {
  const declared = Array.isArray(schema["type"]) ? schema["type"].find((type) => type !== "null") : schema["type"];
  if (typeof declared === "string") return declared;
  if (isObject(schema["properties"])) return "object";
  const [first] = values;
  return Array.isArray(first) ? "array" : isObject(first) ? "object" : typeof first;
}

function nullable(schema: JsonObject): boolean {
  return Array.isArray(schema["type"]) && schema["type"].includes("null");
}

/** Follows local references, and takes the first branch of a union that is not null. */
function resolved(node: Json | undefined, root: JsonObject): JsonObject {
  let at: Json | undefined = node;
  for (let hops = 0; hops < 32 && isObject(at); hops++) {
    const reference: Json | undefined = at["$ref"];
    const union: Json | undefined = at["anyOf"] ?? at["oneOf"] ?? at["allOf"];
    if (typeof reference === "string" && reference.startsWith("#")) at = atPointer(root, reference.slice(1));
    else if (Array.isArray(union)) at = union.find((branch) => !isObject(branch) || branch["type"] !== "null");
    else return at;
  }
  return {};
}

function numberAt(schema: JsonObject, key: string, fallback: number): number {
  const value = schema[key];
  return typeof value === "number" ? value : fallback;
}

function lengthLimit(schema: JsonObject): number {
  return Math.max(0, numberAt(schema, "maxLength", Infinity));
}
