import { lastNode, timesOf } from "../../journal/path.ts";
import type { Timed, Times } from "../../journal/path.ts";
import type { Traffic, TrafficWindow } from "../../journal/ports.ts";
import type { RunStatus } from "../../journal/run.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";
import { passages, pathRows } from "./paths.ts";

/** Runs of which the times are read: the most recent of the window. */
const SAMPLED = 2_000;

export const traffic: Operation<TrafficWindow, TrafficWindow, Traffic> = plain("traffic", (db, window) => {
  const counted = countRuns(db, window);
  const { sampled, nodes, edges } = timesOfSample(db, window);
  return {
    runs: counted.runs,
    unplaced: counted.unplaced,
    sampled,
    nodes: mostFirst([...counted.nodes].map(([id, counts]) => ({ id, ...counts, ...statsOf(nodes.get(id)) }))),
    edges: mostFirst(
      [...counted.edges].map(([key, count]) => {
        const [from, to] = key.split("\n") as [string, string];
        const { p95Ms, sample } = statsOf(edges.get(key));
        return { from, to, count, p95Ms, sample };
      }),
    ),
  };
});

function mostFirst<T extends { count: number }>(items: T[]): T[] {
  return items.sort((a, b) => b.count - a.count);
}

interface Counted {
  runs: number;
  unplaced: number;
  nodes: Map<string, { count: number; errors: number }>;
  edges: Map<string, number>;
}

function countRuns(db: Database, window: TrafficWindow): Counted {
  const counted: Counted = { runs: 0, unplaced: 0, nodes: new Map(), edges: new Map() };
  const passageOf = passages(pathRows(db, window.workflow));
  for (const { path_no: pathNo, status, n } of groups(db, window)) {
    counted.runs += n;
    if (pathNo === null) counted.unplaced += n;
    else {
      const { last, nodes, failed, edges } = passageOf(pathNo);
      const end = lastNode(status);
      for (const id of [...nodes, end]) {
        const node = counted.nodes.get(id) ?? { count: 0, errors: 0 };
        const errors = node.errors + (failed.has(id) ? n : 0);
        counted.nodes.set(id, { count: node.count + n, errors });
      }
      for (const key of [...edges, `${last}\n${end}`]) counted.edges.set(key, (counted.edges.get(key) ?? 0) + n);
    }
  }
  return counted;
}

interface Group {
  path_no: number | null;
  status: RunStatus;
  n: number;
}

/** Runs by path and status: from the index, but for the few that are running, whose paths go on without it. */
function groups(db: Database, { workflow, since, until }: TrafficWindow): Group[] {
  return [
    ...db.all<Group>(
      "SELECT path_indexed AS path_no, status, count(*) AS n FROM runs INDEXED BY runs_workflow" +
        " WHERE workflow = ? AND created_at >= ? AND created_at < ? AND status <> 'running' GROUP BY 1, 2",
      workflow,
      since,
      until,
    ),
    ...db.all<Group>(
      "SELECT path_no, status, count(*) AS n FROM runs INDEXED BY runs_running" +
        " WHERE workflow = ? AND created_at >= ? AND created_at < ? AND status = 'running' GROUP BY 1, 2",
      workflow,
      since,
      until,
    ),
  ];
}

interface Sample {
  sampled: number;
  nodes: Map<string, number[]>;
  edges: Map<string, number[]>;
}

interface SampleRow {
  run_no: number;
  run_status: RunStatus;
  run_ended_at: number | null;
  kind: Timed["kind"];
  name: string;
  key: string;
  status: Timed["status"];
  ends: number;
  started_at: number;
  ended_at: number;
}

function timesOfSample(db: Database, { workflow, since, until }: TrafficWindow): Sample {
  const rows = db.all<SampleRow>(
    "SELECT s.run_no, s.status AS run_status, s.ended_at AS run_ended_at," +
      " x.kind, x.name, x.key, x.status, x.ends, x.started_at, x.ended_at" +
      " FROM (SELECT run_no, status, ended_at FROM runs INDEXED BY runs_workflow" +
      " WHERE workflow = ? AND created_at >= ? AND created_at < ? ORDER BY created_at DESC, run_no DESC LIMIT ?) s" +
      " CROSS JOIN records x INDEXED BY records_run ON x.run_no = s.run_no",
    workflow,
    since,
    until,
    SAMPLED,
  );
  const sample: Sample = { sampled: 0, nodes: new Map(), edges: new Map() };
  for (let at = 0; at < rows.length;) {
    const first = rows[at] as SampleRow;
    let end = at;
    while (rows[end]?.run_no === first.run_no) end++;
    const records = rows.slice(at, end).map(toTimed);
    addTimes(sample, timesOf(records, first.run_status, first.run_ended_at));
    sample.sampled++;
    at = end;
  }
  return sample;
}

function toTimed(row: SampleRow): Timed {
  const { kind, name, key, status, ends, started_at: startedAt, ended_at: endedAt } = row;
  return { kind, name, key, status, ends: ends === 1, startedAt, endedAt };
}

function addTimes(sample: Sample, { nodes, edges }: Times): void {
  for (const { node, ms } of nodes) addTo(sample.nodes, node, ms);
  for (const { from, to, ms } of edges) addTo(sample.edges, `${from}\n${to}`, ms);
}

function addTo(times: Map<string, number[]>, key: string, ms: number): void {
  const known = times.get(key);
  if (known === undefined) times.set(key, [ms]);
  else known.push(ms);
}

/** Nearest rank: each figure is one that was measured. */
function statsOf(times: number[] | undefined): { p50Ms: number | null; p95Ms: number | null; sample: number } {
  if (times === undefined) return { p50Ms: null, p95Ms: null, sample: 0 };
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] as number;
  return { p50Ms: at(0.5), p95Ms: at(0.95), sample: sorted.length };
}
