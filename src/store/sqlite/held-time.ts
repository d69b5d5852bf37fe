import type { Database } from "./database.ts";

/** Milliseconds between `since` and `now` for which a workflow was on hold or being released. */
export function heldTime(db: Database, workflow: string, since: number, now: number): number {
  const row = db.get(
    "SELECT sum(max(0, min(coalesce(ended_at, ?3), ?3) - max(held_at, ?2))) AS ms FROM holds INDEXED BY holds_ended" +
      " WHERE workflow = ?1 AND (ended_at IS NULL OR ended_at > ?2)",
    workflow,
    since,
    now,
  );
  return (row?.["ms"] as number | null) ?? 0;
}

/** Whether no run of the workflow may go on now. */
export function isHeld(db: Database, workflow: string): boolean {
  return db.get("SELECT 1 FROM holds WHERE workflow = ? AND state = 'held'", workflow) !== undefined;
}
