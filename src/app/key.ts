import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../base/failure.ts";
import { KEY_BYTES } from "../journal/keyring.ts";
import type { Config, Env } from "./config.ts";

const HOW = `Write ${KEY_BYTES} random bytes in base64 or hex; "openssl rand -base64 32" makes them.`;

/**
 * The project's key: `SLUICE_KEY`, else the key file; the default file is made on first run, readable by its owner only.
 * Throws `UsageError` where there is no usable key, and rather than making a new one beside data that an older one sealed.
 */
export async function loadKey(
  config: Pick<Config, "dataDir" | "keyFile" | "keyFileNamed">,
  env: Env = process.env,
): Promise<Uint8Array> {
  const known = await knownKey(config, env);
  if (known !== undefined) return known;
  const { dataDir, keyFile, keyFileNamed } = config;
  if (keyFileNamed) throw new UsageError("no_key", `There is no key file ${keyFile}. ${HOW}`);
  if (hasData(dataDir))
    throw new UsageError(
      "no_key",
      `${dataDir} holds data, but its key is not at ${keyFile}. Without the key the originals cannot be read: ` +
        "set SLUICE_KEY_FILE to the file with the key (it stays behind when the folder is moved or copied), or remove the folder to begin anew.",
    );
  return await makeKeyFile(keyFile);
}

/** The key that there is. Throws `UsageError` no_key rather than making one: for data that an older one sealed. */
export async function existingKey(config: Pick<Config, "keyFile">, env: Env = process.env): Promise<Uint8Array> {
  const known = await knownKey(config, env);
  if (known !== undefined) return known;
  throw new UsageError(
    "no_key",
    `There is no key at ${config.keyFile}. Set SLUICE_KEY, or SLUICE_KEY_FILE to the file with the key that the data was made with.`,
  );
}

async function knownKey({ keyFile }: Pick<Config, "keyFile">, env: Env): Promise<Uint8Array | undefined> {
  const given = env["SLUICE_KEY"];
  if (given !== undefined && given.trim() !== "") return parseKey(given, "SLUICE_KEY");
  const text = await readKeyFile(keyFile);
  return text === undefined ? undefined : parseKey(text, keyFile);
}

/** 32 bytes from base64, base64url or hex. */
function parseKey(text: string, origin: string): Uint8Array {
  const trimmed = text.trim();
  const bytes = /^[0-9a-fA-F]{64}$/.test(trimmed)
    ? Buffer.from(trimmed, "hex")
    : /^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed)
      ? Buffer.from(trimmed, "base64")
      : Buffer.alloc(0);
  if (bytes.length !== KEY_BYTES)
    throw new UsageError("bad_key", `The key in ${origin} is not ${KEY_BYTES} bytes. ${HOW}`);
  return new Uint8Array(bytes);
}

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new UsageError("no_key", `The key file ${file} cannot be read: ${message}`);
  }
}

function hasData(dataDir: string): boolean {
  if (existsSync(dataDir) && !statSync(dataDir).isDirectory())
    throw new UsageError("no_data_folder", `${dataDir} is a file. Name a folder for the data.`);
  return existsSync(dataDir) && readdirSync(dataDir).some((name) => /\.(db|sqlite3?)$/.test(name));
}

/** Written whole and linked into place: of two processes that start at once, both get the key of the first. */
async function makeKeyFile(file: string): Promise<Uint8Array> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(draft, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    await chmod(draft, 0o600);
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return parseKey(await readFile(file, "utf8"), file);
}
