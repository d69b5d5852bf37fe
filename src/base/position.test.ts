import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pointerToken } from "./json.ts";
import { locator, readJson } from "./position.ts";

const at = (text: string, pointer: string): string => {
  const { line, column } = locator(text)(pointer);
  return `${line}:${column}`;
};

describe("a pointer's place", () => {
  const json = '{\n  "a": {"b/c": [1,\n    {"d": 2}]},\n\t"e": null\n}';
  test.each([
    ["", "1:1"],
    ["/a", "2:3"],
    ["/a/b~1c", "2:9"],
    ["/a/b~1c/0", "2:17"],
    ["/a/b~1c/1/d", "3:6"],
    ["/e", "4:2"],
    ["/e/f", "4:2"],
    ["/a/missing", "2:3"],
    ["/missing", "1:1"],
  ])("%s in JSON is %s", (pointer, place) => {
    expect(at(json, pointer)).toBe(place);
  });

  test("is found in YAML", () => {
    const yaml = "name: x\noutput_schema:\n  type: object\n  properties:\n    - a\n    - b: 1\n";
    expect([at(yaml, "/output_schema/type"), at(yaml, "/output_schema/properties/1/b")]).toEqual(["3:3", "6:7"]);
  });

  test("is found in Windows lines, after a byte order mark, and the last of two equal keys", () => {
    expect(at('{\r\n "a": 1,\r\n "b": 2}', "/b")).toBe("3:2");
    expect(at('{"a": 1,\n"a": 2}', "/a")).toBe("2:1");
  });

  test("is somewhere in the text, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.array(fc.string({ maxLength: 3 })), (text, keys) => {
        const { line, column } = locator(text)(keys.map((key) => `/${pointerToken(key)}`).join(""));
        expect(line >= 1 && column >= 1 && line <= text.split(/\n/).length).toBe(true);
      }),
    );
  });
});

describe("a text that is not JSON", () => {
  test.each([
    ["", "1:1 The file is empty; JSON was expected."],
    ["  \n", "2:1 The file is empty; JSON was expected."],
    ['{\n  "a": 1,\n}', '3:1 Not JSON: unexpected "}".'],
    ['{"a" 1}', '1:6 Not JSON: unexpected "1".'],
    ["{'a': 1}", '1:2 Not JSON: unexpected "\'".'],
    ["[1, 2", "1:6 Not JSON: the text ends before the document does."],
    ['{"a": "b\n"}', '1:9 Not JSON: unexpected "\\n".'],
    ['["\\x"]', '1:3 Not JSON: unexpected "\\\\".'],
    ["[01]", '1:2 Not JSON: unexpected "0".'],
    ["[tru]", '1:2 Not JSON: unexpected "t".'],
    ['{"a":1} x', '1:9 Not JSON: unexpected "x".'],
    ["// note\n{}", '1:1 Not JSON: unexpected "/".'],
    ["[1 2]", '1:4 Not JSON: unexpected "2".'],
    ["]", '1:1 Not JSON: unexpected "]".'],
    ["[}", '1:2 Not JSON: unexpected "}".'],
  ])("%j is told with its place", (text, expected) => {
    const read = readJson(text);
    expect("mistake" in read && `${read.mistake.line}:${read.mistake.column} ${read.mistake.message}`).toBe(expected);
  });

  test("is any that JSON.parse refuses, and no other", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      "1",
      "-",
      "true",
      " ",
      "\n",
      '"',
      "\\u00",
      "e5",
      ".",
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 9 }).map((parts) => parts.join("")),
      fc.json(),
    );
    fc.assert(
      fc.property(text, (sample) => {
        let valid = true;
        try {
          JSON.parse(sample);
        } catch {
          valid = false;
        }
        const read = readJson(sample);
        expect("value" in read).toBe(valid);
        if ("mistake" in read) expect(read.mistake.column).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  test("may start with a byte order mark, and may be nested too deeply", () => {
    expect(readJson("\uFEFF{}")).toEqual({ value: {} });
    expect(readJson("[".repeat(200) + "]".repeat(200))).toMatchObject({
      mistake: { message: expect.stringContaining("deeper than 128") },
    });
  });
});
