import { expect, test } from "vitest";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { fakeReview } from "../testing/fake-sluice.ts";
import { toldStore } from "./told-store.ts";

/** A told store over one operation that answers `answer`, called once; the run ids that were told. */
async function told(operation: keyof SqliteStore, answer: unknown, ...given: unknown[]): Promise<readonly string[]> {
  const heard: string[] = [];
  const inner = { [operation]: async () => answer } as unknown as SqliteStore;
  const store = toldStore(inner, (runIds) => heard.push(...runIds)) as unknown as Record<string, (...all: unknown[]) => Promise<unknown>>; // prettier-ignore
  expect(await store[operation]?.(...given)).toBe(answer);
  return heard;
}

const runs = [
  { runId: "run_1", workflow: "triage" },
  { runId: "run_2", workflow: "audit" },
];
const held = { ok: false, why: "held", review: fakeReview() };

test.each([
  [
    "accept",
    [{ outcome: "accepted", runs, woken: ["run_3"] }, { outcome: "conflict" }],
    [],
    ["run_1", "run_2", "run_3"],
  ],
  ["accept", [{ outcome: "duplicate", runs }], [], []],
  ["claim", [{ run: { runId: "run_1" } }], [], ["run_1"]],
  ["commit", { ok: true }, [{ runId: "run_1" }], ["run_1"]],
  ["commit", { ok: false, why: "fenced" }, [{ runId: "run_1" }], []],
  [
    "redriveRuns",
    [
      { runId: "run_1", ok: true },
      { runId: "run_2", ok: false, why: "not_dead" },
    ],
    [],
    ["run_1"],
  ],
  ["abandon", { requeued: 1, poisoned: ["run_1"] }, [], ["run_1"]],
  ["command", { ok: true }, [{ runId: "run_1" }], ["run_1"]],
  ["command", { ok: false, refusal: "ended" }, [{ runId: "run_1" }], []],
  ["claimReview", { ok: true, review: fakeReview() }, ["rev_1"], ["run_1"]],
  ["claimReview", held, ["rev_1"], []],
  ["unclaimReview", { ok: true, review: fakeReview() }, ["rev_1"], ["run_1"]],
  ["claimNextReview", fakeReview(), [], ["run_1"]],
  ["claimNextReview", null, [], []],
  ["answer", { ok: true, review: fakeReview() }, [], ["run_1"]],
  ["answer", held, [], []],
  ["list", { items: [{ runId: "run_1" }], next: null }, [], []],
] as const)("%s that answers %j tells of the runs it has changed", async (operation, answer, given, expected) => {
  expect(await told(operation, answer, ...given)).toEqual(expected);
});

test("an operation that fails tells nothing", async () => {
  const heard: string[] = [];
  const inner = { commit: () => Promise.reject(new Error("disk full")) } as unknown as SqliteStore;
  const store = toldStore(inner, (runIds) => heard.push(...runIds));
  await expect(store.commit({ runId: "run_1", epoch: 1, records: [] })).rejects.toThrow("disk full");
  expect(heard).toEqual([]);
});
