import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, elsewhere, lineOf } from "./places.ts";

const TEXT = `{
  "type": "object",
  "properties": {
    "a/b": { "type": "string" },
    "list": [
      1,
      { "enum": ["x, y", "\\"}"] }
    ]
  }
}`;

describe("the line of a place in JSON text", () => {
  test("is that of the value the pointer leads to", () => {
    expect(lineOf(TEXT, "")).toBe(1);
    expect(lineOf(TEXT, "/properties")).toBe(3);
    expect(lineOf(TEXT, "/properties/a~1b/type")).toBe(4);
    expect(lineOf(TEXT, "/properties/list/1/enum/1")).toBe(7);
    expect(lineOf(TEXT, "/properties/list/1")).toBe(7);
  });

  test("is not known of a place that is not there", () => {
    expect(lineOf(TEXT, "/properties/none")).toBe(null);
    expect(lineOf(TEXT, "/type/further")).toBe(null);
    expect(lineOf("{}", "/a")).toBe(null);
  });

  test("is found for every place of any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 2);
        for (const [pointer, each] of placesIn(value, "")) {
          const line = lineOf(text, pointer);
          expect(line).not.toBe(null);
          const begins = JSON.stringify(each, null, 2).split("\n")[0] ?? "";
          expect(text.split("\n")[(line ?? 0) - 1]).toContain(begins);
        }
      }),
    );
  });
});

function placesIn(value: unknown, pointer: string): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[pointer, value]];
  const inner = Object.entries(value).flatMap(([name, each]) =>
    placesIn(each, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
  return [[pointer, value], ...inner];
}

describe("mistakes", () => {
  const all = [
    { pointer: "/messages/1/content", message: "a" },
    { pointer: "/messages/10", message: "b" },
    { pointer: "/owner", message: "c" },
  ];

  test("belong to the place they are at or below, and to no other that begins alike", () => {
    expect(at(all, "/messages/1").map(({ message }) => message)).toEqual(["a"]);
  });

  test("that have no place of their own are left over", () => {
    expect(elsewhere(all, ["/messages/1", "/messages/10"]).map(({ message }) => message)).toEqual(["c"]);
  });
});
