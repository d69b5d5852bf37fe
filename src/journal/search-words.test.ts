import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { askedWords, searchWords } from "./search-words.ts";

const asked = (question: string): string[] => askedWords(question).map(({ text }) => text);
const finds = (question: string, text: string): boolean => {
  const words = searchWords([text]);
  return askedWords(question).every(({ text: beginning, whole }) =>
    words.some((word) => (whole ? word === beginning : word.startsWith(beginning))),
  );
};

describe("the words a run is found by", () => {
  test.each([
    ["Charged twice, again!", ["charged", "twice", "again"]],
    ["tkt_9041", ["tkt_9041", "tkt", "9041"]],
    ["run-of-the-mill", ["run-of-the-mill", "run", "of", "the", "mill"]],
    ["_private_ -x-", ["private", "x"]],
    ["Müller ÉTÉ Straße ﬁn", ["muller", "ete", "strasse", "fin"]],
    ["İstanbul ISTANBUL", ["istanbul"]],
    ["二重請求", ["二重", "重請", "請求", "求"]],
    ["A社のinvoice_7", ["a", "社の", "の", "invoice_7", "invoice", "7"]],
    ["カード", ["カー", "ード", "ド"]],
    ["한국어 문장", ["한국어", "문장"]],
    ["हिन्दी पाठ", ["हिन्दी", "पाठ"]],
    ["a [redacted:email:AAAAAAAAAAAAAAAAAAAAAA] b", ["a", "b"]],
    ["🙂 … !", []],
  ])("%s", (text, words) => {
    expect(searchWords([text])).toEqual(words);
  });

  test("are those of all scalars of a value, not of its names", () => {
    expect(searchWords([{ name: ["x", 12, true, null, { inner: "y" }] }, 3])).toEqual(["x", "12", "y", "3"]);
  });

  test("are cut where they are endless, and so is the question", () => {
    const long = "x".repeat(500);
    expect(searchWords([long])).toEqual(["x".repeat(64)]);
    expect(asked(long)).toEqual(["x".repeat(64)]);
    expect(searchWords([Array.from({ length: 9_000 }, (_, n) => `w${n}`)]).length).toBeLessThanOrEqual(4_002);
    expect(asked(Array.from({ length: 50 }, (_, n) => `w${n}`).join(" "))).toHaveLength(16);
  });
});

describe("the words of a question", () => {
  test.each([
    ["tkt_9041", ["tkt_9041"]],
    ["charged TWICE charged", ["charged", "twice"]],
    ["請求さ", ["請求", "求さ"]],
    ["請", ["請"]],
    ['"*()-_', []],
  ])("%s", (question, words) => {
    expect(asked(question)).toEqual(words);
  });

  test("a single letter or digit means itself, a single sign of a script without spaces begins a word", () => {
    expect(askedWords("a 7 請 ab")).toEqual([
      { text: "a", whole: true },
      { text: "7", whole: true },
      { text: "請", whole: false },
      { text: "ab", whole: false },
    ]);
  });
});

describe("whatever is written", () => {
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.lorem());

  test("is found by itself, and by any beginning of a word of two signs or more", () => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, cut) => {
        expect(finds(text, text)).toBe(true);
        for (const word of text.match(/[a-z0-9]{2,}/g) ?? [])
          expect(finds(word.slice(0, 2 + (cut % word.length)), word)).toBe(true);
      }),
    );
  });

  test("becomes words of letters, digits and marks with joints only within: nothing an index has to quote", () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const word of [...searchWords([text]), ...asked(text)])
          expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+(?:[_-]+[\p{L}\p{N}\p{M}]+)*$/u);
      }),
    );
  });
});
