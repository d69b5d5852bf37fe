import { canonicalJson, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";

/** What is declared of a decision's fields: by the workflow, and by the prompts whose output it passes on. */
export interface DeclaredFields {
  decision: JsonObject | null;
  /** `confidence`: pointer into the output. */
  outputs: readonly { schema: JsonObject; confidence: string | null }[];
}

/**
 * The fields of a decision that make it this decision and not another: free text and the model's own confidence are said anew
 * with every answer, and count for nothing.
 */
export function decisiveFields(declared: DeclaredFields, decisions: readonly JsonObject[]): string[] {
  const names = [...new Set(decisions.flatMap((decision) => Object.keys(decision)))];
  const stated = new Set(declared.outputs.map(({ confidence }) => confidence?.slice(1)));
  return names.filter((name) => {
    if (stated.has(name)) return false;
    // A decision that says only "text" of it may pass on what the prompt declares as one of several words.
    const produced = declared.outputs.map(({ schema }) => fieldOf(schema, name)).find((each) => each !== undefined);
    return !isFreeText(produced ?? fieldOf(declared.decision, name));
  });
}

function fieldOf(schema: JsonObject | null, name: string): JsonObject | undefined {
  const properties = schema?.["properties"];
  const found = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isObject(found) ? found : undefined;
}

const NARROW = ["enum", "const", "pattern", "format", "$ref", "anyOf", "oneOf", "allOf"];

/** Text of any words. What no schema declares was computed by code, and is compared. */
function isFreeText(schema: JsonObject | undefined): boolean {
  if (schema === undefined || NARROW.some((keyword) => schema[keyword] !== undefined)) return false;
  const types = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  return types.includes("string");
}

/** Those of `fields` in which the two differ; all that either has where one is missing. */
export function changedFields(
  fields: readonly string[],
  before: JsonObject | null,
  after: JsonObject | null,
): string[] {
  if (before === null && after === null) return [];
  return fields.filter((name) => textOf(before, name) !== textOf(after, name));
}

function textOf(decision: JsonObject | null, name: string): string {
  const value: Json | undefined = decision !== null && Object.hasOwn(decision, name) ? decision[name] : undefined;
  return value === undefined ? "" : canonicalJson(value);
}
