import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../base/failure.ts";
import { Database, openForWriting } from "./database.ts";
import { runGroup, runReads, type Call } from "./group.ts";
import { plain, type AnyOperation } from "./operation.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-group-"));
let db: Database;
let file: string;
let files = 0;

beforeEach(() => {
  file = join(folder, `${files++}.db`);
  const handle = openForWriting(file);
  handle.exec("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT) STRICT");
  handle.exec("CREATE TABLE run_counts (workflow TEXT, status TEXT, n INTEGER, PRIMARY KEY (workflow, status)) STRICT");
  db = new Database(handle, new Uint8Array(32));
});

afterEach(() => db.handle.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Insert {
  n: number;
  text?: string;
  /** Throws after it has written. */
  fails?: boolean;
}

const insert = plain<Insert, number>("insert", (on, { n, text, fails }) => {
  on.count("w", null, n % 2 === 0 ? "queued" : "running");
  on.change("INSERT INTO t (n, text) VALUES (?, ?)", n, text ?? "");
  if (fails === true) throw new UsageError("bad", "cannot be");
  return n * 10;
});

function calls(inputs: readonly Insert[]): Call[] {
  return inputs.map((input) => ({ operation: insert as unknown as AnyOperation, input, now: 1 }));
}

/** What another connection sees: only what is committed. */
function committed(): { rows: unknown[]; counts: unknown[] } {
  const other = new DatabaseSync(file, { readOnly: true });
  const rows = other.prepare("SELECT n FROM t ORDER BY n").all();
  const counts = other.prepare("SELECT status, n FROM run_counts WHERE n <> 0 ORDER BY status").all();
  other.close();
  return { rows: rows.map((row) => row["n"]), counts: counts.map((row) => [row["status"], row["n"]]) };
}

const OK = { ok: true };

describe("a group of operations", () => {
  it("is one transaction, answered in order", () => {
    expect(runGroup(db, calls([{ n: 3 }, { n: 1 }, { n: 2 }]))).toEqual(
      [30, 10, 20].map((value) => ({ ...OK, value })),
    );
    const all = {
      rows: [1, 2, 3],
      counts: [
        ["queued", 1],
        ["running", 2],
      ],
    };
    expect(committed()).toEqual(all);
  });

  it("loses only the operation that fails, with all that it had written", () => {
    runGroup(db, calls([{ n: 1 }]));
    const outcomes = runGroup(db, calls([{ n: 2 }, { n: 4, fails: true }, { n: 1 }, { n: 3 }]));
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, true]);
    expect(outcomes[1]).toEqual({ ok: false, error: { kind: "usage", code: "bad", message: "cannot be" } });
    expect(outcomes[2]).toMatchObject({ error: { kind: "store", code: "refused" } });
    const all = {
      rows: [1, 2, 3],
      counts: [
        ["queued", 1],
        ["running", 2],
      ],
    };
    expect(committed()).toEqual(all);
  });

  it("answers everyone when the disk is full, keeps nothing of the group, and goes on once there is room", () => {
    runGroup(db, calls([{ n: 1 }]));
    const pages = db.handle.prepare("PRAGMA page_count").get()?.["page_count"] as number;
    db.handle.exec(`PRAGMA max_page_count = ${pages + 1}`);
    const outcomes = runGroup(db, calls([{ n: 2 }, { n: 3, text: "x".repeat(100_000) }, { n: 4 }]));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, error: { code: "disk_full" } });
    expect(committed().rows).toEqual([1]);
    db.handle.exec("PRAGMA max_page_count = 100000");
    expect(runGroup(db, calls([{ n: 2 }]))).toEqual([{ ok: true, value: 20 }]);
    expect(committed()).toEqual({
      rows: [1, 2],
      counts: [
        ["queued", 1],
        ["running", 1],
      ],
    });
  });

  it("answers everyone when another program holds the database, and goes on when it lets go", () => {
    db.handle.exec("PRAGMA busy_timeout = 0");
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const outcomes = runGroup(db, calls([{ n: 1 }, { n: 2 }]));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, error: { code: "unavailable" } });
    other.exec("ROLLBACK");
    other.close();
    expect(runGroup(db, calls([{ n: 1 }]))).toEqual([{ ok: true, value: 10 }]);
  });

  it("forgets row numbers that were undone", () => {
    const named = plain<string, number>("named", (on, name) =>
      on.remember(name, () => on.insert("INSERT INTO t (text) VALUES (?)", name)),
    );
    const call = (operation: unknown, input: unknown): Call => ({
      operation: operation as AnyOperation,
      input,
      now: 1,
    });
    runGroup(db, [call(named, "a"), call(insert, { n: 9, fails: true }), call(insert, { n: 9, fails: true })]);
    runGroup(db, [call(insert, { n: 50, fails: true }), call(named, "b")]);
    const [again] = runGroup(db, [call(named, "b")]);
    const row = db.get("SELECT n FROM t WHERE text = 'b'");
    expect(again).toEqual({ ok: true, value: row?.["n"] });
  });
});

describe("a batch of reads", () => {
  it("answers each by itself and leaves no transaction open", () => {
    const read = plain<string, unknown>("read", (on, sql) => on.get(sql));
    const call = (sql: string): Call => ({ operation: read, input: sql, now: 1 });
    const outcomes = runReads(db, [call("SELECT 1 AS one"), call("SELECT nonsense"), call("SELECT 2 AS two")]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(db.handle.isTransaction).toBe(false);
  });
});
