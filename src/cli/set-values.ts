import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { EXIT, Exit } from "./exit.ts";

/** `output` with each `field=value` put in; a dotted field goes down. Values are read as the schema's type for that field. */
export function withValues(output: Json, assignments: readonly string[], schema: JsonObject | null): Json {
  if (assignments.length === 0) return output;
  if (output !== null && !isObject(output))
    throw new Exit(EXIT.wrongUse, "The output has no fields to set; give it whole with --output.");
  const result = structuredClone(output ?? {});
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    if (at <= 0) throw new Exit(EXIT.wrongUse, `--set takes field=value, not ${JSON.stringify(assignment)}.`);
    put(result, assignment.slice(0, at).split("."), assignment.slice(at + 1), schema);
  }
  return result;
}

function put(target: JsonObject, path: readonly string[], text: string, schema: JsonObject | null): void {
  const [name, ...rest] = path as [string, ...string[]];
  const properties = isObject(schema?.["properties"]) ? schema["properties"] : {};
  const below = isObject(properties[name]) ? properties[name] : null;
  const known = [...Object.keys(properties), ...Object.keys(target)];
  if (known.length > 0 && !known.includes(name))
    throw new Exit(
      EXIT.wrongUse,
      `The output has no field ${JSON.stringify(name)}. ${didYouMean(name, new Set(known))}`,
    );
  if (rest.length === 0) return define(target, name, valueOf(text, below));
  if (!Object.hasOwn(target, name) || !isObject(target[name])) define(target, name, {});
  put(target[name] as JsonObject, rest, text, below);
}

/** Also for a field named `__proto__`. */
function define(target: JsonObject, name: string, value: Json): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

/** Text where the schema takes text; else JSON where it is JSON. */
function valueOf(text: string, schema: JsonObject | null): Json {
  const types = [schema?.["type"] ?? []].flat();
  const words = Array.isArray(schema?.["enum"]) ? schema["enum"] : [];
  if (types.includes("string") || words.includes(text)) return text === "null" && types.includes("null") ? null : text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
