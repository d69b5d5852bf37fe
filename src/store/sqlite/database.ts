import { DatabaseSync, type SQLInputValue, type StatementResultingChanges, type StatementSync } from "node:sqlite";
import { join } from "node:path";

export type Row = Record<string, unknown>;

/** One connection of a store thread: statements are prepared once, by their text. */
export class Database {
  readonly handle: DatabaseSync;
  readonly chainKey: Uint8Array;
  readonly #statements = new Map<string, StatementSync>();
  /** Changes to `run_counts` of the present transaction, by workflow and status. */
  readonly #counts = new Map<string, { workflow: string; status: string; by: number }>();
  readonly #remembered = new Map<string, number>();

  constructor(handle: DatabaseSync, chainKey: Uint8Array) {
    this.handle = handle;
    this.chainKey = chainKey;
  }

  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.handle.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * As big integers: what a statement that changes something answers includes the last row id of the connection, and the
   * search index leaves one there, when words are deleted, that is larger than a number can be.
   */
  #run(sql: string, ...values: SQLInputValue[]): StatementResultingChanges {
    const known = this.#statements.has(sql);
    const statement = this.statement(sql);
    if (!known) statement.setReadBigInts(true);
    return statement.run(...values);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.statement(sql).get(...values);
  }

  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.statement(sql).all(...values) as T[];
  }

  /** How many rows changed. */
  change(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#run(sql, ...values).changes);
  }

  /** The row id of the row added. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#run(sql, ...values).lastInsertRowid);
  }

  /** Notes that a run of `workflow` left one status for another; null: it is new. Written once per transaction. */
  count(workflow: string, from: string | null, to: string): void {
    if (from === to) return;
    if (from !== null) this.#add(workflow, from, -1);
    this.#add(workflow, to, 1);
  }

  #add(workflow: string, status: string, by: number): void {
    const key = `${status} ${workflow}`;
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { workflow, status, by });
    else entry.by += by;
  }

  /** A row number that never changes once it is committed, looked up once. */
  remember(key: string, find: () => number): number {
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const found = find();
    if (this.#remembered.size >= 10_000) this.#remembered.clear();
    this.#remembered.set(key, found);
    return found;
  }

  begin(): void {
    this.#run("BEGIN IMMEDIATE");
  }

  commit(): void {
    for (const { workflow, status, by } of this.#counts.values()) {
      if (by === 0) continue;
      this.change(
        "INSERT INTO run_counts (workflow, status, n) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET n = n + ?3",
        workflow,
        status,
        by,
      );
    }
    this.#run("COMMIT");
    this.#counts.clear();
  }

  /** Undoes the transaction, if SQLite has not done so by itself, and all that was noted in it. */
  rollback(): void {
    this.#counts.clear();
    this.#remembered.clear();
    if (this.handle.isTransaction) this.handle.exec("ROLLBACK");
  }

  /** Runs `action` so that a throw undoes what it did and nothing else of the transaction. */
  apart<T>(action: () => T): T {
    const counts = [...this.#counts].map(([key, entry]) => [key, { ...entry }] as const);
    this.#run("SAVEPOINT apart");
    try {
      const result = action();
      this.#run("RELEASE apart");
      return result;
    } catch (error) {
      this.#remembered.clear();
      this.#counts.clear();
      for (const [key, entry] of counts) this.#counts.set(key, entry);
      if (this.handle.isTransaction) {
        this.#run("ROLLBACK TO apart");
        this.#run("RELEASE apart");
      }
      throw error;
    }
  }
}

export function databaseFile(dataDir: string): string {
  return join(dataDir, "sluice.db");
}

/**
 * Measured on whole runs with 2 KB records, 100 at once: 9.1 KB written a step, against 11.6 with pages of 4 KB (which need
 * more than twice the system calls) and 10.3 with 16 KB.
 */
const PAGE_SIZE = 8192;
/**
 * KiB of pages a connection keeps (negative: not a count of pages). The system keeps the file's pages as well: with 64 MiB
 * each, a process that had taken 10,000 runs held 107 MB more than before, with this 40.
 */
const CACHE = -8_192;
/** 16 MB of log: the same bytes in fewer, larger checkpoints gain little and make the commit that pays for one wait longer. */
const CHECKPOINT_PAGES = 2_000;

/** The writer's connection: an acknowledged write is on disk, a destroyed key leaves no copy in free pages. */
export function openForWriting(file: string): DatabaseSync {
  const handle = new DatabaseSync(file, { timeout: 5_000 });
  handle.exec(`PRAGMA page_size = ${PAGE_SIZE}`);
  handle.exec("PRAGMA journal_mode = WAL");
  handle.exec("PRAGMA synchronous = FULL");
  handle.exec("PRAGMA secure_delete = ON");
  handle.exec(`PRAGMA cache_size = ${CACHE}`);
  handle.exec("PRAGMA temp_store = MEMORY");
  handle.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  handle.exec("PRAGMA journal_size_limit = 67108864");
  return handle;
}

/** The reader's connection. It cannot write, whatever a statement says. */
export function openForReading(file: string): DatabaseSync {
  const handle = new DatabaseSync(file, { timeout: 5_000, readOnly: true });
  handle.exec("PRAGMA query_only = ON");
  handle.exec(`PRAGMA cache_size = ${CACHE}`);
  handle.exec("PRAGMA mmap_size = 1073741824");
  handle.exec("PRAGMA temp_store = MEMORY");
  return handle;
}
