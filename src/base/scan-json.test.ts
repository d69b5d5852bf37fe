import fc from "fast-check";
import { expect, test } from "vitest";
import { duplicateKeys, roundedIntegers, scanJson } from "./scan-json.ts";

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

test("a number that is read as another one is named, whatever the way it is lost", () => {
  const numbers = (texts: string[]): string[] => texts.filter((text) => scanJson(`[${text}]`).length > 0);
  const lost = [
    "9007199254740993",
    "-9007199254740992",
    "1e400",
    "-1e400",
    "1e-400",
    "0.74999999999999999999",
    "1.000000000000000005",
    "9007199254740993.0",
    "100000000000000000000",
  ];
  expect(numbers(lost)).toEqual(lost);
  const kept = [
    "0",
    "-0",
    "-0.0",
    "0e99999",
    "0.1",
    "-0.10",
    "1.0",
    "1E6",
    "1e+2",
    "100e-2",
    "123.456789",
    "9007199254740991",
    "1e300",
    "5e-324",
    "0.30000000000000004",
    "12345.6789e-3",
  ];
  expect(numbers(kept)).toEqual([]);
});

test("every number that a program wrote is kept", () => {
  const written = (value: number): string[] => [
    JSON.stringify(value),
    value.toExponential(),
    value.toExponential().toUpperCase(),
  ];
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const texts = Number.isInteger(value) && !Number.isSafeInteger(value) ? [value.toExponential()] : written(value);
      for (const text of texts) expect(scanJson(`{"a":${text}}`), text).toEqual([]);
    }),
  );
});

test("of a document from outside only the whole numbers that changed are named: a fraction is a measure", () => {
  const text =
    '{"id":9007199254740993,"at":[0.30000000000000000001,1e300,9007199254740991],"n":{"m":-18014398509481985}}';
  expect(roundedIntegers(text, JSON.parse(text)).map(({ pointer }) => pointer)).toEqual(["/id", "/n/m"]);
});
