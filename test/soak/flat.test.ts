import { expect, test } from "vitest";
import { flatnessOf, percentilesOf } from "./flat.ts";
import type { Sample } from "./flat.ts";

function samples(change: (minute: number) => Partial<Sample>): Sample[] {
  const quick = { p50: 3, p95: 9, p99: 12 };
  return Array.from({ length: 15 }, (_, minute) => ({
    at: minute * 60,
    life: 1,
    rssMb: 200 + (minute % 2) * 5,
    heapMb: 40,
    handles: 30,
    walMb: 12,
    kbPerRun: 15,
    intake: quick,
    decision: { p50: 300, p95: 900, p99: 1_500 },
    queued: 2,
    ...change(minute),
  }));
}

function growing(change: (minute: number) => Partial<Sample>): string[] {
  return flatnessOf(samples(change))
    .filter(({ flat }) => !flat)
    .map(({ figure }) => figure);
}

test("what goes up and down about one place is flat, and what falls as well", () => {
  expect(growing(() => ({}))).toEqual([]);
  expect(growing((minute) => ({ rssMb: 400 - minute * 10 }))).toEqual([]);
});

test("what grows over the second half is named, however slowly it does so from minute to minute", () => {
  expect(growing((minute) => ({ rssMb: 200 + minute * 8 }))).toEqual(["RSS MB"]);
  expect(growing((minute) => ({ handles: 30 + minute * 2 }))).toEqual(["file handles"]);
  expect(growing((minute) => ({ walMb: 4 * minute }))).toEqual(["WAL MB"]);
  expect(growing((minute) => ({ decision: { p50: 0, p95: 900 + 200 * minute, p99: 0 } }))).toEqual(["event to decision p95 ms"]); // prettier-ignore
});

test("growth that ends with the first half is none", () => {
  expect(growing((minute) => ({ heapMb: Math.min(minute, 6) * 20 }))).toEqual([]);
});

test("a figure that was never there is not flat", () => {
  expect(growing(() => ({ intake: percentilesOf([]) }))).toEqual(["intake p95 ms"]);
});

test("percentiles are of the numbers, in whatever order", () => {
  expect(percentilesOf([5, 1, 4, 2, 3])).toEqual({ p50: 3, p95: 5, p99: 5 });
});
