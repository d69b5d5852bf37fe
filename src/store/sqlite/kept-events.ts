import type { AcceptInput } from "../../journal/ports.ts";
import { transition } from "../../journal/transition.ts";
import type { Database, Row } from "./database.ts";
import { loseEvent, splitTokens } from "./event-waits.ts";
import { plain, type Operation } from "./operation.ts";
import { runByNo, toState, writeStep } from "./run-row.ts";

/** Whether a run waits for an event of this type at this moment. */
export function isAwaited(db: Database, eventType: string): boolean {
  return db.get("SELECT 1 FROM event_waits WHERE event_type = ? AND status = 'open' LIMIT 1", eventType) !== undefined;
}

/** Keeps an event that is new, and gives it to the runs that wait for it, each once. Answers their ids. */
export function keepEvent(db: Database, input: AcceptInput, now: number): string[] {
  const { awaited, eventType, eventId, contractVersion } = input;
  if (awaited === undefined || !(awaited.declared || isAwaited(db, eventType))) return [];
  const keptNo = db.insert(
    "INSERT INTO kept_events (event_id, event_type, contract_version, received_at, keep_until, body) VALUES (?, ?, ?, ?, ?, ?)",
    eventId,
    eventType,
    contractVersion,
    now,
    awaited.keepUntil,
    awaited.body,
  );
  const tokens = splitTokens(awaited.tokens);
  // Two values at paths that are written alike give one token.
  for (const token of tokens)
    db.change("INSERT OR IGNORE INTO kept_tokens (token, kept_no) VALUES (?, ?)", token, keptNo);
  return waitsFor(db, tokens, now).map(({ wait_no, run_no }) => give(db, wait_no, run_no, keptNo, now));
}

interface OpenWait {
  wait_no: number;
  run_no: number;
  others: Uint8Array | null;
}

/** The open waits that an event with these tokens fits; of those of one run the oldest. Oldest first. */
function waitsFor(db: Database, tokens: readonly Uint8Array[], now: number): OpenWait[] {
  const held = new Set(tokens.map(textOf));
  const fitting = [...tokens.values()]
    .flatMap((token) =>
      db.all<OpenWait>(
        "SELECT wait_no, run_no, others FROM event_waits INDEXED BY event_waits_open" +
          " WHERE token = ? AND status = 'open' AND (expires_at IS NULL OR expires_at > ?)",
        token,
        now,
      ),
    )
    .filter(({ others }) => others === null || splitTokens(others).every((token) => held.has(textOf(token))))
    .sort((a, b) => a.wait_no - b.wait_no);
  const runs = new Set<number>();
  return fitting.filter(({ run_no: run }) => !runs.has(run) && runs.add(run));
}

function textOf(token: Uint8Array): string {
  return Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString("latin1");
}

/**
 * Marks a wait as matched and wakes its run. One that has not parked yet is sent to look when it does; one that is held
 * looks when it goes on.
 */
function give(db: Database, waitNo: number, runNo: number, keptNo: number, now: number): string {
  const row = runByNo(db, runNo) as Row;
  const state = toState(row);
  const woken = transition(state, { do: "wake" }, now);
  if (woken.ok && state.wait !== "hold")
    writeStep(db, { row, state: woken.state, chain: row["chain"] as Uint8Array, now });
  db.change(
    "UPDATE event_waits SET status = 'matched', kept_no = ?, told = ?, token = NULL, others = NULL WHERE wait_no = ?",
    keptNo,
    woken.ok ? 1 : 0,
    waitNo,
  );
  return row["run_id"] as string;
}

export const dropKeptEvents: Operation<number, number, number> = plain("dropKeptEvents", (db, limit, now) => {
  const due = db.all<{ kept_no: number }>(
    "SELECT kept_no FROM kept_events k WHERE keep_until <= ?" +
      " AND NOT EXISTS (SELECT 1 FROM event_waits w WHERE w.kept_no = k.kept_no AND w.status = 'matched')" +
      " ORDER BY keep_until LIMIT ?",
    now,
    limit,
  );
  for (const { kept_no: keptNo } of due) drop(db, keptNo);
  return due.length;
});

/** Removes a kept event. A run that was to get it, and has not taken it yet, asks anew. */
export function drop(db: Database, keptNo: number): void {
  loseEvent(db, keptNo);
  db.change("DELETE FROM kept_tokens WHERE kept_no = ?", keptNo);
  db.change("DELETE FROM kept_events WHERE kept_no = ?", keptNo);
}
