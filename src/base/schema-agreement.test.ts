import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Json, JsonObject } from "./json.ts";
import { SchemaError, compileSchema } from "./schema.ts";
import type { Schema } from "./schema.ts";

const name = fc.constantFrom("a", "b", "c");

/** Schemas that use every kind of keyword, nested, with references into themselves. */
const anySchema: fc.Arbitrary<Json> = fc.letrec<{ schema: Json }>((tie) => {
  const schema = tie("schema");
  const some = fc.array(schema, { minLength: 1, maxLength: 2 });
  const keyword = (key: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<[string, unknown][]> =>
    value.map((each) => [[key, each]]);
  const keywords = fc.oneof(
    keyword("type", fc.constantFrom<Json>("string", "number", "object", "array", ["integer", "null"])),
    keyword("enum", fc.constantFrom<Json>([1, "x"], [null, { a: 1 }])),
    keyword("const", fc.constantFrom<Json>(1, { a: 1 })),
    keyword("minimum", fc.constant(1)),
    keyword("pattern", fc.constantFrom("^x", "y$")),
    keyword("properties", fc.dictionary(name, schema, { maxKeys: 3 })),
    keyword("patternProperties", fc.dictionary(fc.constantFrom("^a", "b|c"), schema, { maxKeys: 2 })),
    keyword("additionalProperties", schema),
    keyword("unevaluatedProperties", schema),
    keyword("propertyNames", fc.constant({ pattern: "^[ab]" })),
    keyword("required", fc.uniqueArray(name, { maxLength: 2 })),
    keyword("dependentSchemas", fc.dictionary(name, schema, { maxKeys: 1 })),
    keyword("prefixItems", some),
    keyword("items", schema),
    keyword("unevaluatedItems", schema),
    keyword("contains", schema),
    keyword("uniqueItems", fc.boolean()),
    keyword("allOf", some),
    keyword("anyOf", some),
    keyword("oneOf", some),
    keyword("not", schema),
    keyword("$ref", fc.constantFrom("#", "#/$defs/p", "#/$defs/q", "#/properties/a")),
    fc.tuple(schema, schema).map<[string, unknown][]>(([condition, then]) => [["if", condition], ["then", then]]),
  ); // prettier-ignore
  const object = fc
    .array(keywords, { minLength: 1, maxLength: 3 })
    .map((parts) => Object.fromEntries(parts.flat()) as JsonObject);
  return { schema: fc.oneof({ maxDepth: 3, depthSize: "small" }, fc.constantFrom<Json>(true, false, {}), object) };
}).schema;

const anyValue: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom<Json>(0, 1, 2.5, "x", "y", null, true), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(name, tie("value"), { maxKeys: 3 })),
})).value; // prettier-ignore

function compiled(source: JsonObject): Schema | undefined {
  try {
    return compileSchema(source);
  } catch (error) {
    if (error instanceof SchemaError) return undefined;
    throw error;
  }
}

/** Ajv's own verdict; undefined where its code throws. */
function reference(source: JsonObject): ((value: Json) => boolean | undefined) | undefined {
  try {
    const validate = new Ajv2020({ strict: false, validateSchema: false, meta: false, logger: false }).compile(source);
    return (value) => {
      try {
        return validate(value);
      } catch {
        return undefined;
      }
    };
  } catch {
    return undefined;
  }
}

test("whatever the schema and the value, the verdict is ajv's, and nothing throws", () => {
  let compared = 0;
  fc.assert(
    fc.property(
      anySchema,
      anySchema,
      anySchema,
      fc.array(anyValue, { minLength: 4, maxLength: 4 }),
      (root, p, q, values) => {
        const source: JsonObject = {
          ...(typeof root === "object" ? (root as JsonObject) : { not: {} }),
          $defs: { p, q },
        };
        const ours = compiled(source);
        const theirs = reference(source);
        for (const value of values) {
          const problems = ours?.validate(value);
          ours?.sensitive(value);
          ours?.undeclared(value);
          const verdict = theirs?.(value);
          if (problems === undefined || verdict === undefined) continue;
          compared++;
          expect(problems.length === 0).toBe(verdict);
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(1_000);
});
