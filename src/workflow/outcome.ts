import type { Json } from "../base/json.ts";
import type { RunJournal } from "../journal/run-journal.ts";

/** A write that waits for a person, or that would. */
export interface ProposedWrite {
  step: string;
  key: string;
  tool: string;
  payload: Json;
}

/** Binds an approval to exactly this decision and these writes. */
export function outcomeHash(journal: RunJournal, decision: Json, writes: readonly ProposedWrite[]): string {
  const listed = writes.map(({ step, key, tool, payload }) => ({ step, key, tool, payload }));
  return journal.vault.fingerprint({ decision, writes: listed });
}

/** Why a decision goes to a person: a code, and the sentence the person reads. */
export interface Ruling {
  why: "withdrawn" | "automation" | "scope" | "policy" | "validation" | "share" | "stage" | "sample";
  reason: string;
}
