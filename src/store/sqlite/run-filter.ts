import type { RunFilter } from "../../journal/run-filter.ts";
import { statusOfNode } from "../../journal/path.ts";
import type { Database } from "./database.ts";
import { pathRows, pathsAt, pathsThrough } from "./paths.ts";
import { holdsWords, someHolding } from "./search.ts";

/** One way to walk the runs that pass a condition, newest first. */
interface Walk {
  from: string;
  /** Condition of the index entries themselves. */
  where: string;
  value: number | string | null;
  /** What orders the walk: the creation time and run number as the index names them. */
  created: string;
  runNo: string;
}

/** SQL of a filter: the cheapest walk, and what is left to check on each run. */
export interface Plan {
  walk: Walk;
  conditions: string[];
  values: (string | number)[];
  /** The walk is past every run, with no condition of its own. */
  all: boolean;
}

const ALL: Walk = {
  from: "runs r INDEXED BY runs_created",
  where: "1 = 1",
  value: null,
  created: "r.created_at",
  runNo: "r.run_no",
};

/** Columns with an index of their own, by the filter's name for them. */
const COLUMNS = [
  ["workflow", "workflow", "runs_workflow"],
  ["disposition", "disposition", "runs_disposition"],
  ["failureClass", "failure_class", "runs_failure"],
  ["fingerprint", "fingerprint", "runs_fingerprint"],
  ["release", "release", "runs_release"],
  ["stage", "stage", "runs_stage"],
] as const;

/**
 * How the runs of a filter are found; null where no run can match. Fewer than `few` that match a text are gone through by
 * number: that is soon done for all of them, but for the newest of many it is a detour.
 */
export function planFilter(db: Database, filter: RunFilter, few: number = FEW): Plan | null {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const walks: Walk[] = [];
  for (const [name, column, index] of COLUMNS) {
    const value = filter[name];
    if (value === undefined) continue;
    conditions.push(`r.${column} = ?`);
    values.push(value);
    walks.push({ ...ALL, from: `runs r INDEXED BY ${index}`, where: `r.${column} = ?`, value });
  }
  addStatus(filter, conditions, values, walks);
  if (!addEdge(db, filter, conditions, values, walks)) return null;
  if (!addFacets(db, filter, conditions, values, walks)) return null;
  if (filter.q !== undefined) addText(db, { q: filter.q, few }, conditions, values, walks);
  const walk = cheapest(db, walks);
  addTimes(filter, walk, conditions, values);
  return { walk, conditions, values, all: walk === ALL };
}

/** The value the walk itself begins with, where it has one. */
export function startOf({ walk }: Plan): (string | number)[] {
  return walk.value === null ? [] : [walk.value];
}

function addStatus(filter: RunFilter, conditions: string[], values: (string | number)[], walks: Walk[]): void {
  const { status } = filter;
  if (status === undefined) return;
  conditions.push("r.status = ?");
  values.push(status);
  if (status === "running")
    walks.push({ ...ALL, from: "runs r INDEXED BY runs_running", where: "r.status = 'running' AND 1 = ?", value: 1 });
  else if (status !== "completed")
    walks.push({
      ...ALL,
      from: "runs r INDEXED BY runs_status",
      where: "r.status = ? AND r.status <> 'completed' AND r.status <> 'running'",
      value: status,
    });
}

/** Steps of a running run move `path_no` alone; for all others the index holds it, and no row is read. */
const PATH = "CASE WHEN r.status = 'running' THEN r.path_no ELSE r.path_indexed END";

/** False where no run has gone that way. */
function addEdge(
  db: Database,
  filter: RunFilter,
  conditions: string[],
  values: (string | number)[],
  walks: Walk[],
): boolean {
  const { edgeFrom: from, edgeTo: to } = filter;
  if (to === undefined) return true;
  const status = statusOfNode(to);
  if (status !== null) addStatus({ status }, conditions, values, walks);
  if (status !== null && from === undefined) {
    conditions.push(`${PATH} IS NOT NULL`);
    return true;
  }
  const rows = pathRows(db, filter.workflow);
  const paths = status === null || from === undefined ? pathsThrough(rows, from, to) : pathsAt(rows, from);
  conditions.push(`${PATH} IN (SELECT value FROM json_each(?))`);
  values.push(JSON.stringify(paths));
  return paths.length > 0;
}

/** Bounds the walk itself, so that it starts and stops where it has to. */
function addTimes(filter: RunFilter, walk: Walk, conditions: string[], values: (string | number)[]): void {
  if (filter.since !== undefined) {
    conditions.push(`${walk.created} >= ?`);
    values.push(filter.since);
  }
  if (filter.until !== undefined) {
    conditions.push(`${walk.created} < ?`);
    values.push(filter.until);
  }
}

