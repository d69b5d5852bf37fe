import { describe, expect, test } from "vitest";
import type { Json, Run } from "../../api/schema.gen.ts";
import { decidedOf, meanCost } from "./decided.ts";

let made = 0;
function run(decision: Json, cost: number | null = 0): Run {
  return { run_id: `run_${++made}`, decision, cost_usd: cost } as unknown as Run;
}

describe("what runs decided", () => {
  test("is shares of values with their runs, the most frequent first, and the mean of numbers", () => {
    const runs = [
      run({ category: "other", sure: 0.5, vip: true }),
      run(null),
      run({ category: "billing", sure: 1, vip: false }),
      run({ category: "billing", sure: 0.75, vip: false }),
    ];
    const id = (index: number): string => runs[index]?.run_id ?? "";
    expect(decidedOf(runs)).toEqual([
      {
        name: "category",
        kind: "values",
        total: 3,
        values: [
          { value: "billing", runs: [id(2), id(3)] },
          { value: "other", runs: [id(0)] },
        ],
      },
      { name: "sure", kind: "number", total: 3, mean: 0.75 },
      {
        name: "vip",
        kind: "values",
        total: 3,
        values: [
          { value: "false", runs: [id(2), id(3)] },
          { value: "true", runs: [id(0)] },
        ],
      },
    ]);
  });

  test("leaves out text and what is nested", () => {
    const runs = Array.from({ length: 13 }, (_, n) => run({ reason: `because ${n}`, lines: [n], queue: "a" }));
    expect(decidedOf(runs).map(({ name }) => name)).toEqual(["queue"]);
  });

  test("has a mean cost of the runs whose price is known", () => {
    expect(meanCost([run(null, 0.25), run(null, null), run(null, 0.75)])).toEqual({ usd: 0.5, known: 2 });
    expect(meanCost([run(null, null)])).toEqual({ usd: null, known: 0 });
  });
});
