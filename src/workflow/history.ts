import { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import { REVIEW_OF } from "../journal/names.ts";
import type { JournalRecord, RecordKind } from "../journal/record.ts";
import { RESTART, isRestart, restartOf, setAside } from "../journal/restart.ts";

/** Names the runtime gives to records of its own; user names may not start with "@". */
export const SYSTEM: Readonly<
  Record<"decide" | "redrive" | "cancel" | "restart" | "erase" | "restore" | "repin", string>
> = {
  decide: "@decide",
  redrive: "@redrive",
  cancel: "@cancel",
  restart: RESTART,
  erase: "@erase",
  restore: "@restore",
  repin: "@repin",
};

/** The review that a failed or guarded step waits for. */
export function reviewNameOf(step: string): string {
  return `${REVIEW_OF}${step}`;
}

export type ReviewAnswerAction = "approve" | "correct" | "reject";

/** What the answer of a review says of itself (`body.detail` of its record). */
export interface ReviewAnswer {
  reviewId: string;
  action: ReviewAnswerAction;
  by: string;
  reason: string | null;
  /** The outcome the person saw; null where it could not be computed. */
  outcomeHash: string | null;
}

/** What is on record of one step, oldest first. */
export interface StepHistory {
  kind: RecordKind;
  records: JournalRecord[];
}

/** A correction on record: the output that stands in for the step's own. */
export interface Override {
  seq: number;
  output: Json;
}

/** A run's records, indexed for replay. Made once per resume; pure. */
export class History {
  /** All of them, those included that a restart has set aside. */
  readonly records: readonly JournalRecord[];
  /** Those that a replay goes by. */
  readonly standing: readonly JournalRecord[];
  readonly #steps = new Map<string, StepHistory>();
  readonly #overrides = new Map<string, Override>();
  readonly answers: ReviewAnswer[] = [];
  /** Of the run's latest return from a backup: what it did after the record before is not on record; null: it never did. */
  readonly restored: JournalRecord | null;
  /** The latest return of the run from its death: questions asked before it were withdrawn. */
  readonly redriveSeq: number;
  /** Steps that a restart went back over and left on record, claimed writes, and the number of the latest one. */
  readonly #restarted = new Map<string, number>();
  /** When the run was last redriven or restarted, epoch ms; null: never. */
  readonly redrivenAt: number | null;
  /** The step the run had died of, where a redrive names one. */
  readonly #diedOf: string | null;
  readonly lastOverrideSeq: number;

  constructor(records: readonly JournalRecord[]) {
    this.records = records;
    const aside = setAside(records);
    this.standing = aside.size === 0 ? records : records.filter(({ seq }) => !aside.has(seq));
    let redrive: JournalRecord | undefined;
    let restarted: JournalRecord | undefined;
    let lastOverrideSeq = 0;
    this.restored = records.findLast(({ kind, name }) => kind === "override" && name === SYSTEM.restore) ?? null;
    for (const record of this.standing) {
      if (isRestart(record)) {
        this.#goBack(record);
        restarted = record;
        if (restartOf(record).redrives) redrive = record;
      } else if (record.kind === "override" && record.name === SYSTEM.redrive) redrive = record;
      else if (record.kind === "override" && !record.name.startsWith("@")) {
        this.#overrides.set(stepId(record.name, record.key), { seq: record.seq, output: record.body.output ?? null });
        lastOverrideSeq = record.seq;
      } else this.#index(record);
    }
    this.redriveSeq = redrive?.seq ?? 0;
    this.redrivenAt = Math.max(redrive?.endedAt ?? 0, restarted?.endedAt ?? 0) || null;
    this.#diedOf = (redrive?.body.detail as { step?: string | null } | undefined)?.step ?? null;
    this.lastOverrideSeq = lastOverrideSeq;
  }

  /** What is still there from the cut on was claimed: it is never repeated, but its failures are tried anew. */
  #goBack(restart: JournalRecord): void {
    const { cut } = restartOf(restart);
    if (cut === null) return;
    for (const [id, { records }] of this.#steps)
      if (records.some(({ seq, kind }) => seq >= cut && kind !== "event")) this.#restarted.set(id, restart.seq);
  }

  #index(record: JournalRecord): void {
    const id = stepId(record.name, record.key);
    const step = this.#steps.get(id);
    if (step === undefined) this.#steps.set(id, { kind: record.kind, records: [record] });
    else step.records.push(record);
    if (record.kind === "review" && record.ends) this.answers.push(answerOf(record));
  }

  /**
   * Whether this failure for good is tried anew by the latest redrive: the one the run died of, and whatever failed beside
   * or after it. A failure that the code had caught and gone on from stays as it is, so that the same branch is taken.
   * A restart tries anew whatever failed after the step it went back to.
   */
  isRedriven({ name, key, seq }: JournalRecord): boolean {
    if (seq < this.restartSeq(name, key)) return true;
    if (seq > this.redriveSeq) return false;
    if (name === this.#diedOf) return true;
    return !this.standing.some(
      (later) => later.seq > seq && later.seq < this.redriveSeq && later.ends && later.status !== "error",
    );
  }

  /** When the last finished step ended, epoch ms; 0 before the first one. */
  get lastFinishedAt(): number {
    return Math.max(
      0,
      ...this.standing.filter(({ ends, kind }) => ends && kind !== "event").map(({ endedAt }) => endedAt),
    );
  }

  get event(): JournalRecord {
    const first = this.records[0];
    if (first === undefined || first.kind !== "event") throw new Error("A run's first record must be its event.");
    return first;
  }

  /** The latest restart that went back over this step and could not set it aside; 0: none. What it is given now may differ. */
  restartSeq(name: string, key: string): number {
    return this.#restarted.get(stepId(name, key)) ?? 0;
  }

  /** Attempts of this step up to here count no more. */
  attemptsSince(name: string, key: string): number {
    return Math.max(this.redriveSeq, this.restartSeq(name, key));
  }

  step(name: string, key: string): StepHistory | undefined {
    return this.#steps.get(stepId(name, key));
  }

  override(name: string, key: string): Override | undefined {
    return this.#overrides.get(stepId(name, key));
  }

  /** Whether it was finished at some time, also where that counts no more. */
  finishedOnce(name: string, key: string): boolean {
    return this.#steps.get(stepId(name, key))?.records.some(({ ends }) => ends) === true;
  }

  /** Steps that are finished on record, for the check that present code still asks for them. */
  *finished(): Generator<{ name: string; key: string; kind: RecordKind; seq: number }> {
    for (const { kind, records } of this.#steps.values()) {
      const last = records.findLast((record) => record.ends);
      // What failed and is tried anew may be gone from the code that was put right; what may have happened may not.
      const claimed = records.some(({ body }) => body.phase === "claim");
      if (last?.status === "error" && !claimed && this.isRedriven(last)) continue;
      if (last !== undefined && kind !== "event" && !last.name.startsWith("@"))
        yield { name: last.name, key: last.key, kind, seq: last.seq };
    }
  }

  /** Answered model calls and their dollars so far; null dollars where a price is unknown. */
  spent(): { modelCalls: number; usd: number | null } {
    let modelCalls = 0;
    let usd: number | null = 0;
    for (const record of this.records) {
      if (!isAnsweredCall(record)) continue;
      const { body } = record;
      modelCalls++;
      if (body.costUsd !== undefined) usd = usd === null || body.costUsd === null ? null : usd + body.costUsd;
    }
    return { modelCalls, usd };
  }

  /** The same run with records that are not on disk, for a preview. */
  with(extra: readonly JournalRecord[]): History {
    return new History([...this.records, ...extra]);
  }
}

/** A model call that got an answer: one that got none uses up an attempt, not the run's budget. */
export function isAnsweredCall({ type, status }: Pick<JournalRecord, "type" | "status">): boolean {
  return (type === "model_call" || type === "repair") && status === "success";
}

export function stepId(name: string, key: string): string {
  return `${name}\n${key}`;
}

/** Reads a review's answer from its record. */
export function answerOf(record: JournalRecord): ReviewAnswer {
  if (!isObject(record.body.detail))
    throw new Failure({ class: "bug", code: "broken_record", message: "A review's answer has no detail." });
  return record.body.detail as unknown as ReviewAnswer;
}
