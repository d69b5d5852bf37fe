import { UsageError } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { openAnswer } from "../eval/run.ts";
import type { EvalRun } from "../eval/ports.ts";
import { readRelease } from "../release/release.ts";
import type { Deployed } from "../workflow/open.ts";
import { recompute } from "../workflow/recompute.ts";
import type { Recomputed } from "../workflow/recompute.ts";
import type { Curve, CurvePoint, CurveRequest } from "./curving.ts";
import { changedFields, decisiveFields } from "./decision-fields.ts";
import type { DeclaredFields } from "./decision-fields.ts";
import type { Parts } from "./parts.ts";
import { asksPerson, openRun, personOf } from "./preview-run.ts";
import type { OpenRun } from "./preview-run.ts";
import { isInContext, share } from "./previews.ts";

/** The thresholds that are drawn, beside the present one. */
const GRID: readonly number[] = Array.from({ length: 101 }, (_, i) => i / 100);
const PAGE = 100;
const BATCH = 256;
const LATEST = 1_000;

/** One run or case: which thresholds let it through, and whether it is right where it is. */
interface Judged {
  automatedAt(threshold: number): boolean;
  /** Null where nobody knows. */
  right: boolean | null;
}

type Direction = "below" | "above";

/**
 * Automation against accuracy over a threshold. Throws `UsageError`: unknown_workflow, unknown_threshold, unknown_eval (404),
 * no_direction, not_a_share, eval_of_another (409).
 */
export async function curveOf(parts: Parts, request: CurveRequest): Promise<Curve> {
  const { workflow, threshold, source } = request;
  const deployed = deployedOf(parts, workflow);
  const control = await parts.store.control(workflow);
  const thresholds = control === null ? deployed.workflow.thresholds : readRelease(control.body).thresholds;
  const present = thresholds[threshold];
  if (present === undefined) throw unknownThreshold(workflow, threshold, Object.keys(thresholds));
  const direction = directionOf(threshold);
  if (present < 0 || present > 1)
    throw conflict("not_a_share", `${threshold} is ${present}; a curve is drawn of thresholds from 0 to 1.`);
  const grid = [...new Set([...GRID, present])].sort((a, b) => a - b);
  const found =
    source === "runs"
      ? await judgeRuns(parts, { request, deployed, direction, grid })
      : await judgeEval(parts, { evalId: source.evalId, deployed, direction });
  const { judged } = found;
  const points = grid.map((at) => pointAt(judged, at));
  return { workflow, threshold, direction, present, source, points, ...found.counts };
}

function pointAt(judged: readonly Judged[], threshold: number): CurvePoint {
  const automated = judged.filter((each) => each.automatedAt(threshold));
  const known = automated.filter(({ right }) => right !== null);
  return {
    value: threshold,
    automation: share(judged, (each) => each.automatedAt(threshold)),
    accuracy: share(known, ({ right }) => right === true),
  };
}

function deployedOf({ workflows }: Parts, name: string): Deployed {
  const found = workflows.get(name);
  if (found !== undefined) return found;
  const message = `There is no workflow ${JSON.stringify(name)}. ${didYouMean(name, workflows.keys())}`.trimEnd();
  throw new UsageError("unknown_workflow", message, { status: 404 });
}

function unknownThreshold(workflow: string, name: string, known: readonly string[]): UsageError {
  const message = `${workflow} has no threshold ${JSON.stringify(name)}. ${didYouMean(name, known)}`.trimEnd();
  return new UsageError("unknown_threshold", message, { status: 404 });
}

function conflict(code: string, message: string): UsageError {
  return new UsageError(code, message, { status: 409 });
}

/** As the gate reads names: what is looked at `_below` or from `min_` on lets less through the higher it is. */
function directionOf(name: string): Direction {
  if (name.endsWith("_below") || name.startsWith("min_")) return "below";
  if (name.endsWith("_above") || name.startsWith("max_")) return "above";
  const message = `Whether a higher ${name} lets more through cannot be told from its name: one that ends in "_below" or "_above", or begins with "min_" or "max_", says it.`;
  throw conflict("no_direction", message);
}

interface OverRuns {
  request: CurveRequest;
  deployed: Deployed;
  direction: Direction;
  grid: readonly number[];
}

interface Found {
  judged: Judged[];
  counts: Pick<Curve, "runs" | "skipped" | "peopleDecided" | "inContext">;
}

/** Each run replayed over its records with other thresholds; what a person decided is what is right. */
async function judgeRuns(parts: Parts, over: OverRuns): Promise<Found> {
  const { workflow, runs } = over.request;
  const judged: Judged[] = [];
  let looked = 0;
  let cursor: string | undefined;
  const most = Math.min(runs, LATEST);
  do {
    const page = { limit: Math.min(PAGE, most - looked), ...(cursor === undefined ? {} : { cursor }) };
    const { items, next } = await parts.store.list({ workflow }, page);
    for (const { runId } of items) {
      const open = await openRun(parts, runId, over.deployed);
      const found = open === null ? null : await judgeRun(parts, over, open);
      if (found !== null) judged.push(found);
    }
    looked += items.length;
    cursor = next ?? undefined;
  } while (cursor !== undefined && looked < most);
  const known = judged.filter(({ right }) => right !== null).length;
  return {
    judged,
    counts: {
      runs: looked,
      skipped: looked - judged.length,
      peopleDecided: known,
      inContext: asksInContext(parts, over.deployed),
    },
  };
}

