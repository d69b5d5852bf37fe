import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";

export interface WireSchema {
  schema: JsonObject;
  /** Strict decoding can be asked for: every object is closed and requires all of its properties. */
  strict: boolean;
}

/**
 * The schema as it is sent to a provider: objects closed unless they open themselves, marks of ours removed. Providers that
 * decode under strict schemas refuse some keywords outright (a 400, not a warning); those are told in words instead, inside
 * `description`, and checked by us afterwards. `whole` keeps them, for a server known to read all of JSON Schema.
 */
export function wireSchema(schema: JsonObject, whole = false): WireSchema {
  const sent = schemaNode(schema, whole) as JsonObject;
  return { schema: sent, strict: isStrict(sent) };
}

const SAID_IN_WORDS: Record<string, (value: Json) => string> = {
  minLength: (n) => `At least ${show(n)} characters.`,
  maxLength: (n) => `At most ${show(n)} characters.`,
  minProperties: (n) => `At least ${show(n)} properties.`,
  maxProperties: (n) => `At most ${show(n)} properties.`,
  uniqueItems: () => "No item twice.",
  pattern: (p) => `Matches the regular expression ${show(p)}.`,
  format: (f) => `Format: ${show(f)}.`,
  contentEncoding: (e) => `Encoding: ${show(e)}.`,
};

const DROPPED = new Set(["$schema", "$id", "$comment", "default", "examples", "deprecated", "readOnly", "writeOnly"]);
const MAPS = new Set(["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"]);
const LITERAL = new Set(["enum", "const", "required", "type", "examples", "default"]);

/** Keywords that describe the same object once more: one closed part would refuse what another declares. */
const PARTS = ["allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas"];

function schemaNode(node: Json, whole: boolean, part = false): Json {
  if (Array.isArray(node)) return node.map((item) => schemaNode(item, whole, part));
  if (!isObject(node)) return node;
  const out: JsonObject = {};
  const words: string[] = [];
  const shared = isObject(node["properties"]) || node["allOf"] !== undefined;
  for (const [key, value] of Object.entries(node)) {
    const say = Object.hasOwn(SAID_IN_WORDS, key) ? SAID_IN_WORDS[key] : undefined;
    if (key.startsWith("x-") || DROPPED.has(key)) continue;
    if (say !== undefined && !whole) words.push(say(value));
    else out[key] = childOf(key, value, whole, PARTS.includes(key) && (shared || part));
  }
  if (words.length > 0)
    out["description"] = [out["description"], ...words].filter((text) => typeof text === "string").join(" ");
  if (!part && isObject(out["properties"]) && !isOpen(out)) out["additionalProperties"] = false;
  return out;
}

function childOf(key: string, value: Json, whole: boolean, part: boolean): Json {
  if (LITERAL.has(key)) return value;
  if (!MAPS.has(key) || !isObject(value)) return schemaNode(value, whole, part);
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, schemaNode(child, whole, part)]));
}

/** Says itself what else it takes, or leaves that to its parts. */
function isOpen(node: JsonObject): boolean {
  return ["additionalProperties", "unevaluatedProperties", "patternProperties", ...PARTS].some((key) => key in node);
}

function isStrict(node: Json): boolean {
  if (Array.isArray(node)) return node.every(isStrict);
  if (!isObject(node)) return true;
  if (
    ["allOf", "oneOf", "not", "if", "patternProperties", "dependentSchemas", "propertyNames"].some((key) => key in node)
  )
    return false;
  if (node["type"] === "object" || isObject(node["properties"])) {
    const names = Object.keys(isObject(node["properties"]) ? node["properties"] : {});
    const required = Array.isArray(node["required"]) ? node["required"] : [];
    if (node["additionalProperties"] !== false || !names.every((name) => required.includes(name))) return false;
  }
  return Object.entries(node).every(
    ([key, value]) =>
      LITERAL.has(key) || (MAPS.has(key) && isObject(value) ? Object.values(value).every(isStrict) : isStrict(value)),
  );
}

function show(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
