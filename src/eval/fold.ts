import { isoTime } from "../base/clock.ts";
import { CalibrationCounts } from "./calibration.ts";
import { ClassCounts } from "./class-counts.ts";
import { caseKey } from "./measure.ts";
import type { Fold, FoldedSuite, Report, ReportFacts } from "./report.ts";
import type { ScoredCase } from "./result.ts";
import { EXPECTED_KINDS, SliceMeasures } from "./slices.ts";
import type { Target } from "./suite.ts";
import { TargetMeasures } from "./target-rows.ts";
import { FlakinessCounts, TotalCounts } from "./totals.ts";
import { verdictOf } from "./verdict.ts";

/** Gathers a report, attempt by attempt. `repeat`: how often each case was tried. */
export function foldOf(suite: FoldedSuite, repeat: number): Fold {
  const fold = new ReportFold(suite, repeat);
  return { accumulate: (scored) => fold.accumulate(scored), finish: (facts) => fold.finish(facts) };
}

class ReportFold {
  readonly #suite: FoldedSuite;
  readonly #repeat: number;
  readonly #totals = new TotalCounts();
  readonly #targets: TargetMeasures;
  readonly #kinds: SliceMeasures;
  readonly #slices: readonly { path: string; measures: SliceMeasures }[];
  readonly #fields: readonly ClassCounts[];
  readonly #calibration = new CalibrationCounts(null);
  readonly #flakiness: FlakinessCounts;
  #case: ScoredCase[] = [];

  constructor(suite: FoldedSuite, repeat: number) {
    this.#suite = suite;
    this.#repeat = repeat;
    this.#targets = new TargetMeasures(suite.targets);
    this.#kinds = new SliceMeasures("kind", suite.targets);
    this.#slices = suite.slices.map((path) => ({ path, measures: new SliceMeasures(path, suite.targets) }));
    this.#fields = fieldsOf(suite.targets).map((field) => new ClassCounts(field));
    this.#flakiness = new FlakinessCounts(repeat);
  }

  accumulate(scored: ScoredCase): void {
    const [first] = this.#case;
    if (first !== undefined && caseKey(first) !== caseKey(scored)) this.#endCase();
    this.#case.push(scored);
    this.#totals.add(scored);
    this.#targets.add(scored);
    this.#kinds.add(scored.case.kind, scored);
    for (const { path, measures } of this.#slices) measures.add(scored.slices[path] ?? null, scored);
    for (const counts of this.#fields) counts.add(scored);
    this.#calibration.add(scored);
  }

  /** A case with an attempt too few would leave a denominator unseen. */
  #endCase(): void {
    const [first] = this.#case;
    if (first === undefined) return;
    const repeats = new Set(this.#case.map(({ result }) => result.repeat));
    if (this.#case.length !== this.#repeat || repeats.size !== this.#repeat)
      throw new RangeError(`Case ${first.case.id} has ${this.#case.length} attempts where ${this.#repeat} are due.`);
    this.#flakiness.add(this.#case);
    this.#case = [];
  }

  finish(facts: ReportFacts): Report {
    this.#endCase();
    const { name, description, file, hash } = this.#suite;
    const repeat = this.#repeat;
    const targets = this.#targets.rows(repeat);
    return {
      report_version: 1,
      eval_id: facts.evalId,
      suite: { name, description, file, hash, scorers_hash: facts.scorersHash },
      subject: facts.subject,
      datasets: facts.datasets,
      repeat,
      verdict: verdictOf(targets),
      in_context: facts.inContext,
      totals: this.#totals.totals(repeat),
      targets,
      slices: [
        this.#kinds.table(repeat, EXPECTED_KINDS),
        ...this.#slices.map(({ measures }) => measures.table(repeat)),
      ],
      fields: this.#fields.map((counts) => counts.table(repeat)),
      calibration: this.#calibration.end(repeat),
      usage: this.#totals.usage(),
      flakiness: this.#flakiness.end(),
      failing: this.#totals.failing,
      comparison: facts.comparison,
      started_at: facts.startedAt === null ? null : isoTime(facts.startedAt),
      ended_at: facts.endedAt === null ? null : isoTime(facts.endedAt),
    };
  }
}

/** Metrics of which a table of classes says where the errors are. */
const OF_CLASSES = new Set([
  "accuracy",
  "exact_match",
  "automated_accuracy",
  "recall",
  "precision",
  "specificity",
  "f1",
]);

/** Fields that targets look at, in their order. */
function fieldsOf(targets: readonly Target[]): string[] {
  const fields = targets
    .filter(({ metric }) => OF_CLASSES.has(metric))
    .flatMap(({ field, positive }) => [...(field === null ? [] : [field]), ...Object.keys(positive ?? {})]);
  return [...new Set(fields)];
}
