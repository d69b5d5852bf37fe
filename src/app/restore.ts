import { randomBytes } from "node:crypto";
import { constants, existsSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { chmod, copyFile, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isoTime } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import { createKeyring } from "../journal/keyring.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { SealedRecord } from "../journal/record.ts";
import { seal } from "../journal/seal.ts";
import type { BackupInfo, RestoredOutcome } from "../store/backup.ts";
import { databaseFile } from "../store/sqlite/database.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import { readBackup } from "../store/sqlite/snapshot.ts";
import { SYSTEM } from "../workflow/history.ts";
import { verifyChains } from "./verify.ts";
import type { ChainReport } from "./verify.ts";

export interface RestoreOptions {
  /** Absolute, both. */
  file: string;
  dataDir: string;
  key: Uint8Array;
  clock: Clock;
  /** Who knows that no run went on after the backup was made says so; then runs go on as after any stop. */
  nothingRanSince: boolean;
}

export interface Restored extends RestoredOutcome {
  info: BackupInfo;
  chains: ChainReport;
}

/**
 * A data folder from a backup. It is put together beside its place, checked page by page and record by record, and gets
 * its name when it is whole. What happened after the backup was made is not on record: so the workflows whose runs may go
 * on are on hold, and a write of such a run that is not on record is not made without asking (`WriteCall`).
 * Throws `UsageError`: `folder_in_use`, `no_backup`, `backup_damaged`, `store_newer`, `wrong_key`.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { file, dataDir } = options;
  assertFree(dataDir);
  const info = readBackup(file);
  const staging = stagingOf(dataDir);
  try {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    await copyFile(file, databaseFile(staging), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(databaseFile(staging), 0o600);
    const restored = await opened(staging, options, info);
    await rm(join(staging, "owner.lock"), { force: true });
    await putInPlace(staging, dataDir);
    return restored;
  } finally {
    discard(staging);
  }
}

const staged = new Set<string>();

function stagingOf(dataDir: string): string {
  const staging = `${dataDir}.restoring-${randomBytes(4).toString("hex")}`;
  staged.add(staging);
  return staging;
}

/** What a restore that is cut off has put beside the folder. */
export function discardUnfinished(): void {
  for (const staging of staged) discard(staging);
}

function discard(staging: string): void {
  rmSync(staging, { recursive: true, force: true });
  staged.delete(staging);
}

/** Throws `UsageError` folder_in_use where the folder holds anything. */
function assertFree(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  const held = readdirSync(dataDir).filter((name) => name !== "owner.lock");
  if (held.length === 0) return;
  throw new UsageError(
    "folder_in_use",
    `${dataDir} holds data (${held.slice(0, 3).join(", ")}). Stop its server and move it away first: mv ${dataDir} ${dataDir}.before. ` +
      "Keep it until you know that you need nothing of it any more.",
    { status: 409 },
  );
}

async function opened(staging: string, options: RestoreOptions, info: BackupInfo): Promise<Restored> {
  const { file, key, clock, nothingRanSince } = options;
  const keyring = createKeyring(key);
  const store = await openSqliteStore({ dataDir: staging, chainKey: keyring.chainKey, clock }).catch(
    (error: unknown) => {
      throw error instanceof UsageError
        ? new UsageError(error.code, error.message.replaceAll(databaseFile(staging), file), { status: error.status })
        : error;
    },
  );
  try {
    const chains = await verifyChains(store, keyring);
    if (!chains.ok) throw broken(file, chains);
    const record = nothingRanSince ? null : markOf(keyring, info, clock);
    const outcome = await store.noteRestored({ madeAt: info.madeAt, record });
    await holdAll(store, outcome.workflows, info);
    return { ...outcome, info, chains };
  } finally {
    await store.close();
  }
}

function broken(file: string, { problems }: ChainReport): UsageError {
  const named = problems.slice(0, 5).join("; ");
  return new UsageError(
    "backup_damaged",
    `${file} holds records that were changed or are missing: ${named}. Take another backup.`,
  );
}

/** On record in each run: what came after is not. */
function markOf({ chainKey }: Keyring, info: BackupInfo, clock: Clock): SealedRecord {
  const now = clock.now();
  const detail = { by: "restore", reason: `Restored from a backup made at ${isoTime(info.madeAt)}.` };
  const base = { key: "", attempt: 1, status: "success", ends: true, startedAt: now, endedAt: now } as const;
  return seal({ ...base, kind: "override", type: "override", name: SYSTEM.restore, body: { detail } }, null, chainKey);
}

async function holdAll(store: SqliteStore, workflows: readonly string[], { madeAt }: BackupInfo): Promise<void> {
  const reason = `Restored from a backup made at ${isoTime(madeAt)}: look at its runs, then resume it.`;
  for (const workflow of workflows) await store.pause({ holdId: newId("hld"), workflow, by: "restore", reason });
}

async function putInPlace(staging: string, dataDir: string): Promise<void> {
  assertFree(dataDir);
  if (existsSync(dataDir)) {
    rmSync(join(dataDir, "owner.lock"), { force: true });
    rmdirSync(dataDir);
  }
  await rename(staging, dataDir);
  const parent = await open(dirname(dataDir), "r");
  await parent.sync();
  await parent.close();
}
