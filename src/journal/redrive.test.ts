import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextStep } from "./redrive.ts";
import type { Redrive, RedrivePlan, RedriveStanding } from "./redrive.ts";

const NOW = 1_000_000;

function standing(
  counts: Partial<Pick<Redrive, "total" | "redriven" | "refused" | "wentOn" | "waits" | "died" | "nextAt">>,
  plan: Partial<RedrivePlan> = {},
  moving = 0,
): RedriveStanding {
  const redrive: Redrive = {
    redriveId: "rdv_1",
    state: "running",
    why: null,
    plan: { filter: {}, canary: 0, perMinute: null, stopRate: null, minSample: 10, release: null, ...plan },
    by: "kim",
    reason: "mended",
    createdAt: NOW,
    endedAt: null,
    endedBy: null,
    nextAt: NOW,
    total: 100,
    redriven: 0,
    refused: 0,
    wentOn: 0,
    waits: 0,
    died: 0,
    ...counts,
  };
  return { redrive, moving, resting: 0 };
}

describe("a canary", () => {
  test("goes first, and the others wait until each of it came to something", () => {
    expect(nextStep(standing({}, { canary: 5 }), NOW)).toMatchObject({ do: "redrive", count: 5 });
    expect(nextStep(standing({ redriven: 5, wentOn: 3 }, { canary: 5 }, 2), NOW)).toEqual({ do: "wait" });
    expect(nextStep(standing({ redriven: 5, wentOn: 3, waits: 2 }, { canary: 5 }), NOW).do).toBe("redrive");
  });

  test("stops the redrive with its first death, unless a share of deaths was allowed", () => {
    const died = { redriven: 5, wentOn: 1, died: 1 };
    expect(nextStep(standing(died, { canary: 5 }, 3), NOW)).toEqual({
      do: "stop",
      why: "1 of the 5 runs that went first died again.",
    });
    expect(nextStep(standing(died, { canary: 5, stopRate: 0.3 }, 3), NOW)).toEqual({ do: "wait" });
    expect(nextStep(standing({ ...died, died: 2 }, { canary: 5, stopRate: 0.3 }, 2), NOW).do).toBe("stop");
  });

  test("counts runs in, whose place was taken by a refused one", () => {
    expect(nextStep(standing({ redriven: 3, refused: 2 }, { canary: 5 }), NOW)).toMatchObject({ count: 2 });
  });
});

describe("the stop rule", () => {
  test("needs its sample, and stops at the share", () => {
    expect(nextStep(standing({ redriven: 9, wentOn: 4, died: 5 }), NOW).do).toBe("redrive");
    expect(nextStep(standing({ redriven: 10, wentOn: 8, died: 2 }), NOW)).toEqual({
      do: "stop",
      why: "2 of 10 redriven runs died again: 20 %, and it stops at 20 %.",
    });
    expect(nextStep(standing({ redriven: 11, wentOn: 9, died: 2 }), NOW).do).toBe("redrive");
    expect(nextStep(standing({ redriven: 20, wentOn: 19, died: 1 }, { stopRate: 0 }), NOW).do).toBe("stop");
    expect(nextStep(standing({ redriven: 20, waits: 20 }, { stopRate: 0 }), NOW).do).toBe("redrive");
  });
});

describe("a rate", () => {
  test("lets go what is due, a short delay included, and says when the next one is", () => {
    const plan = { perMinute: 60 };
    expect(nextStep(standing({}, plan), NOW)).toEqual({ do: "redrive", count: 1, nextAt: NOW + 1_000 });
    expect(nextStep(standing({ nextAt: NOW + 1 }, plan), NOW)).toEqual({ do: "wait" });
    expect(nextStep(standing({ nextAt: NOW - 200 }, { perMinute: 600 }), NOW)).toEqual({
      do: "redrive",
      count: 3,
      nextAt: NOW + 100,
    });
  });

  test("is not made up for after a standstill", () => {
    expect(nextStep(standing({ nextAt: NOW - 3_600_000 }, { perMinute: 60 }), NOW)).toEqual({
      do: "redrive",
      count: 1,
      nextAt: NOW + 750,
    });
  });
});

test("is done when nothing is left and nothing is under way; what sleeps is not waited for", () => {
  const all = { total: 3, redriven: 2, refused: 1 };
  expect(nextStep(standing({ ...all, wentOn: 1 }, {}, 1), NOW)).toEqual({ do: "wait" });
  expect(nextStep({ ...standing({ ...all, wentOn: 1 }), resting: 1 }, NOW)).toEqual({ do: "done" });
  expect(nextStep(standing({ total: 0 }), NOW)).toEqual({ do: "done" });
});

test("however it goes: no more are redriven than there are, the canary first and alone, and it comes to an end", () => {
  const plans = fc.record({
    total: fc.integer({ min: 0, max: 300 }),
    canary: fc.integer({ min: 0, max: 20 }),
    perMinute: fc.constantFrom(null, 1, 60, 6_000),
    deaths: fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
  });
  const holds = (): void =>
    fc.assert(
      fc.property(plans, ({ total, canary, perMinute, deaths }) => {
        let now = NOW;
        const state = standing({ total }, { canary, perMinute }).redrive;
        let moving = 0;
        for (let rounds = 0; rounds < 100_000; rounds++) {
          const step = nextStep({ redrive: state, moving, resting: 0 }, now);
          if (step.do === "done") return state.redriven === total && moving === 0;
          if (step.do === "stop") return state.died > 0;
          if (step.do === "redrive") {
            if (step.count < 1) return false;
            if (state.redriven < canary && state.redriven + step.count > canary) return false;
            if (state.redriven >= canary && canary > 0 && state.wentOn + state.died < canary) return false;
            state.redriven += step.count;
            state.nextAt = step.nextAt;
            moving += step.count;
            if (state.redriven > total) return false;
          } else if (moving > 0) {
            moving--;
            if (deaths.next().value === 0) state.died++;
            else state.wentOn++;
          } else now += 1_000;
        }
        return false;
      }),
    );
  expect(holds).not.toThrow();
});
