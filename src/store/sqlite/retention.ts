import type { RemovedOriginals, RemoveOriginals } from "../../journal/retention.ts";
import { blobHashes } from "../../journal/seal.ts";
import { tombstoneOf } from "../../journal/tombstone.ts";
import type { Database } from "./database.ts";
import { alone, plain, type Operation } from "./operation.ts";
import { recordsOf } from "./records.ts";
import { dropText } from "./texts.ts";
import { forgetCandidates } from "./candidates.ts";

interface Held {
  run_no: number;
  run_id: string;
  created_at: number;
  ended_at: number | null;
}

/** Runs come in by number and end after they came: what came after the moment cannot have ended before it. */
const WITH_KEY =
  "SELECT r.run_no, r.run_id, r.created_at, r.ended_at FROM run_keys k JOIN runs r ON r.run_no = k.run_no" +
  " WHERE k.run_no > ? ORDER BY k.run_no LIMIT ?";

export const removeOriginals: Operation<RemoveOriginals, RemoveOriginals, RemovedOriginals> = plain(
  "removeOriginals",
  (db, { endedBy, limit, after }, now) => {
    const rows = db.all<Held>(WITH_KEY, after === undefined ? 0 : Number(after), limit);
    const old = rows.filter(({ created_at }) => created_at <= endedBy);
    const due = old.filter(({ ended_at }) => ended_at !== null && ended_at <= endedBy);
    for (const { run_no } of due) destroyKey(db, run_no, now);
    const last = rows.at(-1);
    const more = last !== undefined && rows.length === limit && old.length === rows.length;
    return { removed: due.map(({ run_id }) => run_id), next: more ? String(last.run_no) : null };
  },
);

/** The key, and what only it could open. `secure_delete` wipes the bytes; `sweep` those in the log. */
export function destroyKey(db: Database, runNo: number, now: number): void {
  if (db.change("DELETE FROM run_keys WHERE run_no = ?", runNo) === 0) return;
  db.change("UPDATE records SET vault = NULL WHERE run_no = ? AND vault IS NOT NULL", runNo);
  db.change("UPDATE runs SET originals_removed_at = ? WHERE run_no = ?", now, runNo);
}

interface RemoveValues {
  endedBy: number;
  limit: number;
}

interface RemovedValues {
  removed: string[];
  more: boolean;
}

/** First along the frontier; once that has come to the moment, those that were not due when it passed them. */
export const removeValues: Operation<RemoveValues, RemoveValues, RemovedValues> = plain(
  "removeValues",
  (db, { endedBy, limit }, now) => {
    const ahead = beyondFrontier(db, endedBy, limit);
    const due = ahead.length > 0 ? ahead.filter((run) => isDue(run, endedBy)) : dueNow(db, endedBy, limit);
    for (const run of due) forget(db, run, now);
    const last = ahead.at(-1);
    if (last === undefined) return { removed: due.map(({ run_id }) => run_id), more: due.length === limit };
    for (const run of ahead)
      if (!isDue(run, endedBy)) db.change("INSERT OR IGNORE INTO values_later (run_no) VALUES (?)", run.run_no);
    db.change("UPDATE values_frontier SET run_no = ?", last.run_no);
    return { removed: due.map(({ run_id }) => run_id), more: true };
  },
);

function isDue({ ended_at: endedAt }: Held, endedBy: number): boolean {
  return endedAt !== null && endedAt <= endedBy;
}

function beyondFrontier(db: Database, endedBy: number, limit: number): Held[] {
  const rows = db.all<Held>(
    "SELECT run_no, run_id, created_at, ended_at FROM runs WHERE run_no > (SELECT run_no FROM values_frontier)" +
      " ORDER BY run_no LIMIT ?",
    limit,
  );
  const end = rows.findIndex(({ created_at }) => created_at > endedBy);
  return end < 0 ? rows : rows.slice(0, end);
}

function dueNow(db: Database, endedBy: number, limit: number): Held[] {
  return db.all<Held>(
    "SELECT r.run_no, r.run_id, r.created_at, r.ended_at FROM values_later l JOIN runs r ON r.run_no = l.run_no" +
      " WHERE r.ended_at <= ? LIMIT ?",
    endedBy,
    limit,
  );
}

/** Its values and all that was made of them; nothing may be left that only its key could have hidden. */
function forget(db: Database, { run_no: runNo, run_id: runId }: Held, now: number): void {
  destroyKey(db, runNo, now);
  for (const record of recordsOf(db, runNo, runId)) {
    for (const hash of blobHashes(record.blobRefs)) dropText(db, hash);
    db.change(
      "UPDATE records SET body = ?, key = '', blob_refs = NULL, vault = NULL WHERE run_no = ? AND seq = ?",
      tombstoneOf(db.chainKey, record, now),
      runNo,
      record.seq,
    );
  }
  forgetCandidates(db, runNo);
  db.change("DELETE FROM run_outcomes WHERE run_no = ?", runNo);
  db.change("DELETE FROM search WHERE rowid IN (?, ?)", runNo * 2, runNo * 2 + 1);
  db.change("UPDATE reviews SET reason = '', key = '' WHERE run_no = ?", runNo);
  db.change("UPDATE run_views SET reason = '' WHERE run_no = ?", runNo);
  db.change("DELETE FROM values_later WHERE run_no = ?", runNo);
  db.change("UPDATE runs SET values_removed_at = ? WHERE run_no = ?", now, runNo);
}

interface RemoveQuarantined {
  receivedBy: number;
  limit: number;
}

const NO_BODY = "UPDATE quarantine SET body = x'', body_removed_at = ?1 WHERE quarantine_no IN";

export const removeQuarantined: Operation<RemoveQuarantined, RemoveQuarantined, number> = plain(
  "removeQuarantined",
  (db, { receivedBy, limit }, now) =>
    db.change(
      `${NO_BODY} (SELECT quarantine_no FROM quarantine WHERE body_removed_at IS NULL AND received_at <= ?2 LIMIT ?3)`,
      now,
      receivedBy,
      limit,
    ),
);

/** Pages of the index that one slice rewrites: a few milliseconds of the writer. */
const SLICE = 64;

/**
 * A word that no run holds any more stays in the index until the part it is in is written anew. The first slice puts all
 * parts on one level, the ones after go on merging them until one is left.
 */
export const forgetWords: Operation<{ first: boolean }, { first: boolean }, boolean> = plain(
  "forgetWords",
  (db, { first }) => {
    const before = totalChanges(db);
    // Not as a statement: it would answer with a row id of the index's own, which is larger than a number can be.
    db.handle.exec(`INSERT INTO search (search, rank) VALUES ('merge', ${first ? -SLICE : SLICE})`);
    // FTS5 says so itself: fewer than two changes, and nothing was merged.
    return totalChanges(db) - before >= 2;
  },
);

function totalChanges(db: Database): number {
  return db.get("SELECT total_changes() AS n")?.["n"] as number;
}

/**
 * What was removed is wiped from the pages, but the log still holds the pages as they were: all of it goes into the
 * database file and the log is cut to nothing. Waits for nobody: while somebody reads an older state it is put off.
 */
export const sweep: Operation<null, null, boolean> = alone("sweep", (db) => {
  db.handle.exec("PRAGMA busy_timeout = 0");
  try {
    return db.handle.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0;
  } finally {
    db.handle.exec("PRAGMA busy_timeout = 5000");
  }
});
