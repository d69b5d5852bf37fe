import { describe, expect, test } from "vitest";
import { schemaRows } from "./schema-rows.ts";

const brief = (schema: unknown): string[] =>
  schemaRows(schema).rows.map(
    ({ path, type, required, constraints }) =>
      `${path}${required ? "" : "?"}: ${type}${constraints.length === 0 ? "" : ` (${constraints.join("; ")})`}`,
  );

describe("a schema as rows", () => {
  test("has each field before those within it, with what is required, and limits in words", () => {
    expect(
      brief({
        type: "object",
        required: ["ticket"],
        properties: {
          ticket: {
            type: "object",
            required: ["id"],
            additionalProperties: false,
            properties: { id: { type: "string", minLength: 1, maxLength: 9 }, at: { type: "string", format: "date" } },
          },
          score: { type: ["number", "null"], minimum: 0, exclusiveMaximum: 1 },
        },
      }),
    ).toEqual([
      "ticket: object (no other field)",
      "ticket.id: string (not empty; at most 9 characters)",
      "ticket.at?: string (date)",
      "score?: number or null (≥ 0; < 1)",
    ]);
  });

  test("shows values that are allowed, lists with the fields of their items, and forms to choose from", () => {
    expect(
      brief({
        properties: {
          kind: { enum: ["a", "b", null] },
          event: { const: "ticket" },
          tags: { type: "array", items: { type: "string", maxLength: 20 }, maxItems: 3 },
          lines: { type: "array", items: { required: ["n"], properties: { n: { type: "integer" } } } },
          to: { oneOf: [{ type: "string" }, { properties: { id: { type: "string" } } }] },
          pair: { prefixItems: [{ type: "string" }, { type: "number" }] },
        },
      }),
    ).toEqual([
      "kind?: one of these (a · b · null)",
      "event?: one value (ticket)",
      "tags?: list of string (at most 3 items; each: at most 20 characters)",
      "lines?: list of object",
      "lines[].n: integer",
      "to?: one of 2 forms",
      "to.<1>?: string",
      "to.<2>?: object",
      "to.<2>.id?: string",
      "pair?: list",
      "pair[0]: string",
      "pair[1]: number",
    ]);
  });

  test("follows references and takes the parts of allOf together", () => {
    expect(
      brief({
        $defs: { money: { type: "object", required: ["amount"], properties: { amount: { type: "number" } } } },
        allOf: [{ required: ["paid"], properties: { paid: { $ref: "#/$defs/money" } } }],
        properties: { note: { type: "string" } },
      }),
    ).toEqual(["paid: object", "paid.amount: number", "note?: string"]);
  });

  test("names a circle once instead of going round", () => {
    expect(
      brief({
        $defs: {
          node: {
            type: "object",
            properties: { name: { type: "string" }, next: { $ref: "#/$defs/node" }, all: { items: { $ref: "#" } } },
          },
        },
        properties: { tree: { $ref: "#/$defs/node" } },
      }),
    ).toEqual([
      "tree?: object",
      "tree.name?: string",
      "tree.next?: same as tree",
      "tree.all?: list of the same as the whole",
    ]);
  });

  test("ends, and says so, where a small schema unfolds to a huge one", () => {
    const $defs: Record<string, unknown> = { d0: { type: "string" } };
    for (let n = 1; n < 30; n++)
      $defs[`d${n}`] = { properties: { a: { $ref: `#/$defs/d${n - 1}` }, b: { $ref: `#/$defs/d${n - 1}` } } };
    const { rows, cut } = schemaRows({ $defs, $ref: "#/$defs/d29" });
    expect(cut).toBe(true);
    expect(rows.length).toBeLessThanOrEqual(2_000);
  });

  test("marks what is sensitive, and shows a schema of no object as one value", () => {
    expect(schemaRows({ properties: { mail: { type: "string", "x-sensitive": "email" } } }).rows[0]?.sensitive).toBe(
      "email",
    );
    expect(brief({ type: "string", pattern: "^a" })).toEqual(["value: string (like ^a)"]);
    expect(brief(true)).toEqual(["value: anything"]);
    expect(brief({ type: "array", items: { type: "string" } })).toEqual(["value: list of string"]);
  });
});
