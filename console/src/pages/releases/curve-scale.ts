import type { ReleaseCurve } from "../../api/schema.gen.ts";

export type Point = ReleaseCurve["points"][number];

/** The point whose threshold is closest to `value`; of two as close the lower one. `points` is not empty. */
export function nearest(points: readonly Point[], value: number): Point {
  return points.reduce((best, each) => (Math.abs(each.value - value) < Math.abs(best.value - value) ? each : best));
}

export interface Scale {
  x(value: number): number;
  y(share: number): number;
  low: number;
  high: number;
}

/** Thresholds to the width, shares of 0 to 1 to the height, y downwards. */
export function scaleOf(points: readonly Point[], width: number, height: number): Scale {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high === low ? 1 : high - low;
  return { low, high, x: (value) => ((value - low) / span) * width, y: (share) => (1 - share) * height };
}

type Measure = "automation" | "accuracy";

/** The line of a measure as an SVG path; it breaks where nothing could be measured. */
export function linePath(points: readonly Point[], measure: Measure, { x, y }: Scale): string {
  let isDrawn = false;
  return points
    .map((point) => {
      const { value } = point[measure];
      if (value === null) {
        isDrawn = false;
        return "";
      }
      const step = `${isDrawn ? "L" : "M"}${at(x(point.value))} ${at(y(value))}`;
      isDrawn = true;
      return step;
    })
    .join("");
}

/** The band of its intervals as a closed SVG path; empty where there is none. */
export function bandPath(points: readonly Point[], measure: Measure, { x, y }: Scale): string {
  const known = points.flatMap((point) => {
    const { interval } = point[measure];
    return interval === null ? [] : [{ value: point.value, ...interval }];
  });
  if (known.length === 0) return "";
  const over = known.map(({ value, high }) => `${at(x(value))} ${at(y(high))}`);
  const under = known.toReversed().map(({ value, low }) => `${at(x(value))} ${at(y(low))}`);
  return `M${[...over, ...under].join("L")}Z`;
}

function at(n: number): string {
  return String(Number(n.toFixed(2)));
}
