import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inert, inertPieces } from "./inert.ts";

/** What Unicode calls controls, formats and separators of lines; of these, what only makes room or shapes letters may stay. */
const ACTS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const HARMLESS: readonly (readonly [number, number])[] = [
  [0x09, 0x0a],
  [0x200c, 0x200d],
  [0x0600, 0x0605],
  [0x06dd, 0x06dd],
  [0x070f, 0x070f],
  [0x0890, 0x0891],
  [0x08e2, 0x08e2],
  [0x110bd, 0x110cd],
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
];

function isHarmless(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return HARMLESS.some(([from, to]) => code >= from && code <= to);
}

describe("inert text", () => {
  test("keeps what is only shown as it is", () => {
    for (const text of [
      "",
      "Hello",
      "<script>alert(1)</script>",
      "زبان",
      "می\u200cخواهم",
      "👩\u200d🚒",
      "日本語",
      "a\tb\nc",
    ])
      expect(inert(text)).toBe(text);
  });

  test("shows a terminal's codes, direction overrides and hidden characters by their names", () => {
    expect(inert("\u001b[31mred")).toBe("⟨ESC⟩[31mred");
    expect(inert("invoice\u202Efdp.exe")).toBe("invoice⟨U+202E⟩fdp.exe");
    expect(inert("a\u200bb\ufeffc\u0000")).toBe("a⟨U+200B⟩b⟨U+FEFF⟩c⟨U+0000⟩");
    expect(inert("\u{e0041}")).toBe("⟨U+E0041⟩");
    expect(inert("\r")).toBe("⟨U+000D⟩");
  });

  test("leaves nothing that acts, whatever the text, and loses nothing", () => {
    const character = fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom(
        "\u202e",
        "\u2066",
        "\u001b",
        "\u0007",
        "\u2028",
        "\u00ad",
        "\ufff9",
        "\u{e007f}",
        "\n",
        "\t",
        "a",
      ),
    );
    fc.assert(
      fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
        const text = characters.join("");
        const pieces = inertPieces(text);
        const shown = pieces.map((piece) => ("text" in piece ? piece.text : "")).join("");
        expect([...shown.matchAll(ACTS)].filter(([found]) => !isHarmless(found))).toEqual([]);
        const codes = pieces.filter((piece) => "code" in piece).length;
        expect([...shown].length + codes).toBe([...text].length);
      }),
    );
  });
});
