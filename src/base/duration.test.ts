import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["250ms", 250],
  ["20s", 20_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["2d", 172_800_000],
  [0, 0],
  [1_500, 1_500],
  [1.5, 2],
  ["0.3ms", 0],
  ["1000000d", 86_400_000_000_000],
])("%s is %d milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  "",
  "20",
  "20 s",
  "1h-5m",
  "h",
  "5w",
  "1e3s",
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e15,
  "1000001d",
  null,
  undefined,
  {},
  [4],
])("%s is no duration", (text) => {
  expect(() => parseDuration(text as string)).toThrow(RangeError);
});

test("durations are written for people", () => {
  expect([350, 2_100, 240_000, 12_600_000, 129_600_000].map(formatDuration)).toEqual([
    "350 ms",
    "2.1 s",
    "4 min",
    "3.5 h",
    "1.5 d",
  ]);
});
