import { expect, test } from "vitest";
import type { Receipt } from "./api.ts";
import type { SeenRun } from "./flow.ts";
import { quantile, tally } from "./tally.ts";
import { type Evidence, verify } from "./verify.ts";

const NO_EFFECTS = { requests: 0, distinct: 0, repeated: 0, conflicts: 0 };

function run(n: number, more: Partial<SeenRun> = {}): SeenRun {
  return {
    run_id: `run_${n}`,
    event_id: `evt_${n}`,
    status: "completed",
    waiting_for: null,
    disposition: "applied",
    decision: { category: "bug", urgency: "low" },
    cost_usd: 0,
    failure: null,
    created_at: "2026-05-29T10:00:00.000Z",
    ended_at: `2026-05-29T10:00:00.${n}00Z`,
    steps: [],
    reviews: [],
    ...more,
  };
}

function escalated(n: number, key: string): SeenRun {
  const step = { type: "tool_call", tool: "create_escalation", status: "success", attempt: 1, idempotency_key: key };
  return run(n, { steps: [step], decision: { category: "billing", urgency: "high" } });
}

function receipt(n: number, duplicate: boolean): Receipt {
  return { status: duplicate ? 200 : 202, event_id: `evt_${n}`, run_id: `run_${n}`, duplicate };
}

/** Three tickets, the second re-sent, the third waiting for a person, the first escalated. */
function evidence(): Evidence {
  return {
    stream: { lines: ["1", "2", "2", "3"], ids: ["evt_1", "evt_2", "evt_2", "evt_3"], distinct: 3, labels: new Map() },
    receipts: [receipt(1, false), receipt(2, false), receipt(2, true), receipt(3, false)],
    runs: [
      escalated(1, "k1"),
      run(2),
      run(3, { status: "waiting", waiting_for: "review", disposition: null, decision: null }),
    ],
    desk: {
      counts: {
        accounts: { requests: 3, unknown: 0 },
        escalations: { ...NO_EFFECTS, requests: 2, distinct: 1, repeated: 1 },
        replies: NO_EFFECTS,
        injected: 0,
      },
      escalationKeys: ["k1"],
      replyKeys: [],
    },
    before: 0,
  };
}

function broken(change: (evidence: Evidence) => Evidence): string[] {
  return verify(change(evidence()))
    .filter(({ holds }) => !holds)
    .map(({ what }) => what);
}

test("what held is said to hold, a repeated request under the same key included", () => {
  expect(broken((e) => e)).toEqual([]);
});

test("a lost ticket is seen", () => {
  expect(
    broken((e) => ({ ...e, receipts: [...e.receipts.slice(0, 3), { status: 422, event_id: "evt_3" }] })),
  ).toContain("2 of 3 distinct tickets accepted");
});

test("a re-sent ticket that got another run is seen", () => {
  const receipts = [receipt(1, false), receipt(2, false), { ...receipt(2, true), run_id: "run_9" }, receipt(3, false)];
  expect(broken((e) => ({ ...e, receipts }))).toHaveLength(1);
});

test("two runs of one ticket, and a ticket without a run, are seen", () => {
  expect(broken((e) => ({ ...e, runs: [...e.runs, { ...run(4), event_id: "evt_2" }] }))).toHaveLength(1);
  expect(broken((e) => ({ ...e, runs: e.runs.filter(({ event_id }) => event_id !== "evt_2") }))).toHaveLength(1);
});

test("a run of a ticket that is not in the stream is nobody's mistake", () => {
  expect(broken((e) => ({ ...e, runs: [...e.runs, run(9)] }))).toEqual([]);
});

test("a run that waits for something else than a person is not settled", () => {
  const runs = [escalated(1, "k1"), run(2), run(3, { status: "waiting", waiting_for: "retry" })];
  expect(broken((e) => ({ ...e, runs }))).toEqual(["2 of 3 runs decided, ended or waiting for a person"]);
});

test("an effect at the desk that no run has settled is seen, and one that is missing there", () => {
  const counts = { ...evidence().desk.counts, escalations: { ...NO_EFFECTS, requests: 2, distinct: 2 } };
  expect(broken((e) => ({ ...e, desk: { ...e.desk, counts, escalationKeys: ["k1", "k2"] } }))).toHaveLength(1);
  expect(broken((e) => ({ ...e, runs: [escalated(1, "k1"), escalated(2, "k2"), run(3)] }))).toHaveLength(1);
});

test("a reply that went out without a run behind it is seen", () => {
  const counts = { ...evidence().desk.counts, replies: { ...NO_EFFECTS, requests: 1, distinct: 1 } };
  expect(broken((e) => ({ ...e, desk: { ...e.desk, counts, replyKeys: ["r1"] } }))).toHaveLength(1);
});

test("a dead letter, and a stream that decided nothing, break the demo", () => {
  expect(broken((e) => ({ ...e, runs: e.runs.map((each) => ({ ...each, status: "dead" })) }))).toEqual([
    "0 decided without a person",
    "3 dead letters",
  ]);
});

test("the tally counts by what runs are, and judges only what was decided without a person", () => {
  const { receipts, runs } = evidence();
  const labels = new Map([
    ["evt_1", { category: "billing", urgency: "high" }],
    ["evt_2", { category: "bug", urgency: "high" }],
    ["evt_3", { category: "bug", urgency: "low" }],
  ]);
  expect(tally(receipts, runs, labels)).toMatchObject({
    accepted: 3,
    duplicates: 1,
    decided: 2,
    waiting: 1,
    waitingFor: new Map(),
    escalated: 1,
    repaired: 0,
    p50: 100,
    p95: 200,
    costUsd: 0,
    right: { category: 2, urgency: 1, both: 1 },
  });
});

test("a failed rule counts as failed closed, doubt does not; an unknown price makes the cost unknown", () => {
  const rule = { review_id: "rev_1", run_id: "run_1", why: "rule_failed" };
  const doubt = { review_id: "rev_2", run_id: "run_2", why: "low_confidence" };
  const runs = [
    run(1, { reviews: [rule] }),
    run(2, { reviews: [doubt] }),
    run(3, { status: "dead", cost_usd: null, failure: { class: "bug" } }),
  ];
  const { failedClosed, waitingFor, costUsd } = tally([], runs, new Map());
  expect([...waitingFor]).toEqual([
    ["rule_failed", 1],
    ["low_confidence", 1],
  ]);
  expect([...failedClosed]).toEqual([
    ["rule_failed", 1],
    ["dead letter (bug)", 1],
  ]);
  expect(costUsd).toBeNull();
});

test("quantiles of nothing are unknown", () => {
  expect(quantile([], 0.95)).toBeNull();
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.95)).toBe(4);
});
