import type { FailureInfo } from "../base/failure.ts";
import type { Page, Paged } from "../journal/ports.ts";
import type { Evidence, Subject, Verdict } from "../release/evidence.ts";
import type { CaseOutcome } from "./result.ts";

export type EvalStatus = "queued" | "running" | "done" | "failed" | "cancelled";

/** What one eval run is about, fixed when it is asked for. */
export interface EvalPlan {
  suite: string;
  suiteHash: string;
  scorersHash: string;
  datasets: Evidence["datasets"];
  subject: Subject;
  repeat: number;
  /** Cases under way at once. */
  concurrency: number;
  /** Most it may spend, in US dollars; null: no limit. */
  budgetUsd: number | null;
  /** Asks anew what was answered before. */
  fresh: boolean;
  /** Eval run of the version it is compared with, made with it; null: none. */
  baseline: string | null;
  /** Eval run whose baseline this one is; null: none. */
  baselineOf: string | null;
}

/** An eval run as it stands. Times are epoch ms. */
export interface EvalRun {
  evalId: string;
  status: EvalStatus;
  plan: EvalPlan;
  /** Cases times repeats. */
  total: number;
  done: number;
  /** Of those: answered from the cache. */
  cached: number;
  /** Spent by this run, where the price is known. */
  costUsd: number;
  /** Cases it asked for of which the price is unknown. */
  unpriced: number;
  verdict: Verdict | null;
  /** Why it failed, or who cancelled it for what. */
  failure: FailureInfo | null;
  createdAt: number;
  createdBy: string;
  startedAt: number | null;
  endedAt: number | null;
  endedBy: string | null;
}

export interface NewEval {
  evalId: string;
  /** SHA-256 of what was asked for: the same request goes on with what it began. */
  request: Uint8Array;
  plan: EvalPlan;
  total: number;
  by: string;
}

/** What one attempt at a case came to, on its way to the store. */
export interface NewResult {
  /** Of the case in the suite's datasets, times the repeats, from 0. */
  place: number;
  caseId: string;
  caseHash: Uint8Array;
  dataset: string;
  repeat: number;
  outcome: CaseOutcome;
  passing: boolean;
  /** Figures of custom scorers, sealed; null: none. */
  scores: Uint8Array | null;
  /** `stored`: an answer that is there already. Else one to keep, sealed; under a key it may be used again. */
  answer: { stored: number } | { body: Uint8Array; key: Uint8Array | null };
}

export interface StoredResult extends Omit<NewResult, "answer"> {
  cached: boolean;
  /** The answer, sealed. */
  body: Uint8Array;
}

export interface StoredAnswer {
  answer: number;
  body: Uint8Array;
}

export interface ResultQuery {
  evalId: string;
  /** From this place on. */
  from: number;
  limit: number;
  outcome?: CaseOutcome;
  failing?: boolean;
  caseId?: string;
}

export interface EndEval {
  evalId: string;
  owner: string;
  status: "done" | "failed";
  verdict: Verdict | null;
  failure: FailureInfo | null;
  /** Sealed. */
  report: Uint8Array | null;
  /** Written in the same transaction. */
  evidence: Evidence | null;
}

/** What a store does for evals. What cases, answers and reports hold is sealed before it comes here. */
export interface EvalStore {
  /** Queued, in order. Answers them as they stand. */
  addEvals(evals: readonly NewEval[]): Promise<EvalRun[]>;
  evalRun(evalId: string): Promise<EvalRun | null>;
  /** Newest first. */
  evalRuns(filter: { suite?: string }, page: Page): Promise<Paged<EvalRun>>;
  /** The newest of this request that is no baseline and not `done`; null: none. */
  unfinishedEval(request: Uint8Array): Promise<EvalRun | null>;
  /** Queued and running ones, oldest first. */
  openEvals(): Promise<EvalRun[]>;
  /** Takes one that is not done for this owner, whoever had it: what the one before writes from now on is refused. */
  takeEval(evalId: string, owner: string): Promise<EvalRun | null>;
  /** Puts a failed or cancelled one back into the queue, with what it may spend now. */
  reopenEval(evalId: string, plan: Pick<EvalPlan, "budgetUsd" | "concurrency">): Promise<EvalRun | null>;
  /** Answers and results in one transaction; a place that has a result keeps it. Null where `owner` does not have it any more. */
  putResults(input: {
    evalId: string;
    owner: string;
    results: readonly NewResult[];
    /** Spent since the last call. */
    costUsd: number;
    unpriced: number;
  }): Promise<EvalRun | null>;
  /** By place. */
  evalResults(query: ResultQuery): Promise<StoredResult[]>;
  /** Which places from `from` on, less than `to`, have a result. */
  placesDone(evalId: string, from: number, to: number): Promise<number[]>;
  /** By key, in order; null where there is none. */
  cachedAnswers(keys: readonly Uint8Array[]): Promise<(StoredAnswer | null)[]>;
  /** Null where `owner` does not have it any more. */
  endEval(input: EndEval): Promise<EvalRun | null>;
  /** Ends one that is not over, with its baseline. Answers it as it stands then; null: there is none. */
  cancelEval(evalId: string, by: string, failure: FailureInfo): Promise<EvalRun | null>;
  /** Sealed; null where there is none. */
  evalReport(evalId: string): Promise<Uint8Array | null>;
}
