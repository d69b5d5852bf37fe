import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hopsOf, timesOf } from "./path.ts";
import type { Timed } from "./path.ts";

function record(name: string, given: Partial<Timed> = {}): Timed {
  return { kind: "code", name, key: "", status: "success", ends: true, startedAt: 0, endedAt: 0, ...given };
}

const event = record("ticket.created", { kind: "event", endedAt: 100 });
const decided = record("@decision", { kind: "decide", startedAt: 900, endedAt: 900 });
const asked = (name: string, at = 0): Timed =>
  record(name, { kind: "review", status: "waiting", ends: false, startedAt: at, endedAt: at });
const answered = (name: string, since: number, at: number): Timed =>
  record(name, { kind: "review", startedAt: since, endedAt: at });
const failing = (name: string, given: Partial<Timed> = {}): Timed =>
  record(name, { kind: "prompt", status: "error", ends: false, ...given });

describe("the way a run goes", () => {
  it("passes a step with the record that ends it, not with its attempts or hops", () => {
    const hops = hopsOf([event, failing("classify"), record("classify", { kind: "prompt" }), decided], false);
    expect(hops.map(({ node }) => node)).toEqual(["trigger", "step:classify", "decide"]);
    expect(hops.every(({ failed }) => !failed)).toBe(true);
  });

  it("fails at a step whose last record is an error", () => {
    expect(hopsOf([record("look up", { status: "error" })], false)).toEqual([{ node: "step:look up", failed: true }]);
  });

  it("fails at a step that ends the run, or is asked about, though nothing says that the step is over", () => {
    expect(hopsOf([failing("classify")], false)).toEqual([]);
    expect(hopsOf([failing("classify")], true)).toEqual([{ node: "step:classify", failed: true }]);
    expect(hopsOf([failing("classify"), asked("@review:classify")], false)).toEqual([
      { node: "step:classify", failed: true },
      { node: "step:@review:classify", failed: false },
    ]);
  });

  it("comes to a review when it is asked, and to a sleep when it begins, and not again when they end", () => {
    expect(hopsOf([asked("low confidence")], false)).toEqual([{ node: "step:low confidence", failed: false }]);
    const both = [asked("low confidence"), answered("low confidence", 0, 9)];
    expect(hopsOf(both, false)).toHaveLength(1);
    const slept = record("wait a day", { kind: "sleep" });
    expect(hopsOf([{ ...slept, status: "waiting", ends: false }], false)).toHaveLength(1);
    expect(hopsOf([slept], false)).toEqual([]);
  });

  it("leaves out what is no step: corrections, redrives, cancellations, the claim before a write", () => {
    const override = record("classify", { kind: "override" });
    const claim = record("escalate", { kind: "tool", status: "waiting", ends: false });
    expect(hopsOf([override, record("@redrive", { kind: "override" }), claim], true)).toEqual([]);
  });
});

describe("the times of a run", () => {
  const run = [
    event,
    failing("classify", { startedAt: 100, endedAt: 200 }),
    record("classify", { kind: "prompt", startedAt: 300, endedAt: 400 }),
    asked("low confidence", 400),
    answered("low confidence", 400, 850),
    decided,
  ];

  it("count a step from its first record to the one that ended it, waits and retries with it", () => {
    expect(timesOf(run, "completed", 910).nodes).toEqual([
      { node: "step:classify", ms: 300 },
      { node: "step:low confidence", ms: 450 },
      { node: "decide", ms: 0 },
    ]);
  });

  it("count an edge from the end of the one to the end of the other, and at last to the end of the run", () => {
    expect(timesOf(run, "completed", 910).edges).toEqual([
      { from: "trigger", to: "step:classify", ms: 300 },
      { from: "step:classify", to: "step:low confidence", ms: 450 },
      { from: "step:low confidence", to: "decide", ms: 50 },
      { from: "decide", to: "end:completed", ms: 10 },
    ]);
  });

  it("say nothing of what has not ended", () => {
    const waiting = timesOf(run.slice(0, 4), "waiting", null);
    expect(waiting.nodes.map(({ node }) => node)).toEqual(["step:classify"]);
    expect(waiting.edges.map(({ to }) => to)).toEqual(["step:classify"]);
  });

  it("of a redriven step are two: the time it lay dead is in neither", () => {
    const dead = record("look up", { status: "error", startedAt: 100, endedAt: 150 });
    const again = record("look up", { startedAt: 10_000, endedAt: 10_020 });
    const { nodes } = timesOf([event, dead, record("@redrive", { kind: "override" }), again], "running", null);
    expect(nodes.map(({ ms }) => ms)).toEqual([50, 20]);
  });

  it("are never negative, and are of nodes that the run came to, whatever is on record", () => {
    const anyRecord = fc.record({
      kind: fc.constantFrom("prompt", "tool", "code", "review", "sleep", "wait", "decide", "override"),
      name: fc.constantFrom("a", "b", "@review:a"),
      key: fc.constantFrom("", "1"),
      status: fc.constantFrom("success", "error", "waiting", "blocked"),
      ends: fc.boolean(),
      startedAt: fc.nat(50),
      endedAt: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(anyRecord), fc.boolean(), (records, over) => {
        const all = [event, ...records] as Timed[];
        const { nodes, edges } = timesOf(all, over ? "dead" : "waiting", over ? 99 : null);
        const passed = new Set(hopsOf(all, over).map(({ node }) => node));
        for (const { ms } of [...nodes, ...edges]) expect(ms).toBeGreaterThanOrEqual(0);
        for (const { from, to } of edges) {
          expect(passed).toContain(from);
          if (to !== "end:dead") expect(passed).toContain(to);
        }
      }),
    );
  });
});
