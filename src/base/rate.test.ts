import { expect, test } from "vitest";
import { formatRate, parseRate } from "./rate.ts";

test.each([
  ["60/min", 60],
  ["2/s", 120],
  ["30/h", 0.5],
  [" 1.5 / m ", 1.5],
])("%j is %d a minute", (text, perMinute) => {
  expect(parseRate(text)).toBe(perMinute);
});

test.each(["", "60", "60/day", "-1/min", "/min", "1e3/min", "0/min", "2000/s", "60/min/min"])(
  "%j is no rate, and the message says how to write one",
  (text) => {
    expect(() => parseRate(text)).toThrow(RangeError);
    expect(() => parseRate(text)).toThrow(/rate/);
  },
);

test.each(["60/min", "120/min", "30/h", "1.5/min"])("%s is written as it is read", (text) => {
  expect(formatRate(parseRate(text))).toBe(text);
});
