import { createRequire } from "node:module";
import { FORMATS } from "./formats.ts";
import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { compilePattern } from "./pattern.ts";

/** The part of the Standard Schema and Standard JSON Schema interfaces that is used here (zod, valibot, arktype …). */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly jsonSchema?: { readonly output: (options: { target: "draft-2020-12" }) => Record<string, unknown> };
  };
}

export interface StandardResult {
  readonly issues?:
    | readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[]
    | undefined;
}

/** A JSON Schema written in TypeScript; with literal types kept, `Infer` reads the value's type from it. */
export type JsonSchemaInput = { readonly [keyword: string]: unknown };

/** What the public API takes where it wants a schema. */
export type SchemaInput = StandardSchema | JsonSchemaInput;

/** The type of the values a schema admits. A JSON Schema whose literal types are not known gives `Json`. */
export type Infer<S> = S extends { readonly "~standard": { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly output: infer Output }
    ? Output
    : unknown
  : FromJsonSchema<S>;

type Simplify<T> = { [K in keyof T]: T[K] };
type Named = { string: string; number: number; integer: number; boolean: boolean; null: null };

/** TypeScript's reading of the common part of JSON Schema: type, enum, const, properties, required, items, anyOf, oneOf. */
export type FromJsonSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly anyOf: readonly (infer B)[] }
      ? FromJsonSchema<B>
      : S extends { readonly oneOf: readonly (infer B)[] }
        ? FromJsonSchema<B>
        : S extends { readonly type: infer T }
          ? FromType<S, T>
          : Json;

type FromType<S, T> = T extends readonly (infer Each)[]
  ? FromType<S, Each>
  : T extends keyof Named
    ? string extends T
      ? Json
      : Named[T]
    : T extends "array"
      ? S extends { readonly items: infer I }
        ? FromJsonSchema<I>[]
        : Json[]
      : T extends "object"
        ? S extends { readonly properties: infer P }
          ? FromProperties<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
          : JsonObject
        : Json;

type FromProperties<P, R> = Simplify<
  { -readonly [K in keyof P as K extends R ? K : never]: FromJsonSchema<P[K]> } & {
    -readonly [K in keyof P as K extends R ? never : K]?: FromJsonSchema<P[K]>;
  }
>;

export function isStandardSchema(input: unknown): input is StandardSchema {
  if ((typeof input !== "object" && typeof input !== "function") || input === null) return false;
  const standard = (input as Record<string, unknown>)["~standard"];
  return typeof standard === "object" && standard !== null && "validate" in standard;
}

/**
 * The JSON Schema of whatever the author gave. Throws `TypeError` when it is neither a JSON Schema object nor a Standard
 * Schema that can say its JSON Schema, or holds something JSON Schema cannot express (a transform, a date).
 */
export function toJsonSchema(input: SchemaInput): JsonObject {
  const produced = isStandardSchema(input) ? standardJsonSchema(input) : input;
  if (!isObject(produced))
    throw new TypeError("A schema must be a JSON Schema object or a Standard Schema such as zod's.");
  const plain = JSON.parse(JSON.stringify(produced)) as JsonObject;
  if (isStandardSchema(input)) dropVendorChecks(plain);
  return plain;
}

function standardJsonSchema(input: StandardSchema): unknown {
  const standard = input["~standard"];
  try {
    if (standard.jsonSchema !== undefined) return standard.jsonSchema.output({ target: "draft-2020-12" });
    if (standard.vendor === "zod") return zodToJsonSchema(input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TypeError(`This ${standard.vendor} schema has no JSON Schema: ${reason}`, { cause: error });
  }
  throw new TypeError(
    `This ${standard.vendor} schema cannot say its JSON Schema ("~standard".jsonSchema is missing); write the JSON Schema itself, or use zod 4.`,
  );
}

function zodToJsonSchema(input: StandardSchema): unknown {
  const zod = createRequire(import.meta.url)("zod") as { toJSONSchema(schema: unknown): unknown };
  return zod.toJSONSchema(input);
}

/**
 * What only the vendor's own validator can check (formats of its own, patterns with lookaround), and the patterns it
 * writes beside formats.
 */
function dropVendorChecks(node: Json): void {
  if (typeof node !== "object" || node === null) return;
  if (isObject(node)) {
    if (typeof node["format"] === "string" && !FORMATS.has(node["format"])) delete node["format"];
    const repeated = typeof node["format"] === "string" && typeof node["pattern"] === "string";
    if (repeated || (typeof node["pattern"] === "string" && !isUsable(node["pattern"]))) delete node["pattern"];
  }
  for (const child of Object.values(node)) dropVendorChecks(child);
}

function isUsable(pattern: string): boolean {
  try {
    compilePattern(pattern);
    return true;
  } catch {
    return false;
  }
}
