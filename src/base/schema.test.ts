import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Json, JsonObject } from "./json.ts";
import { MAX_PROBLEMS, SchemaError, compileSchema, schemaOf, toJsonSchema } from "./schema.ts";
import type { Infer } from "./schema.ts";

function problemsOf(schema: Json): string[] {
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return error.problems.map(({ pointer, message }) => `${pointer} ${message}`);
  }
}

const pointers = (schema: JsonObject, value: Json, closed = false): string[] =>
  compileSchema(schema, { closed })
    .validate(value)
    .map(({ pointer }) => pointer);

describe("a schema with a mistake is refused, with a pointer", () => {
  test.each<[string, Json, string]>([
    ["an unknown type, with the right word", { type: "dict" }, '/type "dict" is not a type; write "object"'],
    ["a type that every object has", { type: "__proto__" }, '/type "__proto__" is not a type; the types are '],
    ["a type that cannot be put into words", { type: { toString: 1 } }, '{"toString":1} is not a type; the types are '],
    ["another of those", { type: "constructor" }, '/type "constructor" is not a type; the types are '],
    ["one of several types", { type: ["string", "float"] }, '/type "float" is not a type; write "number"'],
    ["an unknown keyword", { properties: { a: { typ: "string" } } }, '/properties/a/typ "typ" is not a JSON Schema keyword'],
    ["a keyword in the wrong case", { maxlength: 3 }, 'did you mean "maxLength"?'],
    ["nullable", { nullable: true }, 'write "type": ["string", "null"]'],
    ["required as a flag", { properties: { a: { required: true } } }, "/properties/a/required"],
    ["a reference that leads nowhere", { $ref: "#/$defs/x" }, '/$ref $ref "#/$defs/x" does not lead to a schema'],
    ["a reference to another document", { $ref: "https://example.org/a.json" }, "does not lead to a schema in this document"],
    ["a reference to something that is no schema", { title: "a", $ref: "#/title" }, "does not lead to a schema"],
    ["a schema that is only itself", { $ref: "#" }, "refers to itself"],
    ["a circle of references", { anyOf: [{ $ref: "#/$defs/a" }], $defs: { a: { allOf: [{ $ref: "#/$defs/b" }] }, b: { not: { $ref: "#/$defs/a" } } } }, "refers to itself"],
    ["a mistake in a definition nobody uses", { $defs: { a: { type: "str" } } }, "/$defs/a/type"],
    ["lookahead", { pattern: "^(?=a)b" }, "/pattern Lookahead and lookbehind are not supported"],
    ["a back-reference", { pattern: "(a)\\1" }, "/pattern Back-references are not supported"],
    ["a broken pattern of names", { patternProperties: { "(": {} } }, "/patternProperties/( The pattern is not"],
    ["an unknown format", { format: "emial" }, '/format "emial" is not a known format'],
    ["a negative length", { minLength: -1 }, "/minLength"],
    ["a condition without consequence", { properties: { a: { if: {} } } }, '/properties/a/if "if" means nothing without "then" or "else"'],
    ["a consequence without condition", { then: {} }, '/then "then" means nothing without "if"'],
    ["an older draft's keyword", { items: {}, additionalItems: {} }, 'write "prefixItems" and "items"'],
    ["an empty enum", { enum: [] }, "/enum"],
    ["a list where a schema belongs", { items: [{}] }, 'write "prefixItems"'],
    ["another draft's keyword", { $schema: "http://json-schema.org/draft-07/schema#", prefixItems: [{}] }, "it belongs to 2020-12"],
    ["an unsupported draft", { $schema: "http://json-schema.org/draft-04/schema#" }, "/$schema"],
    ["an id inside", { properties: { a: { $id: "b" } } }, "/properties/a/$id"],
    ["a property that would be the prototype", JSON.parse('{"properties":{"__proto__":{}}}') as Json, "/properties/__proto__"],
    ["a mark in other words, which would leave the value in clear", { "x-sensitve": true }, '/x-sensitve There is no mark "x-sensitve". Did you mean "x-sensitive"?'],
    ["a mark as a noun", { properties: { a: { "x-sensitivity": "email" } } }, 'Did you mean "x-sensitive"?'],
    ["a mark in another case", { "x-Sensitive": true }, 'Did you mean "x-sensitive"?'],
    ["a mistyped default", { "x-defualt": true }, 'Did you mean "x-default"?'],
    ["a mark that is neither flag nor kind", { "x-sensitive": "a b" }, "/x-sensitive"],
    ["text that is not Unicode", { title: "\ud800" }, "half a surrogate pair"],
    ["a schema that is no object", [], "A schema must be an object"],
  ])("%s", (_, schema, expected) => {
    expect(problemsOf(schema).join("\n")).toContain(expected);
  }); // prettier-ignore

  test("all mistakes are told at once, each once", () => {
    const found = problemsOf({
      type: "dict",
      allOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/a" }],
      $defs: { a: { foo: 1, pattern: "(" } },
    });
    expect(found).toHaveLength(3);
  });

  test("nesting without end is refused, not followed", () => {
    let schema: Json = {};
    for (let i = 0; i < 500; i++) schema = { not: schema };
    expect(problemsOf(schema)).toEqual([" The schema is nested deeper than 128 levels"]);
  });

  test("keywords that start with x- are free", () => {
    expect(
      problemsOf({
        "x-anything": { type: "dict" },
        "x-details": 1,
        "x-positive": 1,
        "x-result": 1,
        "x-default": true,
        properties: { a: { "x-sensitive": "email" } },
      }),
    ).toEqual([]);
  });

  test("names like those of prototypes are keywords only when they are", () => {
    expect(problemsOf({ constructor: 1, toString: 2 })).toHaveLength(2);
  });
});

