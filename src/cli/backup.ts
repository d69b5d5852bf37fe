import { createWriteStream, existsSync } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { isoTime, systemClock } from "../base/clock.ts";
import { UsageError } from "../base/failure.ts";
import type { BackupInfo } from "../store/backup.ts";
import { StoreError } from "../store/store-error.ts";
import { databaseFile } from "../store/sqlite/database.ts";
import { lockFolder } from "../store/sqlite/lock.ts";
import { copyFolder, readBackup } from "../store/sqlite/snapshot.ts";
import { connect, usedDataFolder, withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { writeNew } from "./new-file.ts";
import { printJson, printLines } from "./print.ts";

export function define(command: Command, io: Io): void {
  command.argument("<file>", "a new file; nothing is written over");
  withExamples(withServer(command), [
    ["sluice backup /backups/sluice-2026-05-29.db", "also while the server runs"],
    ["sluice backup b.db --url https://sluice.example.com --token …", "of a server elsewhere, to this machine"],
  ]).action((file: string, options: ServerOptions) => backup(resolve(io.cwd, file), options, io));
}

async function backup(file: string, options: ServerOptions, io: Io): Promise<void> {
  const info = await writeNew(file, async (draft) => {
    const offline = await whileStopped(draft, options, io);
    if (offline !== null) return offline;
    await download(await connect(options, io), draft);
    return readBackup(draft);
  });
  const { size: bytes } = await stat(file);
  if (options.json === true) printJson(io, { file, bytes, ...document(info) });
  else printLines(io, told(file, bytes, info));
}

/** Null where a server is at work on the folder, or one elsewhere is meant: it makes the copy itself. */
async function whileStopped(draft: string, options: ServerOptions, io: Io): Promise<BackupInfo | null> {
  if ((options.url ?? io.env["SLUICE_URL"]) !== undefined) return null;
  const dataDir = await usedDataFolder(options, io);
  if (!existsSync(databaseFile(dataDir)))
    throw new Exit(
      EXIT.wrongUse,
      `${dataDir} holds no data: there is nothing to back up. Name the folder with --data.`,
    );
  try {
    const lock = lockFolder(dataDir, systemClock.now());
    try {
      return copyFolder(dataDir, draft, systemClock.now());
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof UsageError && error.code === "store_in_use") return null;
    if (error instanceof UsageError) throw error;
    if (error instanceof StoreError) throw new Exit(EXIT.failed, error.message);
    const hint =
      "SQLite has to write beside a store to read it: on a read-only file system, copy the folder elsewhere first.";
    throw new Exit(EXIT.failed, `${dataDir} cannot be read: ${(error as Error).message}. ${hint}`);
  }
}

async function download(client: Client, draft: string): Promise<void> {
  const { body, length } = await client.bytes("POST", "/v1/backup");
  try {
    await pipeline(Readable.fromWeb(body as never), createWriteStream(draft, { flags: "wx", mode: 0o600 }));
  } catch (error) {
    // What fails on the way here has a code of the file system; what the connection fails with is a TypeError.
    if (!(error instanceof TypeError)) throw error;
    throw new Exit(EXIT.failed, "The server went away in the middle of the backup; nothing was kept. Try again.");
  }
  const { size } = await stat(draft);
  if (size !== length)
    throw new Exit(EXIT.failed, `The server stopped after ${size} of ${length} bytes; nothing was kept. Try again.`);
}

/** As `--json` prints it, here and after a restore. */
export function document({ madeAt, schema, runs, unfinished, auditHead }: BackupInfo): Record<string, unknown> {
  return {
    made_at: isoTime(madeAt),
    schema,
    runs,
    unfinished,
    audit_head: auditHead === null ? null : { index: auditHead.index, run_id: auditHead.runId, link: auditHead.link },
  };
}

function told(file: string, bytes: number, { runs, unfinished, auditHead }: BackupInfo): string[] {
  const head = auditHead === null ? "no link yet" : `link ${auditHead.index}, ${auditHead.link}`;
  return [
    `${file}: ${(bytes / 1_048_576).toFixed(1)} MB, ${runs} runs, ${unfinished} of them not ended.`,
    `Audit chain: ${head}.`,
    "The key is not in it: keep SLUICE_KEY or the key file apart from it. Without the key no original can be read again.",
  ];
}
