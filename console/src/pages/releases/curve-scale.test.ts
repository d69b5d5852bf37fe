import { describe, expect, test } from "vitest";
import { bandPath, linePath, nearest, scaleOf } from "./curve-scale.ts";
import type { Point } from "./curve-scale.ts";

function point(value: number, automated: number, accuracy: number | null): Point {
  const measured = (share: number | null) => ({
    value: share,
    interval: share === null ? null : { low: share - 0.1, high: share + 0.1 },
    hits: 0,
    cases: 10,
  });
  return { value, automation: measured(automated), accuracy: measured(accuracy) };
}

const POINTS = [point(0.5, 0.8, 0.6), point(0.75, 0.5, 0.8), point(1, 0.1, null)];

describe("the curve of a threshold", () => {
  test("is drawn from the lowest threshold at the left to the highest at the right", () => {
    const scale = scaleOf(POINTS, 200, 100);
    expect(linePath(POINTS, "automation", scale)).toBe("M0 20L100 50L200 90");
  });

  test("breaks off where nothing could be measured", () => {
    expect(linePath(POINTS, "accuracy", scaleOf(POINTS, 200, 100))).toBe("M0 40L100 20");
    const holed = [point(0, 0, 0.5), point(1, 0, null), point(2, 0, 0.5)];
    expect(linePath(holed, "accuracy", scaleOf(holed, 100, 100))).toBe("M0 50M100 50");
  });

  test("has a band from the lower to the upper bounds", () => {
    expect(bandPath(POINTS, "accuracy", scaleOf(POINTS, 200, 100))).toBe("M0 30L100 10L100 30L0 50Z");
    expect(bandPath([point(1, 0, null)], "accuracy", scaleOf(POINTS, 200, 100))).toBe("");
  });

  test("answers for a threshold between two points with the closer one", () => {
    expect(nearest(POINTS, 0.7).value).toBe(0.75);
    expect(nearest(POINTS, 0.1).value).toBe(0.5);
  });
});
