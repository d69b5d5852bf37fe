import { expect, test } from "vitest";
import { CRASH_POINTS } from "../../src/testing/crash/crash-at.ts";
import { NAMED_KILLS, crashScenario, killsInAll } from "./scenario.ts";

test("a kill is placed at every named point", () => {
  expect(new Set(NAMED_KILLS.map((at) => at.split(":")[0]))).toEqual(new Set(CRASH_POINTS));
});

test("killed at every named point and 20 times at random, under a failing model and desk, the server loses nothing, does nothing twice and shows nothing", async () => {
  const seed = Date.now() % 100_000;
  const report = await crashScenario({ kills: 20, seed, say: () => {} });
  expect(report, `npm run crash -- --kills 20 --seed ${seed}`).toMatchObject({
    kills: killsInAll(20),
    problems: [],
    unreached: [],
  });
  expect(report.accepted).toBe(report.sent);
  expect(report.effects).toBeGreaterThan(10);
}, 600_000);
