import { checkLive } from "../app/live-check.ts";
import type { LiveFinding } from "../app/live-check.ts";
import { UsageError } from "../base/failure.ts";
import { inertLine } from "../base/inert.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Verdict } from "../workflow/foresee.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { paint, printJson, printLines, table } from "./print.ts";
import type { Colour } from "./print.ts";
import { openProject, refuseErrors } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";

export interface LiveOptions extends FolderOptions {
  workflow?: string;
  limit?: string;
  dead?: boolean;
  json?: boolean;
}

/** Worst first. */
const VERDICTS: readonly Verdict[] = ["missing", "type changed", "fails", "unknown", "pinned", "re-executes", "safe"];
/** A deploy with one of these loses runs, or may. */
const BREAKS: readonly Verdict[] = ["missing", "type changed", "fails", "unknown"];
const COLOURS: Partial<Record<Verdict, Colour>> = { safe: "green", "re-executes": "yellow", pinned: "yellow" };
const EXAMPLES = 3;
const SHOW_EVERY_MS = 200;

/** Runs that would meet the deploy alike. */
interface Group {
  workflow: string;
  verdict: Verdict;
  steps: string[];
  why: string;
  runs: number;
  examples: string[];
}

/** `sluice check --live`: what a deploy of the files would do to every run that has not ended. */
export async function checkLiveRuns(options: LiveOptions, io: Io): Promise<void> {
  const { workflow, dead = false, json = false } = options;
  const limit = options.limit === undefined ? undefined : wholeNumber(options.limit);
  const project = await openProject(options, io);
  refuseErrors(project.problems);
  const groups = new Map<string, Group>();
  const runs: unknown[] = [];
  let total = 0;
  const onProgress = progressLine(io);
  for await (const found of checkLive({ project, env: io.env, workflow, limit, dead, onProgress })) {
    total++;
    addTo(groups, found);
    if (json) runs.push(document(found));
  }
  onProgress(0, 0);
  if (workflow !== undefined && total === 0 && !project.workflows.has(workflow))
    throw new UsageError(
      "unknown_workflow",
      `There is no workflow ${JSON.stringify(workflow)}, and no run of it. ${didYouMean(workflow, project.workflows.keys())}`.trimEnd(),
    );
  const sorted = [...groups.values()].sort(byWorst);
  const breaking = sorted.filter(({ verdict }) => BREAKS.includes(verdict)).reduce((sum, group) => sum + group.runs, 0);
  if (json) printJson(io, { ok: breaking === 0, runs_looked_at: total, breaking, groups: sorted, runs });
  else printLines(io, lines(sorted, total, breaking, io));
  if (breaking > 0) throw new Exit(EXIT.failed);
}

function wholeNumber(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new UsageError("bad_limit", `--limit is ${JSON.stringify(text)}; it must be a whole number of at least 1.`);
  return limit;
}

function addTo(groups: Map<string, Group>, { runId, workflow, verdict, steps, why }: LiveFinding): void {
  const key = JSON.stringify([workflow, verdict, steps, verdict === "safe" ? "" : withoutValues(why)]);
  const group = groups.get(key) ?? { workflow, verdict, steps, why, runs: 0, examples: [] };
  group.runs++;
  if (group.examples.length < EXAMPLES) group.examples.push(runId);
  groups.set(key, group);
}

/** Runs whose inputs differ in the same fields are one group, whatever stands in them: what a message shows of values varies. */
function withoutValues(why: string): string {
  return why.replaceAll(/ (was|is) .*?(?=, is |; |\.$|\. )/g, " $1 …");
}

function byWorst(a: Group, b: Group): number {
  return VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) || b.runs - a.runs;
}

function document({ runId, workflow, status, verdict, steps, why, divergence }: LiveFinding): unknown {
  return {
    run_id: runId,
    workflow,
    status,
    verdict,
    steps,
    why,
    ...(divergence === null ? {} : { detail: divergence }),
  };
}

function lines(groups: readonly Group[], total: number, breaking: number, io: Io): string[] {
  if (total === 0) return ["No run is under way: a deploy changes nothing for anybody."];
  const columns = [
    { title: "RUNS", right: true },
    { title: "WORKFLOW" },
    { title: "VERDICT" },
    { title: "LOOK AT" },
    { title: "STEPS", grows: true },
  ];
  const rows = groups.map(({ runs, workflow, verdict, examples, steps }) => [
    String(runs),
    workflow,
    verdict,
    examples[0] ?? "",
    steps.join(", "),
  ]);
  const ends =
    breaking === 0
      ? paint(io, "green", `A deploy breaks none of ${counted(total)}.`)
      : paint(io, "red", `A deploy would stop ${breaking} of ${counted(total)}, or nobody can say that it would not.`);
  const careful = groups
    .filter(({ verdict }) => COLOURS[verdict] === "yellow")
    .reduce((sum, { runs }) => sum + runs, 0);
  const warning =
    careful === 0 ? [] : [paint(io, "yellow", `${counted(careful)} would go on otherwise than without it: see above.`)];
  return [...table(io, columns, rows), "", ...details(groups), ends, ...warning];
}

/** What the table has no room for. */
function details(groups: readonly Group[]): string[] {
  const told = groups.filter(({ verdict }) => verdict !== "safe");
  return told.flatMap(({ workflow, verdict, why, examples, runs }) => [
    inertLine(`${workflow}, ${verdict} (${runs}): ${why}`),
    `  ${inertLine(examples.join(" "))}${runs > examples.length ? " …" : ""}`,
    "",
  ]);
}

function counted(runs: number): string {
  return `${runs} run${runs === 1 ? "" : "s"}`;
}

/** On a terminal; called with nothing, it clears the line. */
function progressLine(io: Io): (done: number, of: number) => void {
  if (!io.interactive) return () => {};
  let shownAt = 0;
  return (done, of) => {
    const now = performance.now();
    if (of > 0 && now - shownAt < SHOW_EVERY_MS) return;
    shownAt = now;
    io.err(of === 0 ? "\r\u001b[K" : `\rLooking ahead: ${done} of ${of} runs`);
  };
}
