import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { UsageError } from "../../base/failure.ts";
import { isoTime } from "../../base/clock.ts";

/** Held for as long as it is open; the operating system frees it when the process dies, however it dies. */
export interface OwnerLock {
  release(): void;
}

const BUSY = 5;

/**
 * Makes this process the owner of the data folder, or throws `UsageError` naming the process that is.
 * The lock is a write transaction on a database of its own, so that readers of the data are not shut out;
 * who holds it is committed just before, where a second process can read it.
 */
export function lockFolder(dataDir: string, now: number): OwnerLock {
  const db = new DatabaseSync(join(dataDir, "owner.lock"), { timeout: 0 });
  try {
    db.exec("PRAGMA journal_mode = DELETE");
    db.exec("BEGIN IMMEDIATE");
    db.exec("CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, since INTEGER NOT NULL)");
    db.prepare("INSERT OR REPLACE INTO owner (id, pid, since) VALUES (1, ?, ?)").run(process.pid, now);
    db.exec("COMMIT");
    db.exec("BEGIN IMMEDIATE");
  } catch (error) {
    const refusal = isBusy(error) ? inUse(db, dataDir) : error;
    db.close();
    throw refusal;
  }
  return { release: () => db.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === BUSY;
}

function inUse(db: DatabaseSync, dataDir: string): UsageError {
  const holder = owner(db);
  const who = holder === null ? "another process" : `process ${holder.pid}, since ${isoTime(holder.since)}`;
  return new UsageError(
    "store_in_use",
    `The data folder ${dataDir} is in use by ${who}. Speak to that server (--url), stop it, or choose another folder (--data).`,
    { status: 409 },
  );
}

function owner(db: DatabaseSync): { pid: number; since: number } | null {
  try {
    const row = db.prepare("SELECT pid, since FROM owner WHERE id = 1").get();
    return row === undefined ? null : { pid: row["pid"] as number, since: row["since"] as number };
  } catch {
    // The holder is just taking it and the row is not readable yet.
    return null;
  }
}
