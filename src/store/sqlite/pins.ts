import { createHash } from "node:crypto";
import type { CommitInput } from "../../journal/ports.ts";
import type { Database } from "./database.ts";

/** What a run goes by. */
export function writePins(db: Database, runNo: number, pins: NonNullable<CommitInput["pins"]>): void {
  db.change(
    "UPDATE runs SET release = ?, stage = ?, pin_no = ?, code_pin = ? WHERE run_no = ?",
    pins.release,
    pins.stage,
    pinNo(db, pins.body),
    pins.code ?? "",
    runNo,
  );
}

/** Runs of one release pin the same text: it is stored once. */
function pinNo(db: Database, body: string): number {
  return db.remember(`pins ${body}`, () => {
    const hash = createHash("sha256").update(body).digest("base64url");
    const known = db.get("SELECT pin_no FROM pins WHERE hash = ?", hash) as { pin_no: number } | undefined;
    return known?.pin_no ?? db.insert("INSERT INTO pins (hash, body) VALUES (?, ?)", hash, body);
  });
}
