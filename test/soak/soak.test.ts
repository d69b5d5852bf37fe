import { expect, test } from "vitest";
import { flatnessOf } from "./flat.ts";
import type { Sample } from "./flat.ts";
import { soak } from "./soak.ts";

test("half a minute of mixed load with kills gives every figure, and nothing goes wrong", async () => {
  const told: Sample[] = [];
  const report = await soak({ minutes: 0.5, rate: 5, seed: 3, sampleEvery: 2, tell: (sample) => told.push(sample) });
  expect(report.wrong).toEqual([]);
  expect(report.kills).toBe(4);
  expect(report.events).toBeGreaterThan(20);
  expect(report.samples).toEqual(told);
  expect(told.length).toBeGreaterThan(2);
  // Whether it is flat is for a longer one to say, and how quick it is for a quiet machine.
  for (const { figure, from, to } of flatnessOf(told))
    if (!figure.endsWith(" ms")) expect([from, to].every(Number.isFinite), figure).toBe(true);
}, 180_000);
