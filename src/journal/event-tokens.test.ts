import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import { LONGEST_VALUE, TOKEN_BYTES, eventTokens, waitTokens } from "./event-tokens.ts";
import type { Scalar, Where } from "./event-tokens.ts";
import { createKeyring } from "./keyring.ts";

const keyring = createKeyring(new Uint8Array(32).fill(7));

function split(tokens: Uint8Array): string[] {
  const count = tokens.length / TOKEN_BYTES;
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(tokens.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES)).toString("hex"),
  );
}

/** Whether a wait under these conditions finds this event. */
function finds(event: JsonObject, where: Where, of: { type?: string; version?: number | null } = {}): boolean {
  const { type = "paid", version = null } = of;
  const held = new Set(split(eventTokens(keyring, "paid", [{ version: null, event }])));
  return split(waitTokens(keyring, type, version, where)).every((token) => held.has(token));
}

function leaves(value: Json, path: string, found: [string, Scalar][]): [string, Scalar][] {
  if (Array.isArray(value) || isObject(value)) {
    for (const [name, child] of Object.entries(value))
      if (!name.includes(".")) leaves(child, path === "" ? name : `${path}.${name}`, found);
  } else found.push([path, value]);
  return found;
}

const events = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 6 }),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  { maxKeys: 6 },
);

describe("a wait", () => {
  test("finds an event by each of its values, and by all of them together", () => {
    fc.assert(
      fc.property(events, (event) => {
        const all = leaves(event, "", []).slice(0, 200);
        for (const [path, value] of all) expect(finds(event, { [path]: value })).toBe(true);
        expect(finds(event, Object.fromEntries(all))).toBe(true);
      }),
    );
  });

  test("does not find it by any other value at the same path, nor by the same one at another", () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(events, scalar, fc.string({ minLength: 1 }), (event, other, name) => {
        for (const [path, value] of leaves(event, "", [])) {
          if (!Object.is(value, other) && value !== other) expect(finds(event, { [path]: other })).toBe(false);
          const elsewhere = `${path}.${name}`;
          expect(finds(event, { [elsewhere]: value })).toBe(false);
        }
      }),
    );
  });

  test("tells types of values apart as JSON does", () => {
    const event = { one: 1, text: "1", yes: true, none: null, zero: 0 };
    expect(finds(event, { one: 1.0, text: "1", yes: true, none: null, zero: -0 })).toBe(true);
    for (const where of [
      { one: "1" },
      { text: 1 },
      { yes: "true" },
      { none: "null" },
      { none: 0 },
      { zero: false },
      { absent: null },
    ])
      expect(finds(event, where)).toBe(false);
  });

  test("of another type, or in another version, finds nothing", () => {
    expect(finds({ a: 1 }, { a: 1 })).toBe(true);
    expect(finds({ a: 1 }, {}, { type: "refunded" })).toBe(false);
    expect(finds({ a: 1 }, { a: 1 }, { type: "refunded" })).toBe(false);
    expect(finds({ a: 1 }, { a: 1 }, { version: 1 })).toBe(false);
  });

  test("reaches into lists by number", () => {
    expect(finds({ lines: [{ sku: "a" }, { sku: "b" }] }, { "lines.1.sku": "b" })).toBe(true);
    expect(finds({ lines: [{ sku: "a" }, { sku: "b" }] }, { "lines.0.sku": "b" })).toBe(false);
  });
});

describe("what an event is found by", () => {
  test("says nothing of its values to who has not the key, and differs with the key", () => {
    const event = { email: "ada@example.com" };
    const mine = eventTokens(keyring, "paid", [{ version: null, event }]);
    expect(Buffer.from(mine).toString("latin1")).not.toContain("ada");
    const other = eventTokens(createKeyring(new Uint8Array(32).fill(8)), "paid", [{ version: null, event }]);
    expect(split(other)).not.toEqual(split(mine));
  });

  test("is bounded: what lies deep or in lists is left out first", () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => ({ sku: `s${i}` }));
    const wide = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`k${i}`, i]));
    const event = { lines, wide: { deep: wide }, order: { id: "o1" }, note: "x".repeat(LONGEST_VALUE + 1) };
    const tokens = eventTokens(keyring, "paid", [{ version: null, event }]);
    expect(tokens.length / TOKEN_BYTES).toBe(257);
    expect(finds(event, { "order.id": "o1", "wide.deep.k149": 149, "lines.3.sku": "s3" })).toBe(true);
    expect(finds(event, { "lines.1999.sku": "s1999" })).toBe(false);
    expect(finds(event, { note: event.note })).toBe(false);
  });
});
