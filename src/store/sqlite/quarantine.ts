import type { DriftCount, Page, Paged, QuarantinedEvent } from "../../journal/ports.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { plain, type Operation } from "./operation.ts";

export const quarantine: Operation<readonly QuarantinedEvent[], readonly QuarantinedEvent[], null> = plain(
  "quarantine",
  (db, items) => {
    for (const item of items)
      db.change(
        "INSERT INTO quarantine (quarantine_id, received_at, event_type, event_id, errors, body) VALUES (?, ?, ?, ?, ?, ?)",
        item.quarantineId,
        item.receivedAt,
        item.eventType,
        item.eventId,
        item.errors,
        item.body,
      );
    return null;
  },
);

export const quarantined: Operation<Page, Page, Paged<QuarantinedEvent>> = plain("quarantined", (db, page) => {
  const [receivedAt, no] =
    page.cursor === undefined ? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] : decodeCursor(page.cursor, 2);
  const rows = db.all<QuarantinedEvent & { quarantine_no: number }>(
    "SELECT quarantine_no, quarantine_id AS quarantineId, received_at AS receivedAt, event_type AS eventType," +
      " event_id AS eventId, errors, body FROM quarantine WHERE (received_at, quarantine_no) < (?, ?)" +
      " ORDER BY received_at DESC, quarantine_no DESC LIMIT ?",
    receivedAt as number,
    no as number,
    page.limit + 1,
  );
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return {
    items: items.map(({ quarantine_no: _no, ...item }) => item),
    next: rows.length > page.limit && last !== undefined ? encodeCursor([last.receivedAt, last.quarantine_no]) : null,
  };
});

export const drift: Operation<null, null, DriftCount[]> = plain("drift", (db) =>
  db.all<DriftCount>(
    "SELECT event_type AS eventType, contract_version AS contractVersion, pointer, n AS count, last_seen_at AS lastSeenAt" +
      " FROM drift ORDER BY event_type, contract_version, pointer",
  ),
);
