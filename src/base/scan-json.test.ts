import fc from "fast-check";
import { expect, test } from "vitest";
import { duplicateKeys, scanJson } from "./scan-json.ts";

const duplicates = (text: string): string[] => duplicateKeys(text, JSON.parse(text)).map(({ pointer }) => pointer);

test.each([
  ['{"a":1,"a":1}', ["/a"]],
  ['{"a":{"b":1,"c":[{"d":1,"d":2}]}}', ["/a/c/0/d"]],
  ['{"a":1,"\\u0061":2}', ["/a"]],
  ['{"__proto__":1,"__proto__":2}', ["/__proto__"]],
  ['{"a":1,"a":1,"a":1}', ["/a", "/a"]],
  ['{"a":":","b":"\\\\","c":"\\":\\"","":{"a":1}}', []],
])("a key that occurs twice in one object is found: %s", (text, pointers) => {
  expect(duplicates(text)).toEqual(pointers);
});

test("no document without one is blamed, however it is written", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 3), (value, indent) => {
      expect(duplicates(JSON.stringify(value, null, indent))).toEqual([]);
    }),
  );
});

test("any member written twice is found at its place", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
      const members = Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
      const text = `{${[...members, members[0]].join(",")}}`;
      expect(duplicateKeys(text, JSON.parse(text))).toHaveLength(1);
    }),
  );
});

test("all that a parser swallows is named, each by its code", () => {
  const text = '{"a":1e999,"b":"\\ud800","__proto__":9007199254740993}';
  expect(scanJson(text).map(({ code, pointer }) => [code, pointer])).toEqual([
    ["number_range", "/a"],
    ["broken_text", "/b"],
    ["forbidden_key", "/__proto__"],
    ["number_range", "/__proto__"],
  ]);
});