/** False where a facet is asked for that no run has. */
function addFacets(
  db: Database,
  filter: RunFilter,
  conditions: string[],
  values: (string | number)[],
  walks: Walk[],
): boolean {
  for (const names of facetsOf(filter)) {
    const numbers = names.flatMap((name) => facetNumbers(db, name));
    if (numbers.length === 0) return false;
    const [only] = numbers;
    conditions.push(
      "EXISTS (SELECT 1 FROM facets x WHERE x.facet_no IN (SELECT value FROM json_each(?))" +
        " AND x.created_at = r.created_at AND x.run_no = r.run_no)",
    );
    values.push(JSON.stringify(numbers));
    if (numbers.length === 1 && only !== undefined)
      walks.push({
        from: "facets f CROSS JOIN runs r ON r.run_no = f.run_no",
        where: "f.facet_no = ?",
        value: only,
        created: "f.created_at",
        runNo: "f.run_no",
      });
  }
  return true;
}

/** Names of facets as `commit` got them. A version without its prompt matches that version of any prompt. */
function facetsOf(filter: RunFilter): string[][] {
  const facets: string[][] = [];
  const { prompt, promptVersion, model, tool } = filter;
  if (promptVersion !== undefined) {
    const version = promptVersion.includes("@") ? promptVersion : `${prompt ?? "*"}@${promptVersion}`;
    facets.push([`prompt_version:${version}`]);
  }
  if (prompt !== undefined) facets.push([`prompt:${prompt}`]);
  if (model !== undefined) facets.push([`model:${model}`]);
  if (tool !== undefined) facets.push([`tool:${tool}`]);
  return facets;
}

function facetNumbers(db: Database, name: string): number[] {
  const anyPrompt = "prompt_version:*@";
  const rows = name.startsWith(anyPrompt)
    ? db.all<{ facet_no: number }>(
        "SELECT facet_no FROM facet_names WHERE name >= 'prompt_version:' AND name < 'prompt_version;'" +
          " AND substr(name, -length(?1)) = ?1",
        name.slice(anyPrompt.length - 1),
      )
    : db.all<{ facet_no: number }>("SELECT facet_no FROM facet_names WHERE name = ?", name);
  return rows.map(({ facet_no }) => facet_no);
}

/** Entries counted to tell a rare condition from a common one; the second figure where all are common by the first. */
const SAMPLES = [1_000, 20_000];

function cheapest(db: Database, walks: readonly Walk[]): Walk {
  let best = walks[0] ?? ALL;
  if (walks.length < 2) return best;
  for (const sample of SAMPLES) {
    let fewest = sample;
    for (const walk of walks) {
      const found = countUpTo(db, walk, sample);
      if (found < fewest) [best, fewest] = [walk, found];
    }
    if (fewest < sample) break;
  }
  return best;
}

function countUpTo(db: Database, walk: Walk, limit: number): number {
  const from = walk.from.split(" CROSS JOIN ")[0];
  const row = db.get(
    `SELECT count(*) AS n FROM (SELECT 1 FROM ${from} WHERE ${walk.where} LIMIT ${limit})`,
    walk.value,
  );
  return row?.["n"] as number;
}

/** Where fewer runs than this match a text, a page of them is looked up by number. */
const FEW = 1_000;

/**
 * Runs whose id or event's id begins with `q`, or whose words begin with all of its words. Few of them are looked up; many
 * are gathered by number and met soon on any other walk.
 */
function addText(
  db: Database,
  { q, few }: { q: string; few: number },
  conditions: string[],
  values: (string | number)[],
  walks: Walk[],
): void {
  const end = `${q}\u{10FFFF}`;
  const ids = db.all<{ run_no: number }>(
    "SELECT run_no FROM (SELECT run_no FROM runs WHERE run_id >= ?1 AND run_id < ?2 LIMIT ?3)" +
      " UNION SELECT r.run_no FROM (SELECT first_run, run_count FROM events" +
      " WHERE event_id >= ?1 AND event_id < ?2 LIMIT ?3) e JOIN runs r ON r.run_no >= e.first_run AND r.run_no < e.first_run + e.run_count",
    q,
    end,
    few,
  );
  const texts = someHolding(db, q, few);
  if (ids.length < few && texts.length < few) {
    const numbers = JSON.stringify([...new Set([...ids.map(({ run_no: runNo }) => runNo), ...texts])]);
    conditions.push("r.run_no IN (SELECT value FROM json_each(?))");
    values.push(numbers);
    walks.length = 0;
    const from = "json_each(?) j CROSS JOIN runs r ON r.run_no = j.value";
    walks.push({ ...ALL, from, where: "1 = 1", value: numbers });
    return;
  }
  const words = texts.length === 0 ? null : holdsWords(q);
  const byId = "(r.run_id >= ? AND r.run_id < ?) OR (r.event_id >= ? AND r.event_id < ?)";
  conditions.push(words === null ? `(${byId})` : `(${words.sql} OR ${byId})`);
  values.push(...(words?.values ?? []), q, end, q, end);
}
