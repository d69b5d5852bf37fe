import { atPath } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { PlacedCase } from "./case.ts";
import type { EvalRun, EvalStore, ResultQuery, StoredResult } from "./ports.ts";
import type { CaseResult, ScoredCase } from "./result.ts";
import { openAnswer } from "./run.ts";

export interface ScoredDeps {
  store: Pick<EvalStore, "evalResults">;
  keyring: Pick<Keyring, "openBytes">;
}

/** A finished or unfinished eval run, with its cases as they were when it began. */
export interface ReadEval {
  run: Pick<EvalRun, "evalId" | "plan">;
  /** In the order of its datasets. */
  cases: AsyncIterable<PlacedCase>;
  /** Paths into the input. */
  slices: readonly string[];
}

/** Results read at once. */
const BATCH = 256;

/** Case by case, all attempts at one after each other. One that never came is one that failed: nothing leaves a denominator. */
export async function* scoredCases(deps: ScoredDeps, read: ReadEval): AsyncGenerator<ScoredCase[]> {
  const { evalId, plan } = read.run;
  const results = resultsOf(deps, evalId);
  let next = await results.next();
  let place = 0;
  for await (const placed of read.cases) {
    const slices = slicesOf(placed, read.slices);
    const attempts: ScoredCase[] = [];
    for (let repeat = 1; repeat <= plan.repeat; repeat++, place++) {
      const stored = next.done !== true && next.value.place === place ? next.value : null;
      if (stored !== null) next = await results.next();
      const result = stored === null ? missing(placed, repeat) : caseResult(deps, placed, stored);
      attempts.push({ case: placed, result, slices });
    }
    yield attempts;
  }
}

async function* resultsOf(
  { store }: ScoredDeps,
  evalId: string,
  query: Omit<ResultQuery, "evalId" | "limit"> = { from: 0 },
): AsyncGenerator<StoredResult> {
  for (let { from } = query; ;) {
    const page = await store.evalResults({ ...query, evalId, from, limit: BATCH });
    yield* page;
    if (page.length < BATCH) return;
    from = (page.at(-1) as StoredResult).place + 1;
  }
}

export interface CaseQuery extends Omit<ResultQuery, "evalId"> {
  dataset?: string;
  /** Value of a slice path; null: none. */
  slice?: { path: string; value: string | null };
}

/** Attempts that have a result, in the order of the cases; `next`: the place to go on from. */
export async function findCases(
  deps: ScoredDeps,
  read: ReadEval,
  { limit, slice, dataset, ...query }: CaseQuery,
): Promise<{ items: ScoredCase[]; next: number | null }> {
  const { evalId, plan } = read.run;
  const items: ScoredCase[] = [];
  const results = resultsOf(deps, evalId, query);
  let next = await results.next();
  let place = 0;
  for await (const placed of read.cases) {
    if (next.done === true) break;
    const end = place + plan.repeat;
    const slices = slicesOf(placed, slice === undefined ? read.slices : [...read.slices, slice.path]);
    const meant =
      (dataset === undefined || placed.dataset === dataset) &&
      (slice === undefined || slices[slice.path] === slice.value);
    for (; next.done !== true && next.value.place < end; next = await results.next()) {
      if (!meant) continue;
      if (items.length === limit) return { items, next: next.value.place };
      items.push({ case: placed, result: caseResult(deps, placed, next.value), slices });
    }
    place = end;
  }
  return { items, next: null };
}

/** A stored attempt, opened. */
function caseResult({ keyring }: Pick<ScoredDeps, "keyring">, placed: PlacedCase, stored: StoredResult): CaseResult {
  const { repeat, cached, scores } = stored;
  return {
    ...openAnswer(keyring, stored.body),
    caseId: placed.id,
    caseHash: placed.hash,
    dataset: placed.dataset,
    repeat,
    cached,
    scores:
      scores === null ? {} : (JSON.parse(Buffer.from(keyring.openBytes(scores)).toString()) as CaseResult["scores"]),
  };
}

function missing(placed: PlacedCase, repeat: number): CaseResult {
  return {
    caseId: placed.id,
    caseHash: placed.hash,
    dataset: placed.dataset,
    repeat,
    outcome: "failed",
    output: null,
    confidence: null,
    validJson: null,
    validFirst: null,
    repaired: false,
    latencyMs: null,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    error: { class: "bug", code: "not_asked", message: "There is no result of this case." },
    scores: {},
    cached: false,
    trace: [],
  };
}

/** The value of each slice path in the input, as text; null where it has none. */
function slicesOf({ input }: Pick<PlacedCase, "input">, paths: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(paths.map((path) => [path, asText(atPath(input, path))]));
}

function asText(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
