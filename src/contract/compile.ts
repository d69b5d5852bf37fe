import type { FileProblem } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject, Problem } from "../base/json.ts";
import { locator, readJson } from "../base/position.ts";
import { SchemaError, compileSchema } from "../base/schema.ts";
import type { Schema } from "../base/schema.ts";
import type { Contract } from "./contract.ts";
import { ENVELOPE } from "./envelope.ts";

/** A contract as read from its file. */
export interface CompiledContract extends Contract {
  /** Line of `x-default`. */
  readonly defaultLine: number | null;
}

export interface ContractSource {
  type: string;
  version: number;
  file: string;
  text: string;
}

interface Mistake extends Problem {
  code: string;
  fix?: string;
  severity?: "error" | "warning";
}

/** Reads one contract version; every mistake comes back with its line. */
export function compileContract(source: ContractSource): { contract?: CompiledContract; problems: FileProblem[] } {
  const { type, version, file, text } = source;
  const read = readJson(text);
  if ("mistake" in read) {
    const { line, column, message } = read.mistake;
    return { problems: [{ file, line, column, code: "not_json", message, severity: "error" }] };
  }
  const locate = locator(text);
  const place = ({ pointer, message, code, fix, severity = "error" }: Mistake): FileProblem => ({
    file,
    ...locate(pointer),
    code,
    message: /[.?!]$/.test(message) ? message : `${message}.`,
    severity,
    ...(fix === undefined ? {} : { fix }),
  });
  const compiled = schemaOrMistakes(read.value);
  const mistakes = [
    ...("mistakes" in compiled ? compiled.mistakes : []),
    ...envelopeMistakes(read.value, type, version),
  ];
  const problems = mistakes.map(place);
  if ("mistakes" in compiled || problems.some(({ severity }) => severity === "error")) return { problems };
  const isDefault = compiled.schema.source["x-default"] === true;
  const defaultLine = isDefault ? locate("/x-default").line : null;
  return { problems, contract: { type, version, file, schema: compiled.schema, isDefault, defaultLine, upcast: null } };
}

function schemaOrMistakes(value: Json): { schema: Schema } | { mistakes: Mistake[] } {
  try {
    return { schema: compileSchema(value) };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return { mistakes: error.problems.map((problem) => ({ ...problem, code: "bad_schema" })) };
  }
}

/** A contract describes the whole event, and must leave room for the envelope. */
function envelopeMistakes(value: Json, type: string, version: number): Mistake[] {
  if (!isObject(value)) return [];
  const properties = isObject(value["properties"]) ? value["properties"] : {};
  return [
    ...fixedTo(properties, "event", type, `the folder is named ${type}`),
    ...fixedTo(properties, "schema_version", version, `the file is named ${version}.schema.json`),
    ...ENVELOPE.flatMap((name) => unmarked(properties, name)),
    ...closedMistakes(value, properties),
    ...emptyMistakes(value),
    ...(value["x-sensitive"] === undefined || value["x-sensitive"] === false
      ? []
      : [{ pointer: "/x-sensitive", code: "envelope_marked", message: "The whole event cannot be marked x-sensitive", fix: "Mark the properties that are." }]),
  ]; // prettier-ignore
}

function fixedTo(properties: JsonObject, name: string, expected: Json, because: string): Mistake[] {
  const declared = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!isObject(declared)) return [];
  const { const: fixed, enum: allowed } = declared;
  const at = `/properties/${name}/${fixed === undefined ? "enum" : "const"}`;
  const fits = fixed === undefined ? !Array.isArray(allowed) || allowed.includes(expected) : fixed === expected;
  if (fits) return [];
  return [{ pointer: at, code: "envelope_mismatch", message: `"${name}" must be ${JSON.stringify(expected)}, since ${because}`, fix: `Write "const": ${JSON.stringify(expected)}.` }]; // prettier-ignore
}

function unmarked(properties: JsonObject, name: string): Mistake[] {
  const declared = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!isObject(declared) || declared["x-sensitive"] === undefined || declared["x-sensitive"] === false) return [];
  return [{ pointer: `/properties/${name}/x-sensitive`, code: "envelope_marked", message: `"${name}" identifies the event and cannot be x-sensitive`, fix: "Take the mark away; keep personal data out of event ids." }]; // prettier-ignore
}

function closedMistakes(value: JsonObject, properties: JsonObject): Mistake[] {
  const keyword = ["additionalProperties", "unevaluatedProperties"].find((each) => value[each] === false);
  const composed = ["$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties"].some((each) => each in value);
  const missing = ENVELOPE.filter((name) => name !== "schema_version" && !Object.hasOwn(properties, name));
  if (keyword === undefined || composed || missing.length === 0) return [];
  return [{ pointer: `/${keyword}`, code: "envelope_refused", message: `Every event would be refused: "${keyword}" is false and ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} not declared`, fix: 'Declare "event", "event_id" and "created_at" in "properties".' }]; // prettier-ignore
}

const DECLARING = ["properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"]; // prettier-ignore

function emptyMistakes(value: JsonObject): Mistake[] {
  if (DECLARING.some((key) => Object.hasOwn(value, key))) return [];
  return [{ pointer: "", code: "declares_nothing", message: "This contract declares no properties, so that workflows are given nothing but the envelope", fix: 'Declare what workflows use in "properties".', severity: "warning" }]; // prettier-ignore
}
