import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inert, inertLine } from "./inert.ts";

describe("text from outside on a terminal", () => {
  test.each([
    ["a colour", "\u001b[31mred\u001b[0m", "red"],
    ["a cleared screen", "a\u001b[2J\u001b[Hb", "ab"],
    ["a window title", "\u001b]0;owned\u0007after", "after"],
    ["a link", "\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["an 8-bit sequence", "\u009b31mred", "red"],
    ["an unfinished title", "before\u001b]0;never ended", "before"],
    ["a lone escape", "a\u001b", "a"],
    ["overwriting", "safe\rEVIL\b\b", "safeEVIL"],
    ["reordering", "user\u202etxt.exe", "usertxt.exe"],
    ["hidden tags", "a\u{e0041}b", "ab"],
    ["zero width", "pass\u200bword", "password"],
    ["a lone surrogate", "a\ud800b", "ab"],
  ])("loses %s", (_what, given, shown) => expect(inert(given)).toBe(shown));

  test("keeps what people write", () => {
    const text = "Grüße,\n\tчерез час 🙂 — ‘ok’ 日本語 العربية";
    expect(inert(text)).toBe(text);
    expect(inertLine(text)).toBe("Grüße, через час 🙂 — ‘ok’ 日本語 العربية");
  });

  test("never contains an escape or a control character, whatever it was", () => {
    const pieces = fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "31m",
      "\u0007",
      "\u009b",
      "\\",
      "a",
      "\r",
      "\n",
      "\u202e",
      ";",
      "P",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(pieces).map((parts) => parts.join("")),
        ),
        (text) => {
          // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
          expect(inert(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        },
      ),
    );
  });
});
