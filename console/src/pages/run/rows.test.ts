import { describe, expect, test } from "vitest";
import type { TraceStep } from "../../api/schema.gen.ts";
import { lastTwo, peersOf, rowsOf } from "./rows.ts";

function trace(...steps: readonly Partial<TraceStep>[]): TraceStep[] {
  return steps.map((step, index) => ({
    workflow_run_id: "run_1",
    event_id: "evt_1",
    step: index + 1,
    type: "code",
    name: "a",
    input: null,
    output: null,
    latency_ms: 0,
    status: "success",
    attempt: 1,
    started_at: "2026-05-29T14:22:10.000Z",
    ...step,
  }));
}

const numbers = (steps: readonly TraceStep[]): number[] => steps.map(({ step }) => step);
const lines = (steps: readonly TraceStep[]): string[] =>
  rowsOf(steps).map(({ step, first }) => `${first ? "" : "  "}${step.step} ${step.type}`);

describe("the lines of a waterfall", () => {
  test("put the check and the repair of an answer under its call, also where something ran in between", () => {
    const steps = trace(
      { type: "trigger", name: "ticket.created" },
      { type: "model_call", name: "classify" },
      { type: "tool_call", name: "load account" },
      { type: "validation", name: "classify", status: "error" },
      { type: "repair", name: "classify" },
      { type: "validation", name: "classify" },
      { type: "tool_call", name: "load account", attempt: 2 },
    );
    expect(lines(steps)).toEqual([
      "1 trigger",
      "2 model_call",
      "  4 validation",
      "  5 repair",
      "  6 validation",
      "3 tool_call",
      "  7 tool_call",
    ]);
  });

  test("keep apart calls of one name by their key, and steps of one name by their kind", () => {
    const steps = trace(
      { type: "code", name: "page", key: "1" },
      { type: "code", name: "page", key: "2" },
      { type: "model_call", name: "classify" },
      { type: "override", name: "classify" },
    );
    expect(rowsOf(steps).every(({ first }) => first)).toBe(true);
  });

  test("begin anew after a redrive, whose attempts are still of the same step", () => {
    const steps = trace(
      { type: "tool_call", name: "file", status: "error" },
      { type: "override", name: "@redrive" },
      { type: "tool_call", name: "file" },
    );
    expect(lines(steps)).toEqual(["1 tool_call", "2 override", "3 tool_call"]);
    expect(numbers(peersOf(steps, steps[2] as TraceStep))).toEqual([1, 3]);
  });
});

describe("what a step is compared by", () => {
  test("is a prompt's last two answers rather than their checks", () => {
    const steps = trace(
      { type: "model_call", name: "classify", output: "a" },
      { type: "validation", name: "classify" },
      { type: "repair", name: "classify", output: "b" },
      { type: "validation", name: "classify", output: { a: 1 } },
    );
    expect(numbers(lastTwo(steps) ?? [])).toEqual([1, 3]);
  });

  test("is otherwise the last two attempts, and nothing where there is one", () => {
    const steps = trace({ type: "tool_call" }, { type: "tool_call" }, { type: "tool_call" });
    expect(numbers(lastTwo(steps) ?? [])).toEqual([2, 3]);
    expect(lastTwo(steps.slice(0, 1))).toBeNull();
  });
});
