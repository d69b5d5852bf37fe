import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UsageError } from "../../base/failure.ts";
import type { BackupInfo } from "../backup.ts";
import { StoreError } from "../store-error.ts";
import { databaseFile, openForReading } from "./database.ts";
import { APPLICATION_ID } from "./migrate.ts";
import { alone, type Operation } from "./operation.ts";

/** Half-made copies begin with this; what a killed process left of them is removed when the folder is opened. */
export const UNFINISHED = "backup-unfinished-";
const NAME = "backup";
/** A copy needs no more than the file itself; some room has to be left for those who write meanwhile. */
const ROOM = 1.1;

interface SnapshotInput {
  /** Absolute; made here, readable by its owner only. */
  file: string;
}

export const snapshot: Operation<SnapshotInput, SnapshotInput, BackupInfo> = alone("snapshot", (db, { file }, now) =>
  copyTo(db.handle, file, now),
);

/**
 * A consistent copy of the database as it stands at one moment, whole and on disk when this returns. Writers go on: they
 * only cannot shorten their log until it is done. Throws `StoreError` disk_full before it would fill the disk.
 */
function copyTo(source: DatabaseSync, file: string, now: number): BackupInfo {
  assertRoom(source, file);
  closeSync(openSync(file, "wx", 0o600));
  try {
    // It writes nothing to this database, but a connection that may only ask refuses it.
    source.exec("PRAGMA query_only = OFF");
    source.prepare("VACUUM INTO ?").run(file);
    const info = label(file, now);
    sync(file);
    return info;
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    source.exec("PRAGMA query_only = ON");
  }
}

function assertRoom(source: DatabaseSync, file: string): void {
  const size = statSync(source.location() as string).size;
  const { bavail, bsize } = statfsSync(dirname(file));
  if (bavail * bsize < size * ROOM)
    throw new StoreError(
      "disk_full",
      `A copy of the store takes ${megabytes(size)}, and ${dirname(file)} has ${megabytes(bavail * bsize)} left. Free some space.`,
    );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_048_576)} MB`;
}

/** What a person needs to know of it later stands in the copy itself, taken from it. */
function label(file: string, now: number): BackupInfo {
  const copy = new DatabaseSync(file);
  try {
    const head = copy.prepare("SELECT entry_no, run_id, link FROM audit ORDER BY entry_no DESC LIMIT 1").get();
    const info: BackupInfo = {
      madeAt: now,
      schema: copy.prepare("PRAGMA user_version").get()?.["user_version"] as number,
      runs: count(copy, "SELECT count(*) AS n FROM runs"),
      unfinished: count(copy, "SELECT count(*) AS n FROM runs WHERE status IN ('queued', 'running', 'waiting')"),
      auditHead:
        head === undefined
          ? null
          : {
              index: head["entry_no"] as number,
              runId: head["run_id"] as string,
              link: Buffer.from(head["link"] as Uint8Array).toString("hex"),
            },
    };
    const put = copy.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)");
    put.run(NAME, Buffer.from(JSON.stringify(info)));
    return info;
  } finally {
    copy.close();
  }
}

function count(db: DatabaseSync, sql: string): number {
  return db.prepare(sql).get()?.["n"] as number;
}

function sync(file: string): void {
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** A copy of the store of a folder that no process has open; its owner's lock is held by the caller. */
export function copyFolder(dataDir: string, file: string, now: number): BackupInfo {
  const source = openForReading(databaseFile(dataDir));
  try {
    return copyTo(source, file, now);
  } finally {
    source.close();
  }
}

/**
 * What a backup file says of itself, once all its pages are found whole. Throws `UsageError`: `no_backup` (none there, or
 * a file of something else), `backup_damaged`.
 */
export function readBackup(file: string): BackupInfo {
  const db = opened(file);
  try {
    const row = db.prepare("SELECT value FROM meta WHERE name = ?").get(NAME);
    if (row === undefined)
      throw new UsageError(
        "no_backup",
        `${file} is a store of Sluice, but no backup: "sluice backup" makes one. A copied sluice.db lacks what was in its log.`,
      );
    const found = db.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
    if (found !== "ok") throw damaged(file, String(found));
    return JSON.parse(Buffer.from(row["value"] as Uint8Array).toString()) as BackupInfo;
  } catch (error) {
    throw error instanceof UsageError ? error : damaged(file, (error as Error).message);
  } finally {
    db.close();
  }
}

function opened(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    if (db.prepare("PRAGMA application_id").get()?.["application_id"] === APPLICATION_ID) return db;
  } catch (error) {
    db?.close();
    throw new UsageError("no_backup", `${file} is no backup of Sluice: ${(error as Error).message}.`);
  }
  db.close();
  throw new UsageError(
    "no_backup",
    `${file} is no backup of Sluice. "sluice backup" makes one; a copied sluice.db is none.`,
  );
}

function damaged(file: string, what: string): UsageError {
  return new UsageError("backup_damaged", `${file} is damaged (${what}). Take another backup.`);
}
