import { createHmac, timingSafeEqual } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { UsageError } from "../../base/failure.ts";
import { MIGRATIONS } from "./migrations/list.ts";
import { eventWords, outcomeWords } from "./search.ts";

/** "SLUC": tells our files from any other SQLite database. */
export const APPLICATION_ID = 0x534c5543;

/** Brings the database to the newest schema, one transaction a step. Throws `UsageError` where it is newer or not ours. */
export function migrate(db: DatabaseSync, file: string): void {
  const version = pragma(db, "user_version");
  const owner = pragma(db, "application_id");
  if (owner !== APPLICATION_ID && (owner !== 0 || version !== 0 || !isEmpty(db))) throw notAStore(file);
  if (version > MIGRATIONS.length) throw newer(file, version);
  if (version < MIGRATIONS.length) defineWords(db);
  for (let at = version; at < MIGRATIONS.length; at++) {
    db.exec("BEGIN IMMEDIATE");
    db.exec(MIGRATIONS[at] as string);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${at + 1}; COMMIT`);
  }
}

function notAStore(file: string): UsageError {
  return new UsageError("not_a_store", `${file} is a database of another program. Choose another data folder.`);
}

function newer(file: string, version: number): UsageError {
  return new UsageError(
    "store_newer",
    `${file} was written by a newer Sluice: its schema is number ${version}, this version knows up to ${MIGRATIONS.length}. ` +
      "Start the newer version, or choose another data folder.",
  );
}

/** Refuses to read what this version cannot read; nothing is written. */
export function checkReadable(db: DatabaseSync, chainKey: Uint8Array, file: string): void {
  const version = pragma(db, "user_version");
  if (pragma(db, "application_id") !== APPLICATION_ID) throw notAStore(file);
  if (version > MIGRATIONS.length) throw newer(file, version);
  if (version < MIGRATIONS.length)
    throw new UsageError(
      "store_older",
      `${file} was written by an older Sluice: its schema is number ${version}, this version reads ${MIGRATIONS.length}. ` +
        "Ask with the version that serves it, or serve it with this one first.",
    );
  const row = db.prepare("SELECT value FROM meta WHERE name = 'key_check'").get();
  if (row !== undefined && !timingSafeEqual(row["value"] as Uint8Array, keyCheck(chainKey))) throw wrongKey(file);
}

function keyCheck(chainKey: Uint8Array): Uint8Array {
  return createHmac("sha256", chainKey).update("sluice store key check").digest();
}

function wrongKey(file: string): UsageError {
  return new UsageError(
    "wrong_key",
    `${file} was made with another key. Set SLUICE_KEY or SLUICE_KEY_FILE to the key it was made with.`,
  );
}

/** What a migration needs to index what is there already. */
export function defineWords(db: DatabaseSync): void {
  const given = { deterministic: true, directOnly: true };
  db.function("event_words", given, (body, texts) =>
    eventWords(String(body), texts === null ? [] : (JSON.parse(String(texts)) as string[])),
  );
  const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
  db.function("outcome_words", given, (decision, failure) => outcomeWords(textOrNull(decision), textOrNull(failure)));
}

/** Refuses a data folder whose chains were made with another key. */
export function checkKey(db: DatabaseSync, chainKey: Uint8Array, file: string): void {
  const mine = keyCheck(chainKey);
  db.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('key_check', ?)").run(mine);
  const row = db.prepare("SELECT value FROM meta WHERE name = 'key_check'").get();
  if (!timingSafeEqual(row?.["value"] as Uint8Array, mine)) throw wrongKey(file);
}

function pragma(db: DatabaseSync, name: string): number {
  return db.prepare(`PRAGMA ${name}`).get()?.[name] as number;
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}