/** Null for a run that its record does not replay: it says nothing about thresholds. */
async function judgeRun(parts: Parts, over: OverRuns, open: OpenRun): Promise<Judged | null> {
  const { deployed, direction, grid, request } = over;
  const { signal } = new AbortController();
  const given = { engine: parts.engine, deployed, ...open, signal };
  const at = async (threshold: number): Promise<Recomputed> =>
    await recompute({ ...given, thresholds: { [request.threshold]: threshold } });
  const lenient = await at((direction === "below" ? grid[0] : grid.at(-1)) as number);
  if (lenient.failure !== null || lenient.incompleteAt !== null) return null;
  const limit = asksPerson(lenient) ? null : await strictest(grid, direction, async (each) => !asksPerson(await at(each))); // prettier-ignore
  const person = personOf(open)?.decision ?? null;
  return { right: rightOf(deployed, parts, lenient.decision, person), automatedAt: (t) => limit !== null && (direction === "below" ? t <= limit : t >= limit) }; // prettier-ignore
}

/** The strictest of the thresholds that lets the run through, by halving; the most lenient one is known to. */
async function strictest(
  grid: readonly number[],
  direction: Direction,
  passes: (threshold: number) => Promise<boolean>,
): Promise<number> {
  const order = direction === "below" ? grid : grid.toReversed();
  let [low, high] = [0, order.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await passes(order[middle] as number)) low = middle;
    else high = middle - 1;
  }
  return order[low] as number;
}

function rightOf(
  deployed: Deployed,
  parts: Parts,
  decision: JsonObject | null,
  person: JsonObject | null,
): boolean | null {
  if (person === null) return null;
  if (decision === null) return false;
  const fields = decisiveFields(declaredBy(deployed, parts), [decision, person]);
  return changedFields(fields, decision, person).length === 0;
}

function declaredBy({ workflow }: Deployed, { prompts }: Parts): DeclaredFields {
  const specs = Object.values(workflow.prompts).map((name) => prompts.latest(name));
  const outputs = specs
    .filter((spec) => spec !== undefined)
    .map(({ outputSchema: schema, confidence }) => ({ schema, confidence }));
  return { decision: workflow.decision?.source ?? null, outputs };
}

/** Cases of an eval of one of the workflow's prompts: an answer is let through by its confidence. */
async function judgeEval(
  parts: Parts,
  { evalId, deployed, direction }: { evalId: string; deployed: Deployed; direction: Direction },
): Promise<Found> {
  const run = await evalOf(parts, evalId, deployed);
  const judged: Judged[] = [];
  let skipped = 0;
  for (let from = 0; ;) {
    const page = await parts.store.evalResults({ evalId, from, limit: BATCH });
    for (const { repeat, body, passing } of page) {
      if (repeat !== 1) continue;
      const { outcome, confidence } = openAnswer(parts.engine.keyring, body);
      if (outcome === "answered" && confidence === null) skipped++;
      const answered = outcome === "answered" && confidence !== null;
      const automatedAt = (t: number): boolean =>
        answered && (direction === "below" ? confidence >= t : confidence <= t);
      judged.push({ right: passing, automatedAt });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < BATCH) break;
    from = last.place + 1;
  }
  return {
    judged,
    counts: { runs: run.total, skipped, peopleDecided: judged.length, inContext: isInContext(parts, modelOf(run)) },
  };
}

function modelOf({ plan: { subject } }: EvalRun): string {
  return subject.kind === "prompt" ? subject.model : "";
}

function asksInContext(parts: Parts, { workflow }: Deployed): boolean {
  const specs = Object.values(workflow.prompts).map((name) => parts.prompts.latest(name));
  return specs.some((spec) => spec !== undefined && isInContext(parts, spec.model));
}

async function evalOf({ store }: Parts, evalId: string, deployed: Deployed): Promise<EvalRun> {
  const run = await store.evalRun(evalId);
  if (run === null) throw new UsageError("unknown_eval", `There is no eval run ${JSON.stringify(evalId)}.`, { status: 404 }); // prettier-ignore
  const { subject } = run.plan;
  if (subject.kind === "prompt" && Object.values(deployed.workflow.prompts).includes(subject.prompt)) return run;
  const what =
    subject.kind === "prompt"
      ? `is of the prompt ${subject.prompt}, which ${deployed.workflow.name} does not use`
      : `is of a whole path at the thresholds it had`;
  throw conflict("eval_of_another", `Eval run ${evalId} ${what}; name one of a prompt of ${deployed.workflow.name}.`);
}
