import { beyondKinds, countFacets } from "../../journal/facets.ts";
import type { CountedKind, RunFacets, RunKind } from "../../journal/facets.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import type { RunStatus } from "../../journal/run.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";
import { planFilter, startOf, type Plan } from "./run-filter.ts";

export const facets: Operation<RunFilter, RunFilter, RunFacets> = plain("facets", (db, filter) =>
  countFacets(countKinds(db, filter), filter),
);

/** So many runs that match a text are sooner gone through by number than all runs in order. */
const FEW = 10_000;

/** How many runs of each kind pass what kinds do not answer of a filter. */
export function countKinds(db: Database, filter: RunFilter): CountedKind[] {
  const plan = planFilter(db, beyondKinds(filter), FEW);
  if (plan === null) return [];
  const book = bookOf(db);
  return [...endedRuns(db, plan, book), ...liveRuns(db, plan, book)];
}

/** Their kinds stand in an index; where that is all that is asked, no row of a run is read. */
function endedRuns(db: Database, plan: Plan, book: Book): CountedKind[] {
  const walked = plan.all ? "runs r INDEXED BY runs_kind" : plan.walk.from;
  const where = plan.all ? [] : [plan.walk.where];
  const rows = db.all<{ kind_no: number; n: number }>(
    `SELECT r.kind_no, count(*) AS n FROM ${walked}` +
      ` WHERE ${[...where, "r.kind_no IS NOT NULL", ...plan.conditions].join(" AND ")} GROUP BY r.kind_no`,
    ...(plan.all ? [] : startOf(plan)),
    ...plan.values,
  );
  return rows.map(({ kind_no: kindNo, n }) => ({ kind: book.kind(kindNo), count: n }));
}

const LIVE = [
  "runs r INDEXED BY runs_status WHERE r.status IN ('queued', 'waiting') AND r.status <> 'completed' AND r.status <> 'running'",
  "runs r INDEXED BY runs_running WHERE r.status = 'running'",
];

interface LiveRow {
  workflow: string;
  status: RunStatus;
  disposition: string | null;
  stage: string | null;
  release: number | null;
  failure_class: string | null;
  facet_set_no: number | null;
  n: number;
}

/** Runs that have not ended are few, and change. */
function liveRuns(db: Database, plan: Plan, book: Book): CountedKind[] {
  const columns = "r.workflow, r.status, r.disposition, r.stage, r.release, r.failure_class, r.facet_set_no";
  const rows = LIVE.flatMap((from) =>
    db.all<LiveRow>(
      `SELECT ${columns}, count(*) AS n FROM ${[from, ...plan.conditions].join(" AND ")} GROUP BY 1, 2, 3, 4, 5, 6, 7`,
      ...plan.values,
    ),
  );
  return rows.map((row) => ({ kind: book.toKind(row), count: row.n }));
}

/** Kinds and facets by their numbers. What is committed of them never changes, so each is read once. */
class Book {
  readonly #db: Database;
  readonly #kinds = new Map<number, RunKind>();
  readonly #sets = new Map<number, readonly string[]>();
  readonly #names = new Map<number, string>();

  constructor(db: Database) {
    this.#db = db;
  }

  kind(kindNo: number): RunKind {
    if (!this.#kinds.has(kindNo)) this.#readKinds();
    return this.#kinds.get(kindNo) as RunKind;
  }

  toKind(row: Omit<LiveRow, "n">): RunKind {
    const { workflow, status, disposition, stage, release, failure_class: failureClass, facet_set_no: set } = row;
    return { workflow, status, disposition, stage, release, failureClass, facets: set === null ? [] : this.#set(set) };
  }

  #readKinds(): void {
    const rows = this.#db.all<Omit<LiveRow, "n"> & { kind_no: number }>(
      "SELECT * FROM run_kinds WHERE kind_no > ? ORDER BY kind_no",
      this.#kinds.size,
    );
    for (const row of rows) this.#kinds.set(row.kind_no, this.toKind(row));
  }

  #set(setNo: number): readonly string[] {
    const known = this.#sets.get(setNo);
    if (known !== undefined) return known;
    const row = this.#db.get("SELECT facets FROM facet_sets WHERE facet_set_no = ?", setNo);
    const names = (JSON.parse(row?.["facets"] as string) as number[]).map((facetNo) => this.#name(facetNo));
    this.#sets.set(setNo, names);
    return names;
  }

  #name(facetNo: number): string {
    const known = this.#names.get(facetNo);
    if (known !== undefined) return known;
    const name = this.#db.get("SELECT name FROM facet_names WHERE facet_no = ?", facetNo)?.["name"] as string;
    this.#names.set(facetNo, name);
    return name;
  }
}

const books = new WeakMap<Database, Book>();

function bookOf(db: Database): Book {
  const book = books.get(db) ?? new Book(db);
  books.set(db, book);
  return book;
}
