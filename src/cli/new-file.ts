import { randomBytes } from "node:crypto";
import { existsSync, linkSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EXIT, Exit } from "./exit.ts";

const INTERRUPTED = 130;

/**
 * Writes a file that must not exist yet, so that it is whole or not there: `write` gets another name beside it, and only
 * what it has finished gets the name. On Ctrl-C nothing is left.
 */
export async function writeNew<T>(file: string, write: (draft: string) => Promise<T>): Promise<T> {
  refuseExisting(file);
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString("hex")}.part`);
  const interrupted = (): never => {
    discard(draft);
    process.exit(INTERRUPTED);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupted);
  try {
    const result = await write(draft);
    await synced(draft);
    try {
      // A link, unlike a rename, takes nobody's place.
      linkSync(draft, file);
    } catch (error) {
      refuseExisting(file);
      throw error;
    }
    rmSync(draft);
    await synced(dirname(file));
    return result;
  } catch (error) {
    throw explained(error, file);
  } finally {
    discard(draft);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, interrupted);
  }
}

function refuseExisting(file: string): void {
  if (existsSync(file))
    throw new Exit(EXIT.wrongUse, `${file} exists already. Name a new file: nothing is written over.`);
}

const CLEAR: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "its folder is a file",
  EACCES: "you may not write there",
  EROFS: "it is on a read-only file system",
  ENOSPC: "the disk is full; nothing was left of it",
};

function explained(error: unknown, file: string): unknown {
  const said = CLEAR[(error as NodeJS.ErrnoException).code ?? ""];
  return said === undefined ? error : new Exit(EXIT.failed, `${file} cannot be written: ${said}.`);
}

function discard(draft: string): void {
  rmSync(draft, { force: true });
  rmSync(`${draft}-journal`, { force: true });
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
