import type { ErrorObject } from "ajv";
import { atPointer, isObject, pointerToken } from "./json.ts";
import type { Json, Problem } from "./json.ts";

/** Ajv's errors as places and sentences. The value itself never appears in a message: it may be a secret. */
export function explainErrors(errors: readonly ErrorObject[], value: Json, limit: number): Problem[] {
  const problems = new Map<string, Problem>();
  const telling = errors.filter(({ keyword }) => keyword !== "if");
  for (const error of telling.length > 0 ? telling : errors) {
    if (problems.size >= limit) break;
    const problem = explain(error, value);
    problems.set(`${problem.pointer} ${problem.message}`, problem);
  }
  return [...problems.values()];
}

function explain(error: ErrorObject, value: Json): Problem {
  const params = error.params as Record<string, unknown>;
  const below = (name: unknown): string => `${error.instancePath}/${pointerToken(String(name))}`;
  const here = (message: string): Problem => ({ pointer: error.instancePath, message });
  switch (error.keyword) {
    case "required":
    case "dependentRequired":
      return { pointer: below(params["missingProperty"]), message: "is required" };
    case "additionalProperties":
      return { pointer: below(params["additionalProperty"]), message: "is not declared" };
    case "unevaluatedProperties":
      return { pointer: below(params["unevaluatedProperty"]), message: "is not declared" };
    case "propertyNames":
      return { pointer: below(params["propertyName"]), message: "has a name that is not allowed" };
    case "enum":
      return here(`must be one of ${allowed(params["allowedValues"] as Json[])}`);
    case "const":
      return here(`must be ${shown(params["allowedValue"] as Json)}`);
    case "type":
      return here(`must be ${types(params["type"])}, is ${typeName(atPointer(value, error.instancePath))}`);
    case "format":
      return here(`must be a valid ${String(params["format"])}`);
    case "pattern":
      return here(`must match the pattern ${clip(String(params["pattern"]), 200)}`);
    case "anyOf":
      return here("matches none of the allowed alternatives");
    case "oneOf":
      return here(
        params["passingSchemas"]
          ? "matches more than one alternative; exactly one is allowed"
          : "matches none of the allowed alternatives",
      );
    case "false schema":
      return here("is not allowed");
    default:
      return here(error.message ?? `breaks "${error.keyword}"`);
  }
}

function allowed(values: readonly Json[]): string {
  return `${values.slice(0, 20).map(shown).join(", ")}${values.length > 20 ? `, … (${values.length} in all)` : ""}`;
}

function shown(value: Json): string {
  return clip(JSON.stringify(value), 100);
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function types(type: unknown): string {
  return (Array.isArray(type) ? type : [type]).join(" or ");
}

function typeName(value: Json | undefined): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return isObject(value) ? "object" : typeof value;
}
