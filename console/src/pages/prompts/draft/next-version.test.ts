import { expect, test } from "vitest";
import { nextVersion } from "./next-version.ts";

test("A version is named after the day and counted up over those that are taken", () => {
  const day = new Date("2026-06-01T23:00:00Z");
  expect(nextVersion(["2026-05-29.1"], day)).toBe("2026-06-01.1");
  expect(nextVersion(["2026-06-01.1", "2026-06-01.2"], day)).toBe("2026-06-01.3");
});
