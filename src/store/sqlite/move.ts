import { transition, type RunCommand } from "../../journal/transition.ts";
import type { Database, Row } from "./database.ts";
import { runByNo, toState, writeStep } from "./run-row.ts";

/** A transition that the store makes by itself, without a record. Throws where the run's state does not allow it. */
export function move(db: Database, runNo: number, command: RunCommand, now: number): void {
  const row = runByNo(db, runNo) as Row;
  const result = transition(toState(row), command, now);
  if (!result.ok) throw new Error(`${command.do} of ${String(row["run_id"])} was refused: ${result.refusal}`);
  writeStep(db, { row, state: result.state, chain: row["chain"] as Uint8Array, now });
}
