import { TOKEN_BYTES } from "../../journal/event-tokens.ts";
import type { EventWait, EventWaitChange, NewEventWait, OpenEventWait } from "../../journal/event-waits.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";

/** The run that waits. */
interface Waiting {
  run_no: number;
  created_at: number;
}

/** Opens waits; each first looks among the events that are kept already, and gets the oldest that fits. */
export function openWaits(db: Database, run: Waiting, waits: readonly NewEventWait[], now: number): void {
  for (const wait of waits) {
    // Asked anew: what the step had got before, if anything, is free again.
    db.change("DELETE FROM event_waits WHERE run_no = ? AND step = ? AND key = ?", run.run_no, wait.step, wait.key);
    const tokens = splitTokens(wait.tokens);
    const keptNo = oldestKept(db, run, wait, tokens, now);
    const [token, ...others] = keptNo === null ? openedUnder(db, tokens) : [];
    db.insert(
      "INSERT INTO event_waits (wait_id, run_no, step, key, event_type, token, others, status, opened_at, expires_at, kept_no, told)" +
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
      wait.waitId,
      run.run_no,
      wait.step,
      wait.key,
      wait.eventType,
      token ?? null,
      others.length === 0 ? null : Buffer.concat(others),
      keptNo === null ? "open" : "matched",
      wait.openedAt,
      wait.expiresAt,
      keptNo,
    );
  }
}

export function splitTokens(tokens: Uint8Array): Uint8Array[] {
  const count = tokens.length / TOKEN_BYTES;
  return Array.from({ length: count }, (_, i) => tokens.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES));
}

/** More waits or events under one token are too many to tell apart, as far as it matters for choosing. */
const MANY = 1_000;

/**
 * The tokens of a new wait, that first by which the fewest others are looked up. With conditions its type is not asked
 * for: they are of that type already.
 */
function openedUnder(db: Database, tokens: readonly Uint8Array[]): Uint8Array[] {
  const sought = tokens.length > 1 ? tokens.slice(1) : [...tokens];
  return rarestFirst(sought, (token) =>
    countOf(
      db,
      "SELECT count(*) AS n FROM (SELECT 1 FROM event_waits WHERE token = ? AND status = 'open' LIMIT ?)",
      token,
    ),
  );
}

function rarestFirst(tokens: readonly Uint8Array[], found: (token: Uint8Array) => number): Uint8Array[] {
  if (tokens.length === 1) return [...tokens];
  return tokens
    .map((token) => ({ token, n: found(token) }))
    .sort((a, b) => a.n - b.n)
    .map(({ token }) => token);
}

function countOf(db: Database, sql: string, token: Uint8Array): number {
  return (db.get(sql, token, MANY) as { n: number }).n;
}

/**
 * The oldest kept event that a new wait may have: not the run's own, and none that the run has got in another step. Without
 * conditions only those that came since the run did.
 */
function oldestKept(
  db: Database,
  run: Waiting,
  { eventType, expiresAt }: NewEventWait,
  tokens: readonly Uint8Array[],
  now: number,
): number | null {
  const conditions = tokens.length > 1 ? tokens.slice(1) : tokens;
  const [first, ...others] = rarestFirst(conditions, (token) =>
    countOf(db, "SELECT count(*) AS n FROM (SELECT 1 FROM kept_tokens WHERE token = ? LIMIT ?)", token),
  ) as [Uint8Array, ...Uint8Array[]];
  const since = tokens.length > 1 ? 0 : run.created_at;
  const from = db.get(
    "SELECT kept_no FROM kept_events WHERE received_at >= ? ORDER BY received_at, kept_no LIMIT 1",
    since,
  ) as { kept_no: number } | undefined;
  if (from === undefined) return null;
  const candidates = db
    .statement(
      "SELECT k.kept_no FROM kept_tokens t JOIN kept_events k ON k.kept_no = t.kept_no" +
        " WHERE t.token = ?1 AND t.kept_no >= ?2 AND k.received_at >= ?3 AND k.keep_until > ?4" +
        " AND (?7 IS NULL OR k.received_at < ?7)" +
        " AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.run_no = ?5 AND r.event_id = k.event_id AND r.event_type = ?6)" +
        " AND NOT EXISTS (SELECT 1 FROM event_waits w WHERE w.kept_no = k.kept_no AND w.run_no = ?5)" +
        " ORDER BY t.kept_no",
    )
    .iterate(first, from.kept_no, since, now, run.run_no, eventType, expiresAt) as Iterable<{ kept_no: number }>;
  for (const { kept_no: keptNo } of candidates) if (others.every((token) => hasToken(db, token, keptNo))) return keptNo;
  return null;
}

