import { Failure } from "../base/failure.ts";
import type { FailureInfo } from "../base/failure.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { Clock } from "../base/clock.ts";
import type { CaseAsker, Scorers } from "../eval/asking.ts";
import type { PlacedCase } from "../eval/case.ts";
import type { ComparisonFold, ComparisonReport } from "../eval/comparison.ts";
import { Meter } from "../eval/meter.ts";
import type { EvalPlan, EvalRun, EvalStore } from "../eval/ports.ts";
import type { Fold, Report } from "../eval/report.ts";
import { compare, evidenceOf, reportOf } from "../eval/report-of.ts";
import { runCases } from "../eval/run.ts";
import type { CasesDone } from "../eval/run.ts";
import type { Suite } from "../eval/suite.ts";

/** What an eval run needs around it, made for its plan. Throws `UsageError` where the project has other files by now. */
export interface Material {
  suite: Suite;
  cases(): AsyncIterable<PlacedCase>;
  asker(meter: Meter): CaseAsker;
  scorers: Scorers | null;
  inContext: boolean;
  fold(): Fold;
  comparison(): ComparisonFold;
}

export interface JobDeps {
  store: EvalStore;
  keyring: Keyring;
  clock: Clock;
  /** This process, to the store. */
  owner: string;
  material(plan: EvalPlan, evalId: string): Promise<Material>;
  told(run: EvalRun): void;
}

/**
 * Works on one eval run until it has ended: its baseline first, its cases, its report. Rejects only with the reason of
 * `signal`; whatever else goes wrong ends the run as failed.
 */
export async function workOn(deps: JobDeps, evalId: string, signal: AbortSignal): Promise<void> {
  const taken = await deps.store.takeEval(evalId, deps.owner);
  if (taken === null) return;
  deps.told(taken);
  try {
    await workThrough(deps, taken, signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    await endFailed(deps, evalId, infoOf(error));
  }
}

async function workThrough(deps: JobDeps, run: EvalRun, signal: AbortSignal): Promise<void> {
  const { evalId, plan } = run;
  let spent = run.costUsd;
  if (plan.baseline !== null) {
    await workOn(deps, plan.baseline, signal);
    const before = await deps.store.evalRun(plan.baseline);
    if (before?.status !== "done") return await endFailed(deps, evalId, baselineFailed(before));
    spent += before.costUsd;
  }
  const material = await deps.material(plan, evalId);
  const came = await askAll(deps, run, material, spent, signal);
  if (came.came === "ended") return;
  if (came.came === "stopped") return await endFailed(deps, evalId, came.why);
  await finish(deps, run, material);
}

async function askAll(
  deps: JobDeps,
  { evalId, plan }: EvalRun,
  material: Material,
  spent: number,
  signal: AbortSignal,
): Promise<CasesDone> {
  const { store, keyring, told, owner } = deps;
  const { repeat, concurrency, fresh } = plan;
  const meter = new Meter(plan.budgetUsd, spent);
  const asker = material.asker(meter);
  const { cases, scorers } = material;
  const work = { evalId, owner, repeat, concurrency, fresh, cases, asker, scorers, meter };
  try {
    return await runCases({ store, keyring, told }, work, signal);
  } finally {
    await asker.close();
  }
}

async function finish(deps: JobDeps, { evalId }: EvalRun, material: Material): Promise<void> {
  const { store, keyring, clock, owner } = deps;
  const run = await store.evalRun(evalId);
  if (run === null) return;
  const { plan, startedAt } = run;
  const slices = material.suite.slices;
  const comparison = await comparedWithBaseline(deps, run, material);
  const { subject, datasets, scorersHash } = plan;
  const endedAt = clock.now();
  const facts = {
    evalId,
    subject,
    datasets,
    scorersHash,
    inContext: material.inContext,
    comparison,
    startedAt,
    endedAt,
  };
  const report = await reportOf(deps, { run, cases: material.cases(), slices }, material.fold(), facts);
  const ended = await store.endEval({
    evalId,
    owner,
    status: "done",
    verdict: report.verdict,
    failure: null,
    report: keyring.sealBytes(Buffer.from(JSON.stringify(report))),
    evidence: evidenceOf(run, report, endedAt),
  });
  if (ended !== null) deps.told(ended);
}

async function comparedWithBaseline(deps: JobDeps, run: EvalRun, material: Material): Promise<ComparisonReport | null> {
  const before = run.plan.baseline === null ? null : await deps.store.evalRun(run.plan.baseline);
  if (before === null) return null;
  const { slices } = material.suite;
  const read = (of: EvalRun) => ({ run: of, cases: material.cases(), slices });
  return await compare(deps, read(before), read(run), material.comparison());
}

/** Opens what `finish` sealed. */
export function openReport(keyring: Pick<Keyring, "openBytes">, sealed: Uint8Array): Report {
  return JSON.parse(Buffer.from(keyring.openBytes(sealed)).toString()) as Report;
}

async function endFailed(deps: JobDeps, evalId: string, failure: FailureInfo): Promise<void> {
  const { store, owner } = deps;
  const end = { evalId, owner, status: "failed", verdict: null, failure, report: null, evidence: null } as const;
  const run = await store.endEval(end);
  if (run !== null) deps.told(run);
}

function baselineFailed(before: EvalRun | null): FailureInfo {
  const why = before?.failure ?? null;
  const message = `The baseline did not come to its end${why === null ? "." : `: ${why.message}`}`;
  return { class: why?.class ?? "bug", code: why?.code ?? "baseline_failed", message };
}

function infoOf(error: unknown): FailureInfo {
  if (error instanceof Failure) return error.info;
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  return { class: "bug", code: typeof code === "string" ? code : "exception", message };
}
