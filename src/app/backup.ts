import { randomUUID } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { BackupInfo } from "../store/backup.ts";
import { UNFINISHED } from "../store/sqlite/snapshot.ts";
import type { Parts } from "./parts.ts";

/** A copy of the store: what it says of itself, how many bytes it has, and the bytes. */
export interface Backup {
  info: BackupInfo;
  bytes: number;
  stream: Readable;
}

/**
 * A consistent copy of the running store. It is made beside the store and has no name any more when it is handed out, so
 * that nothing is left of it, however the process ends. Throws `UsageError` backup_running, `StoreError` disk_full.
 */
export async function backUp({ store, project }: Pick<Parts, "store" | "project">): Promise<Backup> {
  const file = join(project.config.dataDir, `${UNFINISHED}${randomUUID()}`);
  const info = await store.snapshot(file);
  const handle = await open(file, "r");
  rmSync(file);
  const { size } = await handle.stat();
  return { info, bytes: size, stream: createReadStream("", { fd: handle }) };
}
