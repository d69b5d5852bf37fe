import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../base/failure.ts";
import type { Reserved } from "../journal/ports.ts";
import { Budget } from "./budget.ts";
import type { Reservation } from "./budget.ts";

const NOTHING = { modelCalls: 0, usd: 0 };

/** What may become of a call that was asked for, or of the process that makes it. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("ask" as const), usd: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
); // prettier-ignore

describe("a run's budget", () => {
  test("is never exceeded: by calls made at once, by their dollars, nor by what nobody knows the end of", () => {
    fc.assert(
      fc.property(
        fc.record({ modelCalls: fc.integer({ min: 0, max: 6 }), usd: fc.integer({ min: 1, max: 100 }) }),
        fc.array(step, { maxLength: 60 }),
        (limit, steps) => {
          let budget = new Budget(limit, NOTHING, null);
          let disk: Reserved = NOTHING;
          let open: Reservation[] = [];
          const answered = { modelCalls: 0, usd: 0 };
          // Everything that may have been made and paid: answered, under way, and cut off.
          let cutOff = { ...NOTHING };
          for (const each of steps) {
            if (each.do === "ask") {
              try {
                open.push(budget.reserve(each.usd));
              } catch (error) {
                expect(error).toBeInstanceOf(Failure);
              }
            } else if (each.do === "kill") {
              for (const { usd } of open) cutOff = { modelCalls: cutOff.modelCalls + 1, usd: cutOff.usd + usd };
              open = [];
              budget = new Budget(limit, { ...answered }, disk.modelCalls === 0 ? null : disk);
            } else {
              const call = open.shift();
              if (call === undefined) continue;
              budget.release(call);
              if (each.do === "answer") {
                const usd = call.usd * each.part;
                budget.spend({ modelCalls: 1, usd });
                answered.modelCalls++;
                answered.usd += usd;
              }
            }
            // A call is made, and a record written, once what stands reserved is on disk.
            disk = budget.toWrite() ?? disk;
            const made = answered.modelCalls + open.length + cutOff.modelCalls;
            const paid = answered.usd + cutOff.usd + open.reduce((sum, { usd }) => sum + usd, 0);
            expect(made).toBeLessThanOrEqual(limit.modelCalls);
            expect(paid).toBeLessThanOrEqual(limit.usd + 1e-9);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("has nothing to write where nothing is limited, and nothing twice", () => {
    const free = new Budget({}, NOTHING, null);
    free.reserve(1);
    expect([free.limited, free.toWrite()]).toEqual([false, undefined]);
    const limited = new Budget({ modelCalls: 2 }, NOTHING, null);
    const call = limited.reserve(null);
    expect([limited.toWrite(), limited.toWrite()]).toEqual([{ modelCalls: 1, usd: 0 }, undefined]);
    limited.notWritten();
    expect(limited.toWrite()).toEqual({ modelCalls: 1, usd: 0 });
    limited.release(call);
    expect(limited.toWrite()).toEqual(NOTHING);
  });

  test("says how much is left, and which calls nobody knows the end of", () => {
    const budget = new Budget({ usd: 1 }, { modelCalls: 1, usd: 0.5 }, { modelCalls: 1, usd: 0.25 });
    expect(() => budget.reserve(0.5)).toThrow(/may cost \$0\.500, and \$0\.250 is left\. 1 of its calls was cut off/);
    expect(() => new Budget({ modelCalls: 1 }, NOTHING, { modelCalls: 1, usd: 0 }).reserve(null)).toThrow(
      "The run's budget of 1 model call is used up. 1 of its calls was cut off by the end of a process and counts as made.",
    );
  });

  test("counts calls only, once the price of one is unknown", () => {
    const budget = new Budget({ usd: 1, modelCalls: 3 }, { modelCalls: 1, usd: null }, null);
    budget.reserve(5);
    budget.reserve(5);
    expect(() => budget.reserve(5)).toThrow(/3 model calls/);
  });
});
