import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import { canonicalJson } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { PlacedCase } from "../eval/case.ts";
import type { ComparisonFold, ComparisonReport } from "../eval/comparison.ts";
import type { EvalPlan, EvalRun, EvalStore, NewEval } from "../eval/ports.ts";
import { compare } from "../eval/report-of.ts";
import type { Report } from "../eval/report.ts";
import type { ScoredCase } from "../eval/result.ts";
import { findCases } from "../eval/scored.ts";
import type { CaseQuery, ReadEval } from "../eval/scored.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { Page, Paged } from "../journal/ports.ts";
import { openReport, workOn } from "./eval-jobs.ts";
import type { JobDeps, Material } from "./eval-jobs.ts";
import type { Suite } from "../eval/suite.ts";
import type { Actor } from "./actor.ts";

/** What somebody asks to be evaluated. */
export interface EvalRequest {
  suite: string;
  /** A version of the suite's prompt, or of one that its workflow uses; the newest unless said. */
  prompt?: { name: string; version: string };
  /** `provider/model` in place of the version's own. */
  model?: string;
  /** The version to compare with, evaluated on the same cases. */
  baseline?: { name: string; version: string };
  /** In place of the thresholds that are in force, of a workflow's suite. */
  thresholds?: Readonly<Record<string, number>>;
  repeat: number;
  concurrency: number;
  budgetUsd: number | null;
  fresh: boolean;
}

/** An eval run with what is known of its pace. With a baseline the counts are of both. */
export interface EvalView {
  run: EvalRun;
  total: number;
  done: number;
  cached: number;
  costUsd: number;
  unpriced: number;
  /** Null: nobody can say. */
  secondsLeft: number | null;
}

/** What a request comes to: what is evaluated, without the fields that say how. */
export type PlannedSubject = Pick<EvalPlan, "suite" | "suiteHash" | "scorersHash" | "datasets" | "subject"> & {
  total: number;
};

/** Of an app: suites, and eval runs in the background. */
export interface Evals {
  /** By name. */
  evalSuites(): readonly Suite[];
  /** Throws `UsageError`, `ProjectError`. `resumed`: the same request had begun it before. */
  startEval(request: EvalRequest, actor: Actor): Promise<{ view: EvalView; resumed: boolean }>;
  evalView(evalId: string): Promise<EvalView | null>;
  listEvals(filter: { suite?: string }, page: Page): Promise<Paged<EvalRun>>;
  /** Null until it is done. */
  evalReport(evalId: string): Promise<Report | null>;
  evalCases(run: EvalRun, query: CaseQuery): Promise<{ items: ScoredCase[]; next: number | null }>;
  /** Throws `UsageError` other_suite. */
  compareEvals(before: EvalRun, after: EvalRun): Promise<ComparisonReport>;
  /** Null: there is none of this id. One that is over stays as it is. */
  cancelEval(evalId: string, actor: Actor): Promise<EvalRun | null>;
  /** Calls `changed` whenever there is news of it; answers how to stop that. */
  watchEval(evalId: string, changed: () => void): () => void;
}

export interface EvalDeskDeps {
  store: EvalStore;
  keyring: Keyring;
  clock: Clock;
  /** Fixes by hashes what a request is about. Throws `UsageError`, `ProjectError`. */
  plan(request: EvalRequest, prompt: EvalRequest["prompt"], by: string): Promise<PlannedSubject>;
  material(plan: EvalPlan, evalId: string): Promise<Material>;
  /** Of an eval that ended long ago as well: its cases as they were. */
  cases(plan: EvalPlan): AsyncIterable<PlacedCase>;
  slices(suite: string): readonly string[];
  comparison(suite: string): ComparisonFold;
  log(level: "info" | "warn" | "error", message: string, data: Json): void;
}

interface Live {
  stop: AbortController;
  ended: Promise<void>;
}

/** At once; others wait in the queue. */
const AT_ONCE = 2;

/** Eval runs as jobs: begun, gone on with, looked at, compared. */
export class EvalDesk {
  readonly #deps: EvalDeskDeps;
  readonly #owner: string = newId("wrk");
  readonly #live = new Map<string, Live>();
  /** When this process began with it, and how far it was then. */
  readonly #began = new Map<string, { at: number; done: number }>();
  readonly #watchers = new Map<string, Set<() => void>>();
  #queue: string[] = [];
  #closing = false;

