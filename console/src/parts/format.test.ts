import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ago, count, dateTime, duration, plural, usd, words } from "./format.ts";

describe("formats", () => {
  test.each([
    [0, "0 ms"],
    [0.41, "0.4 ms"],
    [820, "820 ms"],
    [1_640, "1.64 s"],
    [9_999, "10.00 s"],
    [32_100, "32.1 s"],
    [60_000, "1 min"],
    [185_000, "3 min 5 s"],
    [7_800_000, "2 h 10 min"],
    [356_400_000, "4 d 3 h"],
  ])("a duration of %d ms reads %s", (ms, text) => expect(duration(ms)).toBe(text));

  test("a duration never shows sixty of a unit that has a bigger one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 10 ** 10 }), (ms) => {
        expect(duration(ms)).not.toMatch(/\b60 (s|min)\b|\b24 h\b/);
      }),
    );
  });

  test.each([
    [null, "unknown"],
    [0, "$0"],
    [0.000_123_4, "$0.00012"],
    [0.05, "$0.05"],
    [12.345, "$12.35"],
    [1_234.5, "$1235"],
  ])("a cost of %s reads %s", (amount, text) => expect(usd(amount)).toBe(text));

  test("counts have separators, and one is not plural", () => {
    expect([count(12_480), plural(1, "run"), plural(2_000, "run"), plural(0, "reply", "replies")]).toEqual([
      "12,480",
      "1 run",
      "2,000 runs",
      "0 replies",
    ]);
  });

  test("a moment is shown in the zone that was asked for, over the change to summer time too", () => {
    expect(dateTime("2026-03-29T00:59:59Z", "Europe/Berlin")).toBe("2026-03-29 01:59:59");
    expect(dateTime("2026-03-29T01:00:00.042Z", "Europe/Berlin", true)).toBe("2026-03-29 03:00:00.042");
    expect(dateTime("2026-05-29T14:22:10Z", "UTC")).toBe("2026-05-29 14:22:10");
    expect(dateTime("2026-05-29T00:00:00Z", "UTC")).toBe("2026-05-29 00:00:00");
  });

  test("how long ago is coarse, and the future is told from the past", () => {
    const now = Date.parse("2026-05-29T14:00:00Z");
    expect(
      [now - 500, now - 12_000, now - 180_000, now + 3 * 3_600_000, now - 5 * 86_400_000].map((at) => ago(at, now)),
    ).toEqual(["just now", "12 s ago", "3 min ago", "in 3 h", "5 d ago"]);
  });

  test("a code reads as words", () => expect(words("low_confidence")).toBe("low confidence"));
});
