import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How commands on the same machine find the running server and sign in; only the owner of the data folder can read it. */
export interface Credential {
  url: string;
  token: string;
}

/** Name of the token that commands on the same machine sign in with. */
export const LOCAL_TOKEN = "local";

export function credentialFile(dataDir: string): string {
  return join(dataDir, "credential.json");
}

/** Replaces what was there in one step, so that a reader sees the old or the new one whole. */
export async function writeCredential(dataDir: string, credential: Credential): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const temporary = join(dataDir, `.credential.${randomUUID()}`);
  const left = { ...credential, folder: await folderMark(dataDir) };
  await writeFile(temporary, `${JSON.stringify(left)}\n`, { mode: 0o600, flag: "wx" });
  await rename(temporary, credentialFile(dataDir));
}

/** Tells the folder itself from a copy of it: what is asked of a copy must not be done to the original. */
async function folderMark(dataDir: string): Promise<string> {
  const { dev, ino } = await stat(dataDir, { bigint: true });
  return `${dev}:${ino}`;
}

/** Null where no server left one in this very folder, or what is there is none. */
export async function readCredential(dataDir: string): Promise<Credential | null> {
  try {
    const left = JSON.parse(await readFile(credentialFile(dataDir), "utf8")) as Partial<
      Credential & { folder: string }
    >;
    if (left.folder !== (await folderMark(dataDir))) return null;
    const { url, token } = left;
    return typeof url === "string" && typeof token === "string" ? { url, token } : null;
  } catch {
    return null;
  }
}

export async function removeCredential(dataDir: string): Promise<void> {
  await rm(credentialFile(dataDir), { force: true });
}
