import { describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { comparePrompts } from "./compare.ts";

const OLD: JsonObject = {
  name: "classifier",
  version: "1",
  model: "local/in-context",
  temperature: 0,
  inputs: ["a"],
  messages: [
    { role: "system", content: "One\nTwo\nThree" },
    { role: "user", content: "{{ a }}" },
  ],
  output_schema: { type: "object", properties: { kind: { enum: ["x", "y"] } } },
  examples: [{ input: { a: "1" }, output: { kind: "x" } }],
};

const compare = (to: JsonObject): ReturnType<typeof comparePrompts> =>
  comparePrompts({ document: OLD }, { document: { ...OLD, version: "2", ...to } });

describe("two versions", () => {
  test("that say the same but for their names are the same", () => {
    expect(compare({})).toMatchObject({ same: true, settings: [], schema: [], messages: [] });
  });

  test("differ in settings by pointer, also in what only one of them has", () => {
    expect(compare({ temperature: 1, limits: { usd: 2 } }).settings).toEqual([
      { pointer: "/temperature", before: 0, after: 1 },
      { pointer: "/limits", before: undefined, after: { usd: 2 } },
    ]);
  });

  test("differ in their schema at the keyword", () => {
    const schema = { type: "object", properties: { kind: { enum: ["x", "y", "z"] } } };
    expect(compare({ output_schema: schema }).schema).toMatchObject([{ pointer: "/properties/kind/enum" }]);
  });

  test("differ in a text line by line; an end of line at its end is no difference of the line", () => {
    const messages = [
      { role: "system", content: "One\nZwei\nThree\nFour\n" },
      { role: "user", content: "{{ a }}" },
    ];
    const [message, ...others] = compare({ messages }).messages;
    expect(others).toEqual([]);
    expect(message?.lines.map(({ op, text }) => `${op} ${text}`)).toEqual([
      "same One",
      "removed Two",
      "added Zwei",
      "same Three",
      "added Four",
    ]);
  });

  test("differ in a message that only one of them has, and in who says it", () => {
    const messages = [
      { role: "user", content: "One\nTwo\nThree" },
      { role: "user", content: "{{ a }}" },
      { role: "user", content: "more" },
    ];
    expect(compare({ messages }).messages.map(({ index, from, to }) => [index, from, to])).toEqual([
      [0, "system", "user"],
      [2, null, "user"],
    ]);
  });

  test("differ in examples by what they say, in whatever order", () => {
    const [first] = OLD["examples"] as JsonObject[];
    const more = { input: { a: "2" }, output: { kind: "y" } };
    const reordered = { output: first?.["output"] as JsonObject, input: first?.["input"] as JsonObject };
    expect(compare({ examples: [more, reordered] }).examples).toEqual({ added: [more], removed: [], kept: 1 });
    expect(compare({ examples: [more] }).examples).toEqual({ added: [more], removed: [first], kept: 0 });
  });

  test("whose texts have nothing in common and are long are compared in time", () => {
    const text = (word: string): string => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}`).join("\n");
    const began = performance.now();
    const from = { document: { ...OLD, messages: [{ role: "user", content: text("a") }] } };
    const to = { document: { ...OLD, messages: [{ role: "user", content: text("b") }] } };
    expect(comparePrompts(from, to).messages[0]?.lines).toHaveLength(40_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
