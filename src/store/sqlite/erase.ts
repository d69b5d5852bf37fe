import type { EraseOutcome, Erasure } from "../../journal/retention.ts";
import type { SealedRecord } from "../../journal/record.ts";
import { TERMINAL, type Run, type RunStatus } from "../../journal/run.ts";
import { openForReading } from "./database.ts";
import { drop } from "./kept-events.ts";
import { plain, type Operation } from "./operation.ts";
import { appendRecords } from "./records.ts";
import { destroyKey } from "./retention.ts";
import { JOIN_TEXTS, SELECT_RUN, toRun } from "./run-row.ts";

interface EraseInput {
  runId: string;
  record: SealedRecord;
}

/** The record of it goes to the end of the run's chain, so the audit chain is owed the new head. */
export const eraseRun: Operation<EraseInput, EraseInput, EraseOutcome> = plain(
  "eraseRun",
  (db, { runId, record }, now) => {
    const row = db.get("SELECT run_no, status, epoch, next_seq, chain FROM runs WHERE run_id = ?", runId);
    if (row === undefined) return "unknown_run";
    if (!TERMINAL.includes(row["status"] as RunStatus)) return "unfinished";
    const runNo = row["run_no"] as number;
    if (db.get("SELECT 1 FROM run_keys WHERE run_no = ?", runNo) === undefined) return "removed";
    const before = { nextSeq: row["next_seq"] as number, chain: row["chain"] as Uint8Array };
    const head = appendRecords(db, runNo, before, row["epoch"] as number, [record]);
    db.change(
      "UPDATE runs SET next_seq = ?, chain = ?, audit_due = ?3, updated_at = ?3 WHERE run_no = ?4",
      head.nextSeq,
      head.chain,
      now,
      runNo,
    );
    destroyKey(db, runNo, now);
    return "erased";
  },
);

interface EventInput {
  eventId: string;
  dryRun: boolean;
}

export const eraseEvent: Operation<EventInput, EventInput, { quarantined: number; kept: number }> = plain(
  "eraseEvent",
  (db, { eventId, dryRun }, now) => {
    const refused = db.all<{ quarantine_no: number }>(
      "SELECT quarantine_no FROM quarantine WHERE event_id = ? AND body_removed_at IS NULL",
      eventId,
    );
    const kept = db.all<{ kept_no: number }>("SELECT kept_no FROM kept_events WHERE event_id = ?", eventId);
    if (dryRun) return { quarantined: refused.length, kept: kept.length };
    for (const { quarantine_no: no } of refused)
      db.change("UPDATE quarantine SET body = x'', body_removed_at = ? WHERE quarantine_no = ?", now, no);
    for (const { kept_no: no } of kept) drop(db, no);
    return { quarantined: refused.length, kept: kept.length };
  },
);

export const runsOfEventId: Operation<string, string, Run[]> = plain("runsOfEventId", (db, eventId) =>
  db
    .all(
      `${SELECT_RUN} FROM events e JOIN runs r ON r.run_no >= e.first_run AND r.run_no < e.first_run + e.run_count` +
        `${JOIN_TEXTS} WHERE e.event_id = ? ORDER BY r.run_no`,
      eventId,
    )
    .map(toRun),
);

export const noteErasure: Operation<Erasure, Erasure, number> = plain(
  "noteErasure",
  (db, { by, reason, asked, done }, now) => {
    db.change(
      "INSERT INTO erasures (erased_at, erased_by, reason, asked, done) VALUES (?, ?, ?, ?, ?)",
      now,
      by,
      reason,
      asked,
      done,
    );
    return db.get("SELECT last_insert_rowid() AS number")?.["number"] as number;
  },
);

interface EndInput {
  number: number;
  done: string;
}

export const endErasure: Operation<EndInput, EndInput, null> = plain("endErasure", (db, { number, done }) => {
  db.change("UPDATE erasures SET done = ? WHERE erasure_no = ?", done, number);
  return null;
});

const NEWEST =
  'SELECT erased_at AS "at", erased_by AS "by", reason, asked, done FROM erasures ORDER BY erasure_no DESC LIMIT ?';

export const erasures: Operation<number, number, (Erasure & { at: number })[]> = plain("erasures", (db, limit) =>
  db.all<Erasure & { at: number }>(NEWEST, limit),
);

/** Of a folder that nobody serves: after a restore they are asked of the folder that was moved away. */
export function erasuresOf(file: string, limit: number): (Erasure & { at: number })[] {
  const db = openForReading(file);
  try {
    return db.prepare(NEWEST).all(limit) as unknown as (Erasure & { at: number })[];
  } finally {
    db.close();
  }
}
