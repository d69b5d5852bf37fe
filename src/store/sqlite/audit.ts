import type { AuditEntry, Page, Paged } from "../../journal/ports.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";

const ENTRY = 'SELECT entry_no AS "index", run_id AS runId, last_seq AS lastSeq, head, link FROM audit';

interface Unaudited {
  runId: string;
  lastSeq: number;
  chain: Uint8Array;
}

export const unauditedHeads: Operation<number, number, Unaudited[]> = plain("unauditedHeads", (db, limit) =>
  db.all<Unaudited>(
    "SELECT run_id AS runId, next_seq - 1 AS lastSeq, chain FROM runs INDEXED BY runs_audit" +
      " WHERE audit_due IS NOT NULL ORDER BY audit_due, run_no LIMIT ?",
    limit,
  ),
);

export const appendAudit: Operation<readonly AuditEntry[], readonly AuditEntry[], null> = plain(
  "appendAudit",
  (db, entries) => {
    let next = (headOf(db)?.index ?? 0) + 1;
    for (const entry of entries) {
      if (entry.index !== next)
        throw new Error(`Audit entry ${entry.index} does not follow: the chain's next one is number ${next}.`);
      db.change(
        "INSERT INTO audit (entry_no, run_id, last_seq, head, link) VALUES (?, ?, ?, ?, ?)",
        entry.index,
        entry.runId,
        entry.lastSeq,
        entry.head,
        entry.link,
      );
      // A run that was redriven since has another head, which is still due.
      db.change(
        "UPDATE runs SET audit_due = NULL WHERE run_id = ? AND next_seq = ? AND chain = ?",
        entry.runId,
        entry.lastSeq + 1,
        entry.head,
      );
      next++;
    }
    return null;
  },
);

export const auditHead: Operation<null, null, AuditEntry | null> = plain("auditHead", headOf);

export const auditEntries: Operation<Page, Page, Paged<AuditEntry>> = plain("auditEntries", (db, page) => {
  const before = page.cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(page.cursor, 1)[0];
  const rows = db.all<AuditEntry>(
    `${ENTRY} WHERE entry_no < ? ORDER BY entry_no DESC LIMIT ?`,
    before as number,
    page.limit + 1,
  );
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, next: rows.length > page.limit && last !== undefined ? encodeCursor([last.index]) : null };
});

export const auditOf: Operation<readonly string[], readonly string[], AuditEntry[]> = plain("auditOf", (db, runIds) =>
  db.all<AuditEntry>(`${ENTRY} WHERE run_id IN (SELECT value FROM json_each(?))`, JSON.stringify(runIds)),
);

function headOf(db: Database): AuditEntry | null {
  return (db.get(`${ENTRY} ORDER BY entry_no DESC LIMIT 1`) as AuditEntry | undefined) ?? null;
}
