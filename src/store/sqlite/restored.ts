import type { RestoredInput, RestoredOutcome } from "../backup.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";
import { appendRecords } from "./records.ts";

interface Resumable {
  run_no: number;
  workflow: string;
  status: string;
  epoch: number;
  next_seq: number;
  chain: Uint8Array;
}

/** From now on this is a store that is worked with, and no copy; one transaction. */
export const noteRestored: Operation<RestoredInput, RestoredInput, RestoredOutcome> = plain(
  "noteRestored",
  (db, { record, madeAt }, now) => {
    db.change("DELETE FROM meta WHERE name = 'backup'");
    const note = Buffer.from(JSON.stringify({ at: now, madeAt }));
    db.change("INSERT OR REPLACE INTO meta (name, value) VALUES ('restored', ?)", note);
    db.change("UPDATE tokens SET revoked_at = ? WHERE kind <> 'bearer' AND revoked_at IS NULL", now);
    // A server's own for commands on its machine: its secret stayed in the folder from before.
    db.change("UPDATE tokens SET revoked_at = ? WHERE name = 'local' AND revoked_at IS NULL", now);
    const bearers = db.get("SELECT count(*) AS n FROM tokens WHERE kind = 'bearer' AND revoked_at IS NULL");
    const tokens = bearers?.["n"] as number;
    return { ...(record === null ? { runs: 0, workflows: [] } : markAll(db, record, now)), tokens };
  },
);

/** All that may still go on: dead runs too, since they are redriven. */
function markAll(
  db: Database,
  record: NonNullable<RestoredInput["record"]>,
  now: number,
): { runs: number; workflows: string[] } {
  const workflows = new Set<string>();
  const rows = db.all<Resumable>(
    "SELECT run_no, workflow, status, epoch, next_seq, chain FROM runs WHERE status IN ('queued', 'running', 'waiting', 'dead')",
  );
  for (const row of rows) {
    const head = appendRecords(db, row.run_no, { nextSeq: row.next_seq, chain: row.chain }, row.epoch, [record]);
    db.change(
      "UPDATE runs SET next_seq = ?, chain = ?, restored_at = ?3, audit_due = CASE status WHEN 'dead' THEN ?3 END WHERE run_no = ?4",
      head.nextSeq,
      head.chain,
      now,
      row.run_no,
    );
    workflows.add(row.workflow);
  }
  return { runs: rows.length, workflows: [...workflows].sort() };
}
