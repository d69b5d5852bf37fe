import { describe, expect, test } from "vitest";
import type { JournalRecord, RecordBody } from "../journal/record.ts";
import { History } from "./history.ts";

type Some = Partial<Omit<JournalRecord, "body">> & { body?: RecordBody };

/** Records in order; what is not said is a finished step of code. */
function history(...records: Some[]): History {
  const event: Some = { kind: "event", type: "trigger", name: "ticket.created" };
  return new History(
    [event, ...records].map((record, i) => ({
      runId: "run_1",
      seq: i + 1,
      kind: "code",
      type: "code",
      name: "step",
      key: "",
      attempt: 1,
      status: "success",
      ends: true,
      startedAt: i,
      endedAt: i,
      epoch: 1,
      ...record,
      body: record.body ?? {},
    })),
  );
}

const failed = (name: string): Some => ({
  name,
  status: "error",
  body: { error: { class: "bug", code: "x", message: "" } },
});
const redrive = (step: string | null): Some => ({
  kind: "override",
  type: "override",
  name: "@redrive",
  body: { detail: { by: "kim", reason: "fixed", step } },
});
const isRedriven = (given: History, seq: number): boolean => given.isRedriven(given.records[seq - 1] as JournalRecord);

describe("what a redrive tries anew", () => {
  test("is the failure the run died of, and not one that the code went on from", () => {
    const given = history(failed("a"), { name: "b" }, failed("c"), redrive("c"));
    expect(isRedriven(given, 2)).toBe(false);
    expect(isRedriven(given, 4)).toBe(true);
  });

  test("is what failed beside it, too, though a sibling finished later", () => {
    const given = history(failed("a"), failed("b"), { name: "write" }, redrive("a"));
    expect(isRedriven(given, 2)).toBe(true);
    expect(isRedriven(given, 3)).toBe(false);
    const alone = history(failed("a"), failed("b"), redrive("a"));
    expect(isRedriven(alone, 3)).toBe(true);
  });

  test("is what failed last where the run died outside of any step", () => {
    const given = history(failed("a"), { name: "b" }, failed("c"), redrive(null));
    expect([2, 4].map((seq) => isRedriven(given, seq))).toEqual([false, true]);
  });

  test("is nothing that failed after it", () => {
    const given = history(failed("a"), redrive("a"), failed("a"));
    expect(isRedriven(given, 4)).toBe(false);
    expect(given).toMatchObject({ redriveSeq: 3, redrivenAt: 2 });
  });
});

describe("what is on record of a run", () => {
  test("is found by name and key", () => {
    const given = history(
      { name: "a", key: "1" },
      { name: "a", key: "2", status: "error", ends: false },
      { name: "a", key: "2" },
    );
    expect(given.step("a", "2")?.records.map(({ seq }) => seq)).toEqual([3, 4]);
    expect(given.step("a", "")).toBeUndefined();
    expect([...given.finished()].map(({ name, key }) => `${name} ${key}`)).toEqual(["a 1", "a 2"]);
  });

  test("holds the latest correction of a step, and no step of the runtime's own is asked for again", () => {
    const correction = (output: string): Some => ({
      kind: "override",
      type: "override",
      name: "classify",
      body: { output },
    });
    const given = history({ name: "classify", kind: "prompt" }, correction("one"), correction("two"), redrive(null));
    expect(given.override("classify", "")).toEqual({ seq: 4, output: "two" });
    expect(given.lastOverrideSeq).toBe(4);
    expect([...given.finished()].map(({ name }) => name)).toEqual(["classify"]);
  });

  test("a correction to null, false, 0 or empty text is one", () => {
    for (const output of [null, false, 0, ""])
      expect(history({ kind: "override", name: "classify", body: { output } }).override("classify", "")?.output).toBe(
        output,
      );
  });
});
