import { canonicalJson, isObject, pointerToken } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { isPredicate } from "./expected.ts";

/**
 * What is expected and what no output of a schema could ever be: fields it does not have, words not among its words. Only what
 * is certain is told; predicates, and schemas that are put together of others, are passed over.
 */
export function impossible(expected: Json, schema: Json | undefined, pointer = ""): Problem[] {
  if (!isObject(schema) || isPredicate(expected)) return [];
  if (isObject(expected)) return impossibleFields(expected, schema, pointer);
  const words = schema["enum"];
  if (!Array.isArray(words) || Array.isArray(expected)) return [];
  if (words.some((word) => canonicalJson(word) === canonicalJson(expected))) return [];
  const fix =
    typeof expected === "string"
      ? didYouMean(
          expected,
          words.filter((word) => typeof word === "string"),
        )
      : "";
  return [{ pointer, message: `is ${JSON.stringify(expected)}, which the output can never be. ${fix}`.trimEnd() }];
}

function impossibleFields(expected: JsonObject, schema: JsonObject, pointer: string): Problem[] {
  const properties = schema["properties"];
  if (!isObject(properties) || isOpen(schema)) return [];
  return Object.entries(expected).flatMap(([name, item]) => {
    const at = `${pointer}/${pointerToken(name)}`;
    if (Object.hasOwn(properties, name)) return impossible(item, properties[name], at);
    return [
      { pointer: at, message: `is no field of the output. ${didYouMean(name, Object.keys(properties))}`.trimEnd() },
    ];
  });
}

/** Outputs are closed unless their schema opens them; one that is put together of others may hold more than is seen here. */
function isOpen(schema: JsonObject): boolean {
  const opening = ["additionalProperties", "unevaluatedProperties"].some((key) => schema[key] !== undefined && schema[key] !== false); // prettier-ignore
  return (
    opening || ["allOf", "anyOf", "oneOf", "$ref", "if", "patternProperties"].some((key) => Object.hasOwn(schema, key))
  );
}
