import { expect, test } from "vitest";
import { isoTime, systemClock } from "./clock.ts";

test("the system's clock goes on while the global one is guarded", () => {
  const real = Date.now;
  const before = Date.now();
  Date.now = () => {
    throw new Error("guarded");
  };
  try {
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  } finally {
    Date.now = real;
  }
});

test("times are written as RFC 3339 in UTC", () => {
  expect(isoTime(1_780_064_530_000)).toBe("2026-05-29T14:22:10.000Z");
});
