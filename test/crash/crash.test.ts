import { expect, test } from "vitest";
import { CRASH_POINTS } from "../../src/testing/crash/crash-at.ts";
import { NAMED_KILLS, crashScenario } from "./scenario.ts";

test("a kill is placed at every named point", () => {
  expect(new Set(NAMED_KILLS.map((at) => at.split(":")[0]))).toEqual(new Set(CRASH_POINTS));
});

test("killed at every named point and 20 times at random, the server loses nothing, does nothing twice and shows nothing", async () => {
  const seed = Date.now() % 100_000;
  const report = await crashScenario({ kills: 20, seed, say: () => {} });
  expect(report, `npm run crash -- --seed ${seed}`).toMatchObject({
    kills: CRASH_POINTS.length + 20,
    lost: [],
    doubled: [],
    stuck: [],
    wrong: [],
  });
  expect(report.accepted).toBe(report.sent);
  expect(report.runs).toBe(report.sent);
  expect(report.escalations).toBeGreaterThan(10);
}, 180_000);
