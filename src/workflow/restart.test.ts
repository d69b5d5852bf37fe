import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JournalRecord } from "../journal/record.ts";
import { setAside } from "../journal/restart.ts";
import type { Restart } from "../journal/restart.ts";
import { History } from "./history.ts";

/** What may be done to a run in these tests: steps as code takes them, and what people do between. */
type Act =
  | { do: "step"; name: number }
  | { do: "write"; name: number; ends: "settled" | "failed" | "cut off" }
  | { do: "ask"; name: number; answered: boolean }
  | { do: "redrive" }
  | { do: "restart"; at: number; dead: boolean };

const name = fc.nat({ max: 4 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("step" as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      name,
      ends: fc.constantFrom("settled" as const, "failed" as const, "cut off" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ask" as const), name, answered: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: "redrive" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const), at: fc.nat(), dead: fc.boolean() }) },
);

/** A run's journal as these acts write it: what stands answers, so a settled write or a finished step is not done again. */
class Journal {
  readonly records: JournalRecord[] = [];
  /** Calls that left, by step. */
  readonly settled = new Map<string, number>();

  constructor() {
    this.add({ kind: "event", type: "trigger", name: "ticket.created", ends: true });
  }

  get history(): History {
    return new History(this.records);
  }

  add(given: Partial<JournalRecord>): JournalRecord {
    const seq = this.records.length + 1;
    const base = { runId: "run_1", key: "", attempt: 1, status: "success", startedAt: seq, endedAt: seq, epoch: 1 };
    const record = {
      ...base,
      kind: "code",
      type: "code",
      name: "",
      ends: false,
      body: {},
      seq,
      ...given,
    } as JournalRecord;
    this.records.push(record);
    return record;
  }

  do(next: Act): void {
    switch (next.do) {
      case "step":
        return this.#step(`step ${next.name}`);
      case "write":
        return this.#write(`write ${next.name}`, next.ends);
      case "ask":
        return this.#ask(`review ${next.name}`, next.answered);
      case "redrive":
        this.add({ kind: "override", name: "@redrive", ends: true, body: { detail: { step: null } } });
        return;
      case "restart":
        return this.#restart(next.at, next.dead);
    }
  }

  #step(step: string): void {
    const finished = this.history.step(step, "")?.records.some(({ ends }) => ends);
    if (finished !== true) this.add({ name: step, ends: true });
  }

  #write(step: string, ends: "settled" | "failed" | "cut off"): void {
    const known = this.history.step(step, "")?.records ?? [];
    if (known.some(({ body }) => body.phase === "settle")) return;
    const tool = { kind: "tool", type: "tool_call", name: step } as const;
    if (!known.some(({ body }) => body.phase === "claim"))
      this.add({ ...tool, body: { phase: "claim", tool: "send" } });
    if (ends === "failed") this.add({ ...tool, status: "error", ends: true });
    if (ends !== "settled") return;
    this.add({ ...tool, ends: true, body: { phase: "settle", tool: "send" } });
    this.settled.set(step, (this.settled.get(step) ?? 0) + 1);
  }

  #ask(review: string, answered: boolean): void {
    const known = this.history.step(review, "")?.records ?? [];
    if (known.some(({ ends }) => ends)) return;
    const reviewId = `rev_${this.records.length}`;
    const open = known.findLast(({ ends }) => !ends);
    const shared = { kind: "review", type: "review", name: review } as const;
    if (open === undefined) this.add({ ...shared, status: "waiting", body: { detail: { reviewId } } });
    const id = (open?.body.detail as { reviewId?: string } | undefined)?.reviewId ?? reviewId;
    if (answered) this.add({ ...shared, ends: true, body: { detail: { reviewId: id, action: "approve" } } });
  }

  #restart(at: number, redrives: boolean): void {
    const steps = this.history.standing.filter(({ kind }) => kind !== "event" && kind !== "override");
    const from = steps[at % Math.max(1, steps.length)];
    if (from === undefined) return;
    const first = steps.find(({ name: each }) => each === from.name) as JournalRecord;
    const told = { by: "kim", reason: "", step: null, unpinned: false };
    const detail: Restart = { ...told, from: from.name, key: "", cut: first.seq, redrives };
    this.add({ kind: "override", name: "@restart", ends: true, body: { detail: { ...detail } } });
  }
}

const acts = fc.array(act, { maxLength: 40 });

/** Plays them one by one, and looks after each. */
function played(list: readonly Act[], after: (journal: Journal, before: readonly JournalRecord[]) => void): void {
  const journal = new Journal();
  for (const next of list) {
    const before = journal.history.standing;
    journal.do(next);
    after(journal, before);
  }
}

describe("any order of steps, writes, questions, redrives and restarts", () => {
  test("never has a settled write called again", () => {
    fc.assert(
      fc.property(acts, (list) =>
        played(list, ({ settled }) => {
          expect([...settled.values()].filter((times) => times > 1)).toEqual([]);
        }),
      ),
    );
  });

  test("never sets a claim or a settle aside, nor the event, nor what a person commanded", () => {
    fc.assert(
      fc.property(acts, (list) =>
        played(list, ({ records }) => {
          const aside = setAside(records);
          const kept = records.filter(
            ({ kind, name: each, body }) =>
              kind === "event" || (kind === "override" && each.startsWith("@")) || body.phase !== undefined,
          );
          expect(kept.filter(({ seq }) => aside.has(seq))).toEqual([]);
        }),
      ),
    );
  });

  test("keeps every answer from before the cut of a restart, and no question that is left without its answer", () => {
    fc.assert(
      fc.property(acts, (list) =>
        played(list, ({ records, history }, before) => {
          const cut = (records.at(-1)?.body.detail as unknown as Restart | undefined)?.cut ?? Infinity;
          const standing = new Set(history.standing.map(({ seq }) => seq));
          expect(before.filter(({ seq, ends }) => seq < cut && ends && !standing.has(seq))).toEqual([]);
          const answered = new Map(
            records.filter(({ kind, ends }) => kind === "review" && ends).map((each) => [idOf(each), each.seq]),
          );
          const asked = history.standing.filter(({ kind }) => kind === "review").map(idOf);
          expect(asked.filter((id) => answered.has(id) && !standing.has(answered.get(id) as number))).toEqual([]);
        }),
      ),
    );
  });

  test("reads the same however often it is read, and whatever was appended later", () => {
    fc.assert(
      fc.property(acts, (list) =>
        played(list, ({ records }) => {
          const aside = setAside(records);
          const later = setAside([
            ...records,
            { ...(records[0] as JournalRecord), kind: "code", name: "later", seq: records.length + 1 },
          ]);
          expect([...later]).toEqual([...aside]);
        }),
      ),
    );
  });
});

function idOf({ body }: JournalRecord): string {
  return (body.detail as { reviewId?: string } | undefined)?.reviewId ?? "";
}