  constructor(deps: EvalDeskDeps) {
    this.#deps = deps;
  }

  /** Begins it, or goes on with the one that the same request began. `resumed`: that. */
  async start(request: EvalRequest, actor: Actor): Promise<{ view: EvalView; resumed: boolean }> {
    const { store } = this.#deps;
    const evals = await this.#planned(request, actor);
    const [main] = evals as [NewEval, ...NewEval[]];
    const begun = request.fresh ? null : await store.unfinishedEval(main.request);
    if (begun === null) await store.addEvals(evals);
    else
      for (const each of [begun.evalId, begun.plan.baseline]) if (each !== null) await store.reopenEval(each, request);
    const evalId = begun?.evalId ?? main.evalId;
    this.#enqueue(evalId);
    return { view: (await this.view(evalId)) as EvalView, resumed: begun !== null };
  }

  async #planned(request: EvalRequest, { name: by }: Actor): Promise<NewEval[]> {
    const { repeat, concurrency, budgetUsd, fresh, baseline } = request;
    const how = { repeat, concurrency, budgetUsd, fresh };
    const subject = await this.#deps.plan(request, request.prompt, by);
    const before = baseline === undefined ? null : await this.#deps.plan(request, baseline, by);
    if (before !== null && sameJson(before.subject, subject.subject))
      throw new UsageError("same_version", "The baseline is what is to be evaluated: name another version.");
    const [evalId, beforeId] = [newId("evl"), newId("evl")];
    const id = requestHash([subject, before, repeat]);
    const made = (
      { total: _total, ...about }: PlannedSubject,
      more: Pick<EvalPlan, "baseline" | "baselineOf">,
    ): EvalPlan => ({
      ...about,
      ...how,
      ...more,
    });
    const main = made(subject, { baseline: before === null ? null : beforeId, baselineOf: null });
    return [
      { evalId, request: id, plan: main, total: subject.total, by },
      ...(before === null
        ? []
        : [
            {
              evalId: beforeId,
              request: id,
              plan: made(before, { baseline: null, baselineOf: evalId }),
              total: before.total,
              by,
            },
          ]),
    ];
  }

  /** Goes on with whatever a process that is gone had begun. */
  async resumeAll(): Promise<void> {
    for (const { evalId, plan } of await this.#deps.store.openEvals())
      if (plan.baselineOf === null) this.#enqueue(evalId);
  }

  #enqueue(evalId: string): void {
    if (this.#live.has(evalId) || this.#queue.includes(evalId)) return;
    this.#queue.push(evalId);
    this.#next();
  }

  #next(): void {
    while (this.#live.size < AT_ONCE && !this.#closing) {
      const evalId = this.#queue.shift();
      if (evalId === undefined) return;
      const stop = new AbortController();
      const ended = this.#work(evalId, stop.signal);
      this.#live.set(evalId, { stop, ended });
    }
  }

  async #work(evalId: string, signal: AbortSignal): Promise<void> {
    const { store, keyring, clock, material, log } = this.#deps;
    const told = (run: EvalRun): void => this.#told(run);
    const deps: JobDeps = { store, keyring, clock, owner: this.#owner, material, told };
    try {
      await workOn(deps, evalId, signal);
    } catch (error) {
      // Stopped: what is on disk is gone on with later.
      if (!signal.aborted) log("error", "An eval run could not be worked on.", { eval_id: evalId, error: text(error) });
    } finally {
      this.#live.delete(evalId);
      this.#began.delete(evalId);
      this.#tell(evalId);
      this.#next();
    }
  }

  #told({ evalId, plan, done }: EvalRun): void {
    if (!this.#began.has(evalId)) this.#began.set(evalId, { at: this.#deps.clock.now(), done });
    this.#tell(plan.baselineOf ?? evalId);
  }

  #tell(evalId: string): void {
    for (const tell of this.#watchers.get(evalId) ?? []) tell();
  }

  /** Calls `changed` whenever there is news of it; answers how to stop that. */
  watch(evalId: string, changed: () => void): () => void {
    const watchers = this.#watchers.get(evalId) ?? new Set();
    this.#watchers.set(evalId, watchers.add(changed));
    return () => {
      watchers.delete(changed);
      if (watchers.size === 0) this.#watchers.delete(evalId);
    };
  }

  async view(evalId: string): Promise<EvalView | null> {
    const run = await this.#deps.store.evalRun(evalId);
    if (run === null) return null;
    const before = run.plan.baseline === null ? null : await this.#deps.store.evalRun(run.plan.baseline);
    const parts = before === null ? [run] : [run, before];
    const sum = (of: (part: EvalRun) => number): number => parts.reduce((all, part) => all + of(part), 0);
    return {
      run,
      total: sum(({ total }) => total),
      done: sum(({ done }) => done),
      cached: sum(({ cached }) => cached),
      costUsd: sum(({ costUsd }) => costUsd),
      unpriced: sum(({ unpriced }) => unpriced),
      secondsLeft: this.#secondsLeft(parts),
    };
  }

  /** By the pace of what this process has done of it. */
  #secondsLeft(parts: readonly EvalRun[]): number | null {
    let [done, left, began] = [0, 0, Number.POSITIVE_INFINITY];
    for (const run of parts) {
      const start = this.#began.get(run.evalId);
      if (start !== undefined) [done, began] = [done + run.done - start.done, Math.min(began, start.at)];
      left += run.total - run.done;
    }
    if (left === 0) return 0;
    const seconds = (this.#deps.clock.now() - began) / 1_000;
    return done === 0 || seconds <= 0 ? null : Math.ceil((left * seconds) / done);
  }

  async list(filter: { suite?: string }, page: Page): Promise<Paged<EvalRun>> {
    return await this.#deps.store.evalRuns(filter, page);
  }

  async report(evalId: string): Promise<Report | null> {
    const sealed = await this.#deps.store.evalReport(evalId);
    return sealed === null ? null : openReport(this.#deps.keyring, sealed);
  }

  /** Attempts that have a result, in the order of the cases; `next`: the place to go on from. */
  async cases(run: EvalRun, query: CaseQuery): Promise<{ items: ScoredCase[]; next: number | null }> {
    return await findCases(this.#deps, this.#read(run), query);
  }

  #read(run: EvalRun): ReadEval {
    return { run, cases: this.#deps.cases(run.plan), slices: this.#deps.slices(run.plan.suite) };
  }

  /** Throws `UsageError` other_suite. */
  async compare(before: EvalRun, after: EvalRun): Promise<ComparisonReport> {
    const { suite } = after.plan;
    if (before.plan.suite !== suite)
      throw new UsageError(
        "other_suite",
        `${before.evalId} is of the suite ${before.plan.suite}, ${after.evalId} of ${suite}.`,
      );
    return await compare(this.#deps, this.#read(before), this.#read(after), this.#deps.comparison(suite));
  }

  /** What it has stays, and the same request goes on from there. Null: there is none of this id. */
  async cancel(evalId: string, actor: Actor): Promise<EvalRun | null> {
    const message = `Cancelled by ${actor.name}.`;
    const run = await this.#deps.store.cancelEval(evalId, actor.name, { class: "denied", code: "cancelled", message });
    this.#queue = this.#queue.filter((each) => each !== evalId);
    this.#live.get(evalId)?.stop.abort(new Error(message));
    this.#tell(evalId);
    return run;
  }

  /** Stops asking. What is on disk is gone on with by the next process. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#queue = [];
    const live = [...this.#live.values()];
    for (const { stop } of live) stop.abort(new Error("This process is stopping."));
    await Promise.allSettled(live.map(({ ended }) => ended));
  }
}

function requestHash(of: unknown): Uint8Array {
  return createHash("sha256")
    .update(canonicalJson(of as Json))
    .digest();
}

function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function evalsOf(desk: EvalDesk, suites: () => readonly Suite[]): Evals {
  return {
    evalSuites: suites,
    startEval: (request, actor) => desk.start(request, actor),
    evalView: (evalId) => desk.view(evalId),
    listEvals: (filter, page) => desk.list(filter, page),
    evalReport: (evalId) => desk.report(evalId),
    evalCases: (run, query) => desk.cases(run, query),
    compareEvals: (before, after) => desk.compare(before, after),
    cancelEval: (evalId, actor) => desk.cancel(evalId, actor),
    watchEval: (evalId, changed) => desk.watch(evalId, changed),
  };
}
