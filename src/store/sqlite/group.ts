import { UsageError } from "../../base/failure.ts";
import { StoreError } from "../store-error.ts";
import type { StoreErrorCode } from "../store-error.ts";
import type { Database } from "./database.ts";
import type { AnyOperation } from "./operation.ts";

/** An operation that was asked for, with its input. */
export interface Call {
  operation: AnyOperation;
  input: unknown;
  now: number;
}

/** What became of a call. An error crosses threads as its code and message. */
export type Outcome = { ok: true; value: unknown } | { ok: false; error: WireError };

export interface WireError {
  kind: "store" | "usage";
  /** A `StoreErrorCode`, or the code of the `UsageError`. */
  code: string;
  message: string;
}

/** Runs calls in order: neighbours as one transaction, those that cannot be part of one by themselves. */
export function runGroup(db: Database, calls: readonly Call[]): Outcome[] {
  const at = calls.findIndex(({ operation }) => operation.alone === true);
  if (at < 0) return transaction(db, calls);
  const [before, call, after] = [calls.slice(0, at), calls[at] as Call, calls.slice(at + 1)];
  return [
    ...(before.length === 0 ? [] : transaction(db, before)),
    attempt(db, call),
    ...(after.length === 0 ? [] : runGroup(db, after)),
  ];
}

/**
 * Runs calls as one transaction. Nothing is answered before COMMIT. A call that fails takes none of the others with it:
 * the group is then run again with a savepoint around each, which the common case need not pay for.
 * Where the storage itself fails (disk full, locked), every call is answered with that, and the next group starts afresh.
 */
function transaction(db: Database, calls: readonly Call[]): Outcome[] {
  try {
    return together(db, calls);
  } catch (error) {
    db.rollback();
    if (isStorageFailure(error)) return calls.map(() => failed(error));
  }
  try {
    return apart(db, calls);
  } catch (error) {
    db.rollback();
    return calls.map(() => failed(error));
  }
}

/** Runs calls that only read, on one snapshot each batch. */
export function runReads(db: Database, calls: readonly Call[]): Outcome[] {
  if (calls.every(({ operation }) => operation.alone === true)) return calls.map((call) => attempt(db, call));
  try {
    db.statement("BEGIN").run();
    return calls.map((call) => attempt(db, call));
  } catch (error) {
    return calls.map(() => failed(error));
  } finally {
    db.rollback();
  }
}

function together(db: Database, calls: readonly Call[]): Outcome[] {
  db.begin();
  const outcomes = calls.map((call) => succeeded(db, call));
  db.commit();
  return outcomes;
}

function apart(db: Database, calls: readonly Call[]): Outcome[] {
  db.begin();
  const outcomes = calls.map((call): Outcome => {
    try {
      return db.apart(() => succeeded(db, call));
    } catch (error) {
      if (isStorageFailure(error) || !db.handle.isTransaction) throw error;
      return failed(error);
    }
  });
  db.commit();
  return outcomes;
}

function attempt(db: Database, call: Call): Outcome {
  try {
    return succeeded(db, call);
  } catch (error) {
    return failed(error);
  }
}

function succeeded(db: Database, { operation, input, now }: Call): Outcome {
  return { ok: true, value: operation.run(db, input, now) };
}

/** SQLite's primary result codes that say something about the disk or the file, not about the statement. */
const STORAGE_FAILURES: ReadonlyMap<number, StoreErrorCode> = new Map([
  [5, "unavailable"],
  [6, "unavailable"],
  [7, "unavailable"],
  [8, "unavailable"],
  [10, "unavailable"],
  [11, "corrupt"],
  [13, "disk_full"],
  [14, "unavailable"],
  [26, "corrupt"],
]);

function storageCode(error: unknown): StoreErrorCode | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return STORAGE_FAILURES.get(Number(error.errcode) & 0xff);
}

function isStorageFailure(error: unknown): boolean {
  return storageCode(error) !== undefined;
}

const EXPLAINED: Partial<Record<StoreErrorCode, string>> = {
  disk_full: "The disk of the data folder is full, nothing of this was stored. Free some space; no restart is needed.",
  corrupt: "The database in the data folder is damaged. Stop the server and restore a backup.",
  unavailable: "The database in the data folder could not be written or read just now, nothing of this was stored.",
};

function failed(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  const code = storageCode(error);
  if (code !== undefined)
    return { ok: false, error: { kind: "store", code, message: `${EXPLAINED[code]} (SQLite: ${message})` } };
  if (error instanceof StoreError) return { ok: false, error: { kind: "store", code: error.code, message } };
  if (error instanceof UsageError) return { ok: false, error: { kind: "usage", code: error.code, message } };
  return { ok: false, error: { kind: "store", code: "refused", message } };
}
