import type { Reserved } from "../../journal/ports.ts";
import type { Database } from "./database.ts";

/** What the run has under way is this from now on. */
export function putReserved(db: Database, runNo: number, { modelCalls, usd }: Reserved): void {
  if (modelCalls === 0) db.change("DELETE FROM run_reservations WHERE run_no = ?", runNo);
  else
    db.change(
      "INSERT INTO run_reservations (run_no, model_calls, usd) VALUES (?1, ?2, ?3)" +
        " ON CONFLICT DO UPDATE SET model_calls = ?2, usd = ?3",
      runNo,
      modelCalls,
      usd,
    );
}

export function reservedOf(db: Database, runNo: number): Reserved | null {
  const row = db.get("SELECT model_calls, usd FROM run_reservations WHERE run_no = ?", runNo);
  return row === undefined ? null : { modelCalls: row["model_calls"] as number, usd: row["usd"] as number };
}
