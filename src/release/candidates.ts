import type { Page, Paged } from "../journal/ports.ts";

/** What a shadow candidate answered to the inputs of one prompt step of one run. Without effect on the run. */
export interface CandidateAnswer {
  runId: string;
  workflow: string;
  slot: string;
  key: string;
  /** That the run was pinned to. */
  release: number;
  prompt: string;
  version: string;
  hash: string;
  /** `provider/model` that was asked. */
  model: string;
  /** `skipped`: it was not asked, and `code` says why. */
  status: "valid" | "invalid" | "failed" | "skipped";
  /** Why there is no valid output: a failure's or verdict's code; null where there is one. */
  code: string | null;
  /** Whether its one repair was asked for. */
  repaired: boolean;
  /** Redacted JSON text; null where there is none, or retention took it. */
  output: string | null;
  /** Whether it decides what the output decided that the run was served with; null where one of them is missing. */
  agrees: boolean | null;
  /** Whether it decides what a person said the output has to be; null where nobody said so. */
  agreesWithPerson: boolean | null;
  /** The same of the output the run was served with. */
  servedAgreesWithPerson: boolean | null;
  /** By field of the output whether it is the same as in the served one; null where one of them is missing. */
  fields: Record<string, boolean> | null;
  /** US dollars of all its calls; null where the price is unknown, or nothing was asked. */
  costUsd: number | null;
  /** Kept in whole ms. */
  latencyMs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** Epoch ms. */
  askedAt: number;
}

/** One version on one model in one slot, over all runs it was asked beside. */
export interface CandidateTotals {
  workflow: string;
  slot: string;
  prompt: string;
  version: string;
  hash: string;
  model: string;
  /** Answers on record, and how they divide. */
  total: number;
  valid: number;
  invalid: number;
  failed: number;
  skipped: number;
  repaired: number;
  /** Skipped answers by why. */
  skippedWhy: Record<string, number>;
  /** Where served and candidate both gave an output, and where they decide the same. */
  compared: number;
  agreed: number;
  /** Where a person decided, and where candidate and served output say the same as the person. */
  judged: number;
  candidateRight: number;
  servedRight: number;
  /** By field. */
  fields: Record<string, { compared: number; agreed: number }>;
  /** Of the calls whose price is known, and how many answers have none. */
  costUsd: number;
  unknownCosts: number;
  latencyAvgMs: number | null;
  latencyP95Ms: number | null;
  inputTokens: number;
  outputTokens: number;
  /** Epoch ms of the first and last. */
  firstAt: number;
  lastAt: number;
}

/** Ended runs in the order in which the audit chain took them, from after `position`. */
export interface EndedRuns {
  /** Those among the looked at that have pinned a shadow candidate. */
  runs: { runId: string; position: number }[];
  /** How far this look went; the given one where there is nothing new. */
  position: number;
}

export interface CandidateStore {
  /** The next of at most `limit` ended runs. */
  endedWithCandidate(position: number, limit: number): Promise<EndedRuns>;
  /** Number a follower has come to; 0: it never was. */
  followed(follower: string): Promise<number>;
  /** In one transaction. An answer that is on record already stays as it is. */
  noteCandidates(input: {
    answers: readonly CandidateAnswer[];
    followed?: { follower: string; position: number };
  }): Promise<void>;
  /** Those that are on record of one run. */
  candidatesOfRun(runId: string): Promise<CandidateAnswer[]>;
  /** Newest first. `differing`: only those that do not agree with what was served. */
  candidateAnswers(
    filter: { workflow: string; slot?: string; version?: string; differing?: boolean },
    page: Page,
  ): Promise<Paged<CandidateAnswer>>;
  /** Of one workflow, by slot, the latest first. */
  candidateTotals(workflow: string): Promise<CandidateTotals[]>;
  /** Dollars of answers asked for at or after `since`, as far as prices are known. */
  candidatesSpent(since: number): Promise<number>;
}
