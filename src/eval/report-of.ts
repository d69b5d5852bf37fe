import type { ComparisonFold, ComparisonReport } from "./comparison.ts";
import type { Evidence } from "../release/evidence.ts";
import type { EvalRun } from "./ports.ts";
import type { Fold, Report, ReportFacts } from "./report.ts";
import type { ScoredCase } from "./result.ts";
import { scoredCases } from "./scored.ts";
import type { ReadEval, ScoredDeps } from "./scored.ts";

/** Computes a report from what is on disk, in the order of the cases: whoever computes it, and whenever, it comes out the same. */
export async function reportOf(deps: ScoredDeps, read: ReadEval, fold: Fold, facts: ReportFacts): Promise<Report> {
  for await (const attempts of scoredCases(deps, read)) for (const scored of attempts) fold.accumulate(scored);
  return fold.finish(facts);
}

/** Two eval runs of one suite, case by case. */
export async function compare(
  deps: ScoredDeps,
  before: ReadEval,
  after: ReadEval,
  fold: ComparisonFold,
): Promise<ComparisonReport> {
  const facts = { before: before.run.evalId, after: after.run.evalId };
  if (sameCases(before.run, after.run)) await inStep(deps, before, after, fold);
  else await byCase(deps, before, after, fold);
  return fold.finish(facts);
}

function sameCases(a: Pick<EvalRun, "plan">, b: Pick<EvalRun, "plan">): boolean {
  const hashes = ({ plan }: Pick<EvalRun, "plan">): string =>
    plan.datasets.map(({ name, version, hash }) => `${name} ${version} ${hash}`).join("\n");
  return hashes(a) === hashes(b);
}

async function inStep(deps: ScoredDeps, before: ReadEval, after: ReadEval, fold: ComparisonFold): Promise<void> {
  const then = scoredCases(deps, before);
  for await (const now of scoredCases(deps, after)) {
    const { value, done } = await then.next();
    fold.accumulate(done === true ? [] : value, now);
  }
  for await (const rest of then) fold.accumulate(rest, []);
}

/** Their cases differ: those of the one before are kept, without what is only shown of a single case. */
async function byCase(deps: ScoredDeps, before: ReadEval, after: ReadEval, fold: ComparisonFold): Promise<void> {
  const kept = new Map<string, ScoredCase[]>();
  for await (const attempts of scoredCases(deps, before)) {
    const [first] = attempts;
    if (first !== undefined) kept.set(idOf(first), attempts.map(withoutTrace));
  }
  for await (const attempts of scoredCases(deps, after)) {
    const [first] = attempts;
    if (first === undefined) continue;
    fold.accumulate(kept.get(idOf(first)) ?? [], attempts);
    kept.delete(idOf(first));
  }
  for (const rest of kept.values()) fold.accumulate(rest, []);
}

function idOf({ case: { dataset, id } }: ScoredCase): string {
  return `${dataset}\n${id}`;
}

function withoutTrace(scored: ScoredCase): ScoredCase {
  return { ...scored, result: { ...scored.result, trace: [] } };
}

/** What a release may rest on. */
export function evidenceOf(run: EvalRun, report: Report, at: number): Evidence {
  const { suite, suiteHash, scorersHash, datasets, subject } = run.plan;
  return {
    evidenceId: run.evalId,
    suite,
    suiteHash,
    scorersHash,
    datasets,
    subject,
    verdict: report.verdict,
    targets: report.targets.map(
      ({ name, metric, target, critical, value, interval, hits, cases, status, note, needed }) => ({
        name,
        metric,
        target,
        critical,
        value,
        interval,
        hits,
        cases,
        status,
        note,
        needed,
      }),
    ),
    cases: report.totals.cases,
    inContext: report.in_context,
    by: run.createdBy,
    at,
  };
}
