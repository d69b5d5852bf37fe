import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Run, TraceStep } from "../../api/schema.gen.ts";
import { axisOf } from "./axis.ts";

const T0 = Date.parse("2026-05-29T14:22:10.000Z");
const HOUR = 3_600_000;

function step(type: TraceStep["type"], start: number, ms: number, over: Partial<TraceStep> = {}): TraceStep {
  return {
    workflow_run_id: "run_1",
    event_id: "evt_1",
    step: 1,
    type,
    name: "a",
    input: null,
    output: null,
    latency_ms: ms,
    status: "success",
    attempt: 1,
    started_at: new Date(T0 + start).toISOString(),
    ...over,
  };
}

function run(
  status: Run["status"],
  endedAt: number | null,
  waitingFor: Run["waiting_for"] = null,
): Parameters<typeof axisOf>[0] {
  return {
    status,
    waiting_for: waitingFor,
    created_at: new Date(T0).toISOString(),
    ended_at: endedAt === null ? null : new Date(T0 + endedAt).toISOString(),
  };
}

/** A call of 30 ms, four hours with a person, a call of 30 ms. */
const REVIEWED = [
  step("trigger", 0, 0),
  step("model_call", 10, 30),
  step("review", 40, 0, { status: "waiting" }),
  step("review", 40, 4 * HOUR),
  step("tool_call", 40 + 4 * HOUR, 30),
];

describe("the time axis of a run", () => {
  test("draws a wait of hours short, so that steps of milliseconds keep a share of it, and says what it was for", () => {
    const { place, gaps, busyMs } = axisOf(run("completed", 70 + 4 * HOUR), REVIEWED, 0);
    expect(busyMs).toBe(60);
    expect(gaps.map(({ from, to, why }) => [from - T0, to - T0, why])).toEqual([[40, 40 + 4 * HOUR, "for a person"]]);
    expect(place(T0 + 40) - place(T0 + 10)).toBeGreaterThan(0.3);
    expect(place(T0 + 70 + 4 * HOUR)).toBeCloseTo(1);
  });

  test("is in proportion where nothing waits for long", () => {
    const { place, gaps } = axisOf(run("completed", 100), [step("code", 0, 40), step("code", 50, 50)], 0);
    expect(gaps).toEqual([]);
    expect(place(T0 + 50)).toBeCloseTo(0.5);
  });

  test.each<[string, Parameters<typeof axisOf>[0], TraceStep[], string]>([
    ["in the queue", run("queued", null), [step("trigger", 0, 0)], "in the queue"],
    [
      "asleep",
      run("waiting", null, "sleep"),
      [step("code", 0, 9), step("wait", 9, 0, { status: "waiting" })],
      "asleep",
    ],
    ["with a person", run("waiting", null, "review"), [step("review", 5, 0, { status: "waiting" })], "for a person"],
    [
      "before the next attempt",
      run("waiting", null, "retry"),
      [step("tool_call", 0, 9, { status: "error" })],
      "until the next attempt",
    ],
  ])("knows that a run which has not ended is %s", (_what, of, trace, why) => {
    const { gaps } = axisOf(of, trace, T0 + HOUR);
    expect(gaps.at(-1)?.why).toBe(why);
    expect(gaps.at(-1)?.to).toBe(T0 + HOUR);
  });

  test("counts a running run as at work up to now", () => {
    const { gaps, busyMs } = axisOf(run("running", null), [step("trigger", 0, 0)], T0 + 5_000);
    expect(gaps).toEqual([]);
    expect(busyMs).toBe(5_000);
  });

  test("never turns back, and stays between its ends, whatever ran beside what", () => {
    const anyStep = fc
      .record({
        start: fc.nat(10 * HOUR),
        ms: fc.nat(10_000),
        type: fc.constantFrom("code", "review", "wait", "model_call"),
      })
      .map(({ start, ms, type }) => step(type as TraceStep["type"], start, ms));
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 40 }),
        fc.array(fc.nat(11 * HOUR), { maxLength: 40 }),
        (trace, moments) => {
          const { place } = axisOf(run("completed", 11 * HOUR), trace, 0);
          const places = moments.toSorted((a, b) => a - b).map((at) => place(T0 + at));
          for (const [index, at] of places.entries()) {
            expect(at).toBeGreaterThanOrEqual(places[index - 1] ?? 0);
            expect(at).toBeLessThanOrEqual(1 + 1e-9);
          }
        },
      ),
    );
  });
});

test("what comes on record after the end, such as an erasure, makes the run no longer", () => {
  const trace = [step("tool_call", 0, 50), step("decision", 50, 0), step("override", HOUR, 0, { name: "@erase" })];
  const { start, end, gaps, place } = axisOf(run("completed", 50), trace, T0 + 2 * HOUR);
  expect([start - T0, end - T0, gaps]).toEqual([0, 50, []]);
  expect(place(T0 + HOUR)).toBe(1);
});