describe("a value is validated", () => {
  test("messages name what is allowed, never the value", () => {
    const schema = compileSchema({
      type: "object",
      required: ["id"],
      properties: { plan: { enum: ["free", "pro"] }, age: { type: "integer", minimum: 0 }, at: { format: "date-time" }, code: { pattern: "^[A-Z]+$" } },
      additionalProperties: false,
    }); // prettier-ignore
    expect(schema.validate({ plan: "secret", age: "4", at: "secret", code: "secret", "a/b": 1 })).toEqual([
      { pointer: "/id", message: "is required" },
      { pointer: "/a~1b", message: "is not declared" },
      { pointer: "/plan", message: 'must be one of "free", "pro"' },
      { pointer: "/age", message: "must be integer, is string" },
      { pointer: "/at", message: "must be a valid date-time" },
      { pointer: "/code", message: "must match the pattern ^[A-Z]+$" },
    ]);
  });

  test("two patterns in one schema are two patterns", () => {
    const schema = { properties: { a: { pattern: "^a$" }, b: { pattern: "^b$" } } };
    expect(pointers(schema, { a: "b", b: "a" })).toEqual(["/a", "/b"]);
    expect(pointers(schema, { a: "a", b: "b" })).toEqual([]);
  });

  test("draft-07 means what draft-07 says", () => {
    const schema = {
      $schema: "http://json-schema.org/draft-07/schema#",
      definitions: { short: { maxLength: 2 } },
      items: [{ type: "string" }, { $ref: "#/definitions/short" }],
      additionalItems: { type: "number" },
      dependencies: { a: ["b"], c: { required: ["d"] } },
    };
    expect(pointers(schema, ["a", "bbb", "c"])).toEqual(["/1", "/2"]);
    expect(pointers(schema, { a: 1, c: 1 })).toEqual(["/b", "/d"]);
    const single = { $schema: schema.$schema, items: { type: "string" }, additionalItems: { type: "number" } };
    expect(pointers(single, ["a", 1])).toEqual(["/1"]);
  });

  test.each([
    ["date-time", "2026-05-29T14:22:10Z", "2026-05-29 14:22:10Z"],
    ["date-time", "2026-05-29T14:22:10.5+02:00", "2026-05-29T14:22:10"],
    ["date", "2024-02-29", "2026-02-29"],
    ["email", "a@b.de", "a@b"],
    ["uuid", "123e4567-e89b-12d3-a456-426614174000", "urn:uuid:123e4567-e89b-12d3-a456-426614174000"],
    ["byte", "YWI=", "YWI=\n!"],
    ["ipv4", "1.2.3.4", "1.2.3.256"],
  ])("the format %s is asserted", (format, right, wrong) => {
    expect([pointers({ format }, right), pointers({ format }, wrong)]).toEqual([[], [""]]);
  });

  test("a property named like a prototype's is only there when it is", () => {
    expect(pointers({ required: ["constructor", "toString"] }, {})).toEqual(["/constructor", "/toString"]);
    const hostile = JSON.parse('{"__proto__":{"admin":true},"constructor":1}') as Json;
    expect(pointers({ properties: { admin: {} }, additionalProperties: false }, hostile)).toEqual([
      "/__proto__",
      "/constructor",
    ]);
    expect(pointers({ properties: { admin: {} } }, hostile, true)).toEqual(["/__proto__", "/constructor"]);
  });

  test("what is wrong a thousand times is told fifty times", () => {
    expect(pointers({ items: { type: "string" } }, Array(1_000).fill(1))).toHaveLength(MAX_PROBLEMS);
  });

  test("enormous values are refused in bounded time and memory", () => {
    expect(pointers({ items: { type: "string" } }, Array(400_000).fill(1))).toHaveLength(1);
    expect(
      pointers(
        { uniqueItems: true },
        Array.from({ length: 100_000 }, (_, a) => ({ a })),
      ),
    ).toEqual([]);
    expect(pointers({ pattern: "^(a+)+$" }, `${"a".repeat(5_000_000)}!`)).toEqual([""]);
    expect(pointers({ format: "url" }, `http://${"a".repeat(5_000_000)}`)).toEqual([""]);
  });

  test("values nested without end are refused, circles too", () => {
    let deep: Json = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const circle: Json[] = [];
    circle.push(circle);
    for (const value of [deep, circle])
      expect(compileSchema({ items: { $ref: "#" } }).validate(value)).toEqual([
        { pointer: "", message: "is nested deeper than 128 levels" },
      ]);
  });

  test("where ajv's own code throws, a value that is wrong stays wrong", () => {
    // Found by fuzzing: ajv 8.20 sets a property of undefined here when it collects all errors.
    const schema = {
      if: false,
      then: false,
      else: { additionalProperties: false, maxLength: 0 },
      patternProperties: { "^a": { minProperties: 0 } },
      unevaluatedProperties: true,
    } as const;
    expect(pointers(schema, { a: 0 })).toEqual(["/a"]);
    expect(pointers(schema, {})).toEqual([]);
  });

  test("items are the same whatever the order of their properties", () => {
    expect(
      pointers({ uniqueItems: true }, [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).toEqual([""]);
    expect(pointers({ uniqueItems: true }, [1, "1", true, "true", null, "null", [], {}])).toEqual([]);
  });

  test("equal schemas are compiled once", () => {
    const one = compileSchema({ type: "string", maxLength: 7 });
    expect(compileSchema({ maxLength: 7, type: "string" })).toBe(one);
    expect(compileSchema({ type: "string", maxLength: 7 }, { closed: true })).not.toBe(one);
    expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a closed schema refuses what nothing declares", () => {
  const address = { type: "object", properties: { city: {} } };
  const base = { type: "object", properties: { id: {} } };
  test.each<[string, JsonObject, Json, string[]]>([
    ["at the root", { properties: { a: {} } }, { a: 1, b: 2 }, ["/b"]],
    ["at a root that declares nothing", { type: "object" }, { b: 2 }, ["/b"]],
    ["in an object inside", { properties: { a: address } }, { a: { city: 1, zip: 2 } }, ["/a/zip"]],
    ["in items", { properties: { a: { items: address } } }, { a: [{}, { zip: 2 }] }, ["/a/1/zip"]],
    ["in fixed items", { properties: { a: { prefixItems: [{}, address] } } }, { a: [{ x: 1 }, { zip: 2 }] }, ["/a/1/zip"]],
    ["not in an object of which nothing is declared", { properties: { a: { type: "object" } } }, { a: { zip: 2 } }, []],
    ["in an object that declares that there is nothing", { properties: { a: { properties: {} } } }, { a: { zip: 2 } }, ["/a/zip"]],
    ["not where the schema opens itself", { properties: { a: {} }, additionalProperties: true }, { b: 2 }, []],
    ["not where it says what else may come", { properties: { a: {} }, unevaluatedProperties: { type: "number" } }, { b: 2 }, []],
    ["below what else may come", { additionalProperties: address }, { b: { zip: 1 } }, ["/b/zip"]],
    ["beside names by pattern", { patternProperties: { "^x-": {} } }, { "x-a": 1, b: 2 }, ["/b"]],
    ["allOf adds up", { allOf: [base, { properties: { a: {} } }] }, { id: 1, a: 1, b: 1 }, ["/b"]],
    ["allOf adds up inside properties", { allOf: [{ properties: { a: address } }, { properties: { a: { properties: { zip: {} } } } }] }, { a: { city: 1, zip: 1, b: 1 } }, ["/a/b"]],
    ["$ref with siblings adds up", { $ref: "#/$defs/base", properties: { a: {} }, $defs: { base } }, { id: 1, a: 1, b: 1 }, ["/b"]],
    ["a reference to a property's schema adds up", { properties: { a: address, b: { $ref: "#/properties/a", properties: { zip: {} } } } }, { b: { city: 1, zip: 1, c: 1 } }, ["/b/c"]],
    ["a recursive schema", { properties: { next: { $ref: "#" } } }, { next: { next: { b: 1 } } }, ["/next/next/b"]],
    ["anyOf counts the branches that hold", { anyOf: [{ required: ["a"], properties: { a: { type: "string" } } }, { required: ["b"], properties: { b: { type: "string" } } }] }, { a: "1", b: 2 }, ["/b"]],
    ["anyOf of two that hold", { anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }] }, { a: 1, b: 1, c: 1 }, ["/c"]],
    ["oneOf", { oneOf: [{ required: ["a"], properties: { a: {} } }, { required: ["b"], properties: { b: {} } }] }, { a: 1, c: 1 }, ["/c"]],
    ["if, then", { properties: { k: {} }, if: { properties: { k: { const: 1 } } }, then: { properties: { a: {} } }, else: { properties: { b: {} } } }, { k: 1, a: 1, b: 1 }, ["/b"]],
    ["if, else", { properties: { k: {} }, if: { properties: { k: { const: 1 } } }, then: { properties: { a: {} } }, else: { properties: { b: {} } } }, { k: 2, a: 1, b: 1 }, ["/a"]],
    ["dependentSchemas", { properties: { a: {} }, dependentSchemas: { a: { properties: { b: {} } } } }, { a: 1, b: 1, c: 1 }, ["/c"]],
    ["not declares nothing", { properties: { a: {} }, not: { required: ["b"], properties: { b: { const: 2 } } } }, { a: 1, b: 1 }, ["/b"]],
  ])("%s", (_, schema, value, expected) => {
    expect(pointers(schema, value, true)).toEqual(expected);
    expect(pointers(schema, value)).toEqual([]);
    expect(compileSchema(schema, { closed: true }).undeclared(value)).toEqual(expected);
  }); // prettier-ignore

  test("what is wrong and what is too much are told together", () => {
    expect(pointers({ required: ["a"], properties: { a: {} } }, { b: 1 }, true)).toEqual(["/a", "/b"]);
  });

  test("where one object composes no others, it agrees with unevaluatedProperties", () => {
    const names = fc.constantFrom("a", "b", "c", "d");
    const part = fc.record({
      properties: fc.dictionary(names, fc.constantFrom({}, { type: "number" }), { maxKeys: 2 }),
      required: fc.uniqueArray(names, { maxLength: 1 }),
    });
    const schema = fc.record({
      own: part,
      allOf: fc.array(part, { maxLength: 2 }),
      anyOf: fc.array(part, { minLength: 1, maxLength: 3 }),
    });
    const value = fc.dictionary(names, fc.constantFrom<Json>(1, "x"));
    fc.assert(
      fc.property(schema, value, ({ own, allOf, anyOf }, sample) => {
        const source = { type: "object", ...own, anyOf, ...(allOf.length > 0 ? { allOf } : {}) } as JsonObject;
        const reference = new Ajv2020({ strict: false, validateSchema: false, meta: false }).compile({ ...source, unevaluatedProperties: false });
        expect(compileSchema(source, { closed: true }).validate(sample).length === 0).toBe(reference(sample));
      }),
      { numRuns: 100 },
    ); // prettier-ignore
  });
});

describe("sensitive values are found", () => {
  const kinds = (schema: JsonObject, value: Json): string[] =>
    compileSchema(schema)
      .sensitive(value)
      .map(({ pointer, kind }) => `${pointer} ${kind}`);
  const secret = { "x-sensitive": true };
  test.each<[string, JsonObject, Json, string[]]>([
    ["in properties", { properties: { a: secret, b: { "x-sensitive": "email" }, c: {} } }, { a: 1, b: 2, c: 3 }, ["/a sensitive", "/b email"]],
    ["only where they are", { properties: { a: secret } }, {}, []],
    ["not where the mark is false", { properties: { a: { "x-sensitive": false } } }, { a: 1 }, []],
    ["whole, with all that is inside", { properties: { a: { ...secret, properties: { b: secret } } } }, { a: { b: 1 } }, ["/a sensitive"]],
    ["behind $ref", { properties: { a: { $ref: "#/$defs/s" } }, $defs: { s: secret } }, { a: 1 }, ["/a sensitive"]],
    ["beside $ref", { properties: { a: { $ref: "#/$defs/s", ...secret } }, $defs: { s: {} } }, { a: 1 }, ["/a sensitive"]],
    ["in every depth of a recursive schema", { properties: { s: secret, next: { $ref: "#" } } }, { s: 1, next: { next: { s: 2 } } }, ["/s sensitive", "/next/next/s sensitive"]],
    ["in allOf, anyOf, oneOf", { allOf: [{ properties: { a: secret } }], anyOf: [{ properties: { b: secret } }], oneOf: [{ properties: { c: secret } }] }, { a: 1, b: 1, c: 1 }, ["/a sensitive", "/b sensitive", "/c sensitive"]],
    ["in a branch that does not hold", { anyOf: [{ properties: { a: { type: "string", ...secret } } }, {}] }, { a: 1 }, ["/a sensitive"]],
    ["in if, then and else", { if: { properties: { a: secret } }, then: { properties: { b: secret } }, else: { properties: { c: secret } } }, { a: 1, b: 1, c: 1 }, ["/a sensitive", "/b sensitive", "/c sensitive"]],
    ["in items", { items: { properties: { a: secret } } }, [{ a: 1 }, {}, { a: 2 }], ["/0/a sensitive", "/2/a sensitive"]],
    ["in prefixItems and the items after", { prefixItems: [{}, secret], items: { "x-sensitive": "rest" } }, [1, 2, 3], ["/1 sensitive", "/2 rest"]],
    ["in additionalProperties", { properties: { a: {} }, additionalProperties: secret }, { a: 1, "b/c": 2 }, ["/b~1c sensitive"]],
    ["in patternProperties", { patternProperties: { "mail$": { "x-sensitive": "email" } } }, { a: 1, my_mail: 2 }, ["/my_mail email"]],
    ["in draft-07 items and definitions", { $schema: "http://json-schema.org/draft-07/schema#", items: [secret], additionalItems: { $ref: "#/definitions/s" }, definitions: { s: secret } }, [1, 2], ["/0 sensitive", "/1 sensitive"]],
    ["of the whole document", secret, "x", [" sensitive"]],
    ["in values that are wrong", { properties: { a: { type: "string", ...secret } } }, { a: 1 }, ["/a sensitive"]],
  ])("%s", (_, schema, value, expected) => {
    expect(kinds(schema, value)).toEqual(expected);
  }); // prettier-ignore
});

test("undeclared properties of an open schema are told, not refused", () => {
  const schema = compileSchema({ properties: { a: { properties: { b: {} } }, free: { type: "object" } } });
  const value = { a: { b: 1, c: 2 }, d: 3, free: { e: 4 } };
  expect(schema.validate(value)).toEqual([]);
  expect(schema.undeclared(value)).toEqual(["/a/c", "/d"]);
});

describe("any JSON value", () => {
  const source = {
    type: "object",
    properties: { a: { $ref: "#/$defs/n" }, b: { items: { $ref: "#/$defs/n" }, uniqueItems: true }, s: { type: "string", pattern: "^\\S+$", "x-sensitive": true } },
    patternProperties: { "^_": { type: "number" } },
    anyOf: [{ required: ["a"] }, { required: ["b"] }, {}],
    $defs: { n: { type: ["object", "number", "null"], properties: { n: { $ref: "#/$defs/n" } }, minProperties: 1 } },
  }; // prettier-ignore

  test("is answered without an exception, as plain ajv answers", () => {
    const schema = compileSchema(source);
    const { "x-sensitive": _, ...s } = source.properties.s;
    const reference = new Ajv2020({ strict: false, ownProperties: true }).compile({ ...source, properties: { ...source.properties, s } });
    const key = fc.constantFrom("a", "b", "n", "s", "_x", "__proto__", "constructor", "");
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, fc.jsonValue({ maxDepth: 1 }), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(key, tie("value"), { maxKeys: 4 })),
    }));
    fc.assert(
      fc.property(value as fc.Arbitrary<Json>, (generated) => {
        const sample = JSON.parse(JSON.stringify(generated)) as Json; // Objects without a prototype come from no JSON text.
        expect(schema.validate(sample).length === 0).toBe(reference(sample));
        schema.sensitive(sample);
        schema.undeclared(sample);
      }),
      { numRuns: 1_000 },
    );
  }); // prettier-ignore
});