function hasToken(db: Database, token: Uint8Array, keptNo: number): boolean {
  return db.get("SELECT 1 FROM kept_tokens WHERE token = ? AND kept_no = ?", token, keptNo) !== undefined;
}

/** Whether every wait still is what the change is made on: an event that came first must not be lost to a timeout. */
export function waitsStand(db: Database, runNo: number, changes: readonly EventWaitChange[]): boolean {
  return changes.every(({ waitId, to }) => {
    const row = db.get("SELECT status FROM event_waits WHERE wait_id = ? AND run_no = ?", waitId, runNo);
    return row?.["status"] === (to === "taken" ? "matched" : "open");
  });
}

export function changeWaits(db: Database, runNo: number, changes: readonly EventWaitChange[]): void {
  for (const { waitId, to } of changes) {
    // What was taken is remembered, so that no later step of the run gets it again.
    const sql =
      to === "taken"
        ? "UPDATE event_waits SET status = 'taken', token = NULL, others = NULL WHERE wait_id = ? AND run_no = ?"
        : "DELETE FROM event_waits WHERE wait_id = ? AND run_no = ?";
    db.change(sql, waitId, runNo);
  }
}

/** A run that has ended waits for nothing any more; what it got but has not on record is as if it had not got it. */
export function closeWaits(db: Database, runNo: number): void {
  db.change("DELETE FROM event_waits WHERE run_no = ? AND status <> 'taken'", runNo);
}

/** The event is gone. Who has it on record keeps it; who was to get it is sent to look, and finds that it has to ask anew. */
export function loseEvent(db: Database, keptNo: number): void {
  db.change(
    "UPDATE event_waits SET status = 'lost', kept_no = NULL, told = 0 WHERE kept_no = ? AND status = 'matched'",
    keptNo,
  );
  db.change("DELETE FROM event_waits WHERE kept_no = ?", keptNo);
}

/**
 * Whether an event has come for this run, or was lost to it, since it was last sent to look. Each is told of once: code that does not ask for
 * it any more must not keep its run from parking.
 */
export function hasUntoldEvent(db: Database, runNo: number): boolean {
  const told = db.change(
    "UPDATE event_waits SET told = 1 WHERE run_no = ? AND status IN ('matched', 'lost') AND told = 0",
    runNo,
  );
  return told > 0;
}

export const eventWait: Operation<string, string, EventWait | null> = plain("eventWait", (db, waitId) => {
  const row = db.get(
    "SELECT k.event_id, k.contract_version, k.received_at, k.body FROM event_waits w" +
      " LEFT JOIN kept_events k ON k.kept_no = w.kept_no WHERE w.wait_id = ? AND w.status IN ('open', 'matched')",
    waitId,
  );
  if (row === undefined) return null;
  if (row["event_id"] === null) return { event: null };
  const event = {
    eventId: row["event_id"] as string,
    contractVersion: row["contract_version"] as number,
    receivedAt: row["received_at"] as number,
    body: row["body"] as Uint8Array,
  };
  return { event };
});

export const eventWaitsOf: Operation<string, string, OpenEventWait[]> = plain("eventWaitsOf", (db, runId) =>
  db
    .all<OpenEventWait>(
      "SELECT w.step, w.key, w.event_type AS eventType, w.opened_at AS openedAt, w.expires_at AS expiresAt" +
        " FROM event_waits w JOIN runs r ON r.run_no = w.run_no" +
        " WHERE r.run_id = ? AND w.status <> 'taken' ORDER BY w.wait_no",
      runId,
    )
    .map((row) => ({ ...row })),
);

export const awaitedTypes: Operation<null, null, string[]> = plain("awaitedTypes", (db) =>
  db
    .all<{ event_type: string }>(
      "SELECT DISTINCT event_type FROM event_waits WHERE status = 'open' ORDER BY event_type",
    )
    .map(({ event_type: type }) => type),
);
