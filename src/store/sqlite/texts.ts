import type { Database } from "./database.ts";

/**
 * Long texts are stored once and counted by the records that name them. The count is a small row of its own: it changes
 * with every use, and the text must not be written anew for that.
 */
export function keepText(db: Database, hash: string, text: string): void {
  db.change("INSERT OR IGNORE INTO blobs (hash, text) VALUES (?, ?)", hash, text);
  db.change("INSERT INTO blob_uses (hash, n) VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1", hash);
}

/** One record less names it; with the last one the text goes. Only the writer counts, so nothing is taken from under a record. */
export function dropText(db: Database, hash: string): void {
  db.change("UPDATE blob_uses SET n = n - 1 WHERE hash = ?", hash);
  if (db.change("DELETE FROM blob_uses WHERE hash = ? AND n <= 0", hash) === 1)
    db.change("DELETE FROM blobs WHERE hash = ?", hash);
}