describe("a schema may be written in zod", () => {
  test("and is checked as JSON Schema, closed", () => {
    const schema = schemaOf(z.object({ id: z.string().min(2), mail: z.email().optional(), n: z.int().default(3) }), {
      closed: true,
    });
    expect(schema.validate({ id: "ab", n: 1 })).toEqual([]);
    expect(schema.validate({ id: "a", mail: "x", extra: 1 }).map(({ pointer }) => pointer)).toEqual([
      "/n",
      "/extra",
      "/id",
      "/mail",
    ]);
  });

  test("its own checks run too", () => {
    const schema = schemaOf(
      z.object({ a: z.array(z.object({ b: z.string().refine((v) => v !== "no", "must not be no") })) }),
    );
    expect(schema.validate({ a: [{ b: "yes" }, { b: "no" }] })).toEqual([
      { pointer: "/a/1/b", message: "must not be no" },
    ]);
  });

  test("asynchronous checks cannot be used, and fail closed", () => {
    expect(schemaOf(z.string().refine(async () => true)).validate("a")).toHaveLength(1);
  });

  test.each([
    ["names and formats of zod's own", z.object({ a: z.uuid(), b: z.cuid2(), c: z.base64(), d: z.iso.datetime(), e: z.jwt(), f: z.url(), g: z.ipv4(), h: z.record(z.string(), z.number()), i: z.tuple([z.string()]), j: z.discriminatedUnion("k", [z.object({ k: z.literal("x") })]), l: z.string().meta({ id: "L" }), m: z.iso.time(), n: z.iso.duration() })],
  ])("%s are understood", (_, schema) => {
    expect(() => schemaOf(schema)).not.toThrow();
  }); // prettier-ignore

  test("what JSON Schema cannot express is refused", () => {
    expect(() => schemaOf(z.string().transform(Number))).toThrow("This zod schema has no JSON Schema");
    expect(() => schemaOf(z.date())).toThrow("This zod schema has no JSON Schema");
  });

  test("other vendors say their JSON Schema themselves, or are refused", () => {
    const standard = { version: 1, vendor: "acme", validate: (value: unknown) => ({ value }) } as const;
    expect(() => toJsonSchema({ "~standard": standard })).toThrow("This acme schema cannot say its JSON Schema");
    const able = { "~standard": { ...standard, jsonSchema: { output: () => ({ type: "string" }) } } };
    expect(schemaOf(able).validate(1)).toHaveLength(1);
    expect(() => toJsonSchema("string" as never)).toThrow(TypeError);
  });
});

test("types flow from schemas", () => {
  const shape = { type: "object", required: ["a", "k"], properties: { a: { type: "string" }, b: { type: "array", items: { type: "integer" } }, k: { enum: ["x", "y"] }, n: { type: ["string", "null"] } } } as const; // prettier-ignore
  const value: Infer<typeof shape> = { a: "1", b: [1], k: "x", n: null };
  // @ts-expect-error a is required
  const missing: Infer<typeof shape> = { k: "x" };
  // @ts-expect-error z is not in the enum
  const wrong: Infer<typeof shape> = { a: "", k: "z" };
  const account = z.object({ plan: z.enum(["free", "pro"]) });
  const typed: Infer<typeof account> = { plan: "pro" };
  const loose: Infer<JsonObject> = [1];
  expect([value, missing, wrong, typed, loose]).toHaveLength(5);
});
