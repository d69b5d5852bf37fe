import { atPointer, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { FieldReader } from "./fields.ts";

const DEFAULT = "/confidence";

/** Where the output states its confidence: the pointer the spec names, else `/confidence` if the schema has it, else null. */
export function confidencePointer(reader: FieldReader, schema: JsonObject): string | null {
  const named = reader.object["confidence"];
  if (named === undefined || named === null)
    return isNumeric(declared(schema, schema, [DEFAULT.slice(1)])) ? DEFAULT : null;
  if (typeof named !== "string" || !named.startsWith("/")) {
    reader.problem(
      "/confidence",
      "wrong_value",
      '"confidence" must be a JSON pointer into the output.',
      'Write it like "/confidence".',
    );
    return null;
  }
  const keys = named
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = declared(schema, schema, keys);
  if (found === undefined) {
    const names = isObject(schema["properties"]) ? Object.keys(schema["properties"]).map((name) => `/${name}`) : [];
    reader.problem(
      "/confidence",
      "no_such_field",
      `The output_schema has no field at ${named}.`,
      didYouMean(named, names),
    );
  } else if (!isNumeric(found))
    reader.problem("/confidence", "not_a_number", `The field at ${named} is not declared as a number.`);
  return named;
}

/** The subschema of a property, through local references and allOf/anyOf/oneOf. */
function declared(
  root: JsonObject,
  schema: Json | undefined,
  keys: readonly string[],
  depth = 0,
): JsonObject | undefined {
  if (!isObject(schema) || depth > 32) return undefined;
  const [key, ...rest] = keys;
  if (key === undefined && schema["$ref"] === undefined) return schema;
  const found = key === undefined ? undefined : declared(root, propertyOf(schema, key), rest, depth + 1);
  if (found !== undefined) return found;
  const branches = [schema["allOf"], schema["anyOf"], schema["oneOf"]].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const reference = schema["$ref"];
  if (typeof reference === "string" && reference.startsWith("#"))
    branches.push(atPointer(root, reference.slice(1)) ?? null);
  for (const branch of branches) {
    const inner = declared(root, branch, keys, depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function propertyOf(schema: JsonObject, key: string): Json | undefined {
  const properties = schema["properties"];
  return isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function isNumeric(schema: JsonObject | undefined): boolean {
  if (schema === undefined) return false;
  const types = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  return types.some((type) => type === "number" || type === "integer");
}
