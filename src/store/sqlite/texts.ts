import type { Database } from "./database.ts";

/**
 * Long texts are stored once and counted by the records that name them. The count is a small row of its own: it changes
 * with every use, and the text must not be written anew for that.
 */
export function keepText(db: Database, hash: string, text: string): void {
  db.change("INSERT OR IGNORE INTO blobs (hash, text) VALUES (?, ?)", hash, text);
  db.change("INSERT INTO blob_uses (hash, n) VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1", hash);
}
