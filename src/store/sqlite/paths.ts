import type { Hop } from "../../journal/path.ts";
import { TRIGGER } from "../../journal/path.ts";
import type { Database } from "./database.ts";

/** Where a run's path is not followed: it was too long, or the workflow has too many. */
const LOST = 0;
const MAX_LENGTH = 200;
const MAX_PATHS = 20_000;

/** `ok` and `error` add a node, an edge or a failure to the path; `again` goes on along what is in it. */
type Outcome = "ok" | "error" | "again";

export interface PathRow {
  path_no: number;
  parent: number;
  node: string;
  outcome: Outcome;
}

/** The path of a run that has just come in. */
export function pathFromTrigger(db: Database, workflow: string): number | null {
  const found = db.remember(`path of ${workflow}`, () => next(db, workflow, 0, TRIGGER, "ok"));
  return found === LOST ? null : found;
}

/** The path that follows `pathNo` after these moves; null where it is not followed any further. */
export function continuePath(db: Database, workflow: string, pathNo: number, hops: readonly Hop[]): number | null {
  let at = pathNo;
  for (const hop of hops) {
    const from = at;
    at = db.remember(`path ${from} ${hop.failed ? "!" : ""}${hop.node}`, () => move(db, workflow, from, hop));
    if (at === LOST) return null;
  }
  return at;
}

/**
 * A loop would make a path as long as it runs. A move along an edge that is in the path already therefore adds nothing: it
 * leads to a row beside the last one that did, and there is only one such row for each node.
 */
function move(db: Database, workflow: string, from: number, { node, failed }: Hop): number {
  const chain = chainOf(db, from);
  const [last] = chain;
  if (last === undefined || chain.length >= MAX_LENGTH) return LOST;
  const failedBefore = chain.some((row) => row.node === node && row.outcome === "error");
  const fails = failed && !failedBefore;
  if (last.node === node && !fails) return from;
  const known = last.node === node || chain.some((_, at) => isEdge(chain, at, last.node, node));
  if (!known || fails) return next(db, workflow, from, node, fails ? "error" : "ok");
  const base = last.outcome === "again" ? (chain[1] as PathRow) : last;
  return base.node === node ? base.path_no : next(db, workflow, base.path_no, node, "again");
}

/** Whether the row at this place of a chain (newest first) added the edge. */
function isEdge(chain: readonly PathRow[], at: number, from: string, to: string): boolean {
  const row = chain[at] as PathRow;
  return row.node === to && row.outcome !== "again" && chain[at + 1]?.node === from;
}

/** The rows of a path, newest first. */
function chainOf(db: Database, pathNo: number): PathRow[] {
  const chain: PathRow[] = [];
  for (let at = pathNo; at !== 0; at = (chain.at(-1) as PathRow).parent) {
    const row = db.get("SELECT path_no, parent, node, outcome FROM paths WHERE path_no = ?", at);
    if (row === undefined) throw new Error(`There is no path ${at}.`);
    chain.push(row as unknown as PathRow);
  }
  return chain;
}

function next(db: Database, workflow: string, parent: number, node: string, outcome: Outcome): number {
  const known = db.get(
    "SELECT path_no FROM paths WHERE parent = ? AND workflow = ? AND node = ? AND outcome = ?",
    parent,
    workflow,
    node,
    outcome,
  );
  if (known !== undefined) return known["path_no"] as number;
  const nth =
    ((db.get("SELECT max(nth) AS n FROM paths WHERE workflow = ?", workflow)?.["n"] as number | null) ?? 0) + 1;
  if (nth > MAX_PATHS) return LOST;
  return db.insert(
    "INSERT INTO paths (workflow, parent, node, outcome, nth) VALUES (?, ?, ?, ?, ?)",
    workflow,
    parent,
    node,
    outcome,
    nth,
  );
}

/** All paths of a workflow (of all workflows where none is named); a path comes after the one it follows. */
export function pathRows(db: Database, workflow?: string): PathRow[] {
  const columns = "SELECT path_no, parent, node, outcome FROM paths";
  return workflow === undefined
    ? db.all<PathRow>(`${columns} ORDER BY path_no`)
    : db.all<PathRow>(`${columns} WHERE workflow = ? ORDER BY nth`, workflow);
}

/** The paths that hold the edge, or where `from` is undefined the node. */
export function pathsThrough(rows: readonly PathRow[], from: string | undefined, to: string): number[] {
  const nodes = new Map<number, string>();
  const through = new Set<number>();
  for (const { path_no: pathNo, parent, node, outcome } of rows) {
    nodes.set(pathNo, node);
    const arrives = node === to && outcome !== "again" && (from === undefined || nodes.get(parent) === from);
    if (through.has(parent) || (arrives && from !== to)) through.add(pathNo);
  }
  return [...through];
}

/** The paths that stand at a node. */
export function pathsAt(rows: readonly PathRow[], node: string): number[] {
  return rows.filter((row) => row.node === node).map(({ path_no: pathNo }) => pathNo);
}

/** What a path has passed: its nodes, where it failed, and its edges. */
export interface Passage {
  last: string;
  nodes: Set<string>;
  failed: Set<string>;
  /** `from` and `to`, joined by a line break. */
  edges: Set<string>;
}

/** What each of these paths has passed, once looked up. */
export function passages(rows: readonly PathRow[]): (pathNo: number) => Passage {
  const byNo = new Map(rows.map((row) => [row.path_no, row]));
  return (pathNo) => {
    const row = byNo.get(pathNo) as PathRow;
    const passage: Passage = { last: row.node, nodes: new Set(), failed: new Set(), edges: new Set() };
    for (let at: PathRow | undefined = row; at !== undefined; at = byNo.get(at.parent)) {
      passage.nodes.add(at.node);
      if (at.outcome === "error") passage.failed.add(at.node);
      const before = byNo.get(at.parent);
      if (before !== undefined && at.outcome !== "again" && before.node !== at.node)
        passage.edges.add(`${before.node}\n${at.node}`);
    }
    return passage;
  };
}
