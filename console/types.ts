import { writeFile } from "node:fs/promises";
import { pino } from "pino";
import type { Json, JsonObject } from "../src/base/json.ts";
import { isObject } from "../src/base/json.ts";
import { createHttp } from "../src/http/app.ts";
import { fakeSluice } from "../src/testing/fake-sluice.ts";

/**
 * Writes the console's types of the API from the reference that the API is validated by: `npm run types:console`.
 * The console takes nothing else from the server's code.
 */
export const TYPES_FILE: URL = new URL("src/api/schema.gen.ts", import.meta.url);

const HEAD = `// Written by "npm run types:console" from the API's reference. Do not edit: change the schemas in src/http.

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
`;

/** The types as they are by the present code. Throws where a schema holds what this cannot say in TypeScript. */
export function consoleTypes(): string {
  const api = createHttp(fakeSluice(), { log: pino({ enabled: false }) });
  const reference = api.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "Sluice", version: "1" } });
  const { components, paths } = reference as unknown as { components: { schemas: JsonObject }; paths: JsonObject };
  const documents = Object.entries(components.schemas)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `${comment(schema, "")}export type ${name} = ${typeOf(schema, "")};\n`);
  return [HEAD, ...documents, operations(paths)].join("\n");
}

function operations(paths: JsonObject): string {
  const lines = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as JsonObject).map(
      ([method, operation]) => `  "${method.toUpperCase()} ${path}": ${operationType(operation as JsonObject)};`,
    ),
  );
  const head = '/** What each call takes and answers, by "METHOD path"; null where there is nothing. */';
  return `${head}\nexport type Operations = {\n${lines.sort().join("\n")}\n};\n`;
}

function operationType(operation: JsonObject): string {
  const {
    parameters = [],
    requestBody,
    responses,
  } = operation as {
    parameters?: { name: string; in: string; required?: boolean; schema: Json }[];
    requestBody?: JsonObject;
    responses: JsonObject;
  };
  const named = (place: string): string => {
    const found = parameters.filter((parameter) => parameter.in === place);
    const schema = {
      type: "object",
      properties: Object.fromEntries(found.map((parameter) => [parameter.name, parameter.schema])),
      required: found.filter(({ required }) => required).map(({ name }) => name),
    };
    return found.length === 0 ? "null" : typeOf(schema, "    ");
  };
  const body = requestBody === undefined ? "null" : union([requestBody]);
  const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  return [
    "{",
    `    params: ${named("path")};`,
    `    query: ${named("query")};`,
    `    body: ${body};`,
    `    answer: ${union(good.map(([, response]) => response as JsonObject))};`,
    "  }",
  ].join("\n");
}

/** Of a body or of all answers, each thing it may be once: JSON, else text, else nothing. */
function union(places: readonly JsonObject[]): string {
  return [...new Set(places.flatMap(contentTypes))].join(" | ");
}

function contentTypes({ content }: JsonObject): string[] {
  if (!isObject(content)) return ["null"];
  const json = content["application/json"];
  if (!isObject(json) || !isObject(json["schema"])) return ["string"];
  const { anyOf = [json["schema"]] } = json["schema"];
  return (anyOf as JsonObject[]).map((each) => typeOf(each, "    "));
}

function typeOf(schema: Json, indent: string): string {
  if (!isObject(schema)) throw new Error(`This is no schema: ${JSON.stringify(schema)}.`);
  const { $ref, enum: words, const: only, anyOf, oneOf, allOf } = schema;
  if (typeof $ref === "string") return $ref.slice($ref.lastIndexOf("/") + 1);
  if (Array.isArray(words)) return words.map((word) => JSON.stringify(word)).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  const either = anyOf ?? oneOf;
  if (Array.isArray(either)) return either.map((each) => typeOf(each, indent)).join(" | ");
  if (Array.isArray(allOf)) return allOf.map((each) => grouped(typeOf(each, indent))).join(" & ");
  const types = schema["type"];
  if (types === undefined) return "Json";
  return [types].flat().map((type) => plainType(type, schema, indent)).join(" | "); // prettier-ignore
}

function plainType(type: Json, schema: JsonObject, indent: string): string {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `${grouped(typeOf(schema["items"] ?? {}, indent))}[]`;
    case "object":
      return objectType(schema, indent);
    default:
      throw new Error(`There is no type ${JSON.stringify(type)} in ${JSON.stringify(schema)}.`);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: JsonObject, indent: string): string {
  const inner = `${indent}  `;
  const open = isObject(additionalProperties);
  const known = Object.entries(properties as JsonObject);
  if (known.length === 0)
    return open ? `{ [key: string]: ${typeOf(additionalProperties, indent)} }` : "{ [key: string]: Json }";
  const lines = known.map(([name, schema]) => {
    const key = /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
    const optional = (required as string[]).includes(name) ? "" : "?";
    return `${comment(schema, inner)}${inner}${key}${optional}: ${typeOf(schema, inner)};`;
  });
  return `{\n${[...lines, ...(open ? [`${inner}[key: string]: unknown;`] : [])].join("\n")}\n${indent}}`;
}

function grouped(type: string): string {
  return /^\w+$/.test(type) ? type : `(${type})`;
}

/** What the reference says of it, as one line above. */
function comment(schema: Json, indent: string): string {
  const said = isObject(schema) ? schema["description"] : undefined;
  return typeof said === "string" ? `${indent}/** ${said.replaceAll("*/", "* /").replaceAll(/\s+/g, " ")} */\n` : "";
}

if (import.meta.main) await writeFile(TYPES_FILE, consoleTypes());
