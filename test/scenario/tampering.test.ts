import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { event, workflow } from "../../src/index.ts";
import { frozenClock } from "../../src/testing/frozen-clock.ts";
import { World } from "./world.ts";

const on = event("ticket.created");
const LONG = "a long unmarked text ".repeat(600);
const DAY = 86_400_000;

const flow = workflow("flow", { on, deadline: "400d" }, async (received, ctx) => {
  const { ticket } = received as unknown as { ticket: { body: string } };
  await ctx.run("long", () => ({ text: LONG, said: ticket.body }), { key: "one" });
  return ctx.decide({ said: ticket.body });
});

/** Everything that a key holder has signed or sealed, by table; `record_no` and the epoch are places, not evidence. */
const PROTECTED: Readonly<Record<string, readonly string[]>> = {
  records: ["run_no", "seq", "kind", "type", "name", "key", "attempt", "status", "ends", "started_at", "ended_at", "mac", "chain", "blob_refs", "vault", "body"], // prettier-ignore
  blobs: ["hash", "text"],
  run_keys: ["wrapped"],
  audit: ["entry_no", "run_id", "last_seq", "head", "link"],
};
/** What a tombstone keeps of a record is signed anew, what it has not is empty. */
const OF_TOMBSTONES = PROTECTED["records"]?.filter((column) => !["key"].includes(column)) ?? [];

/** A value that is another one of the same type. */
function other(value: unknown): string | number | Uint8Array {
  if (value instanceof Uint8Array) {
    const copy = Uint8Array.from(value.length === 0 ? [1] : value);
    copy[copy.length >> 1] = (copy[copy.length >> 1] as number) ^ 1;
    return copy;
  }
  if (typeof value === "number") return value === 0 ? 1 : value === 1 ? 0 : value + 1_000;
  if (typeof value === "string")
    return value.length > 0 ? `${value.slice(0, -1)}${value.endsWith("!") ? "?" : "!"}` : "!";
  return "!";
}

test(
  "whatever is changed of what is signed or sealed, row by row and column by column, is found",
  { timeout: 120_000 },
  async () => {
    const clock = frozenClock();
    const world = await World.open({ workflows: flow, clock, timers: clock, config: { retainRecords: "10d" } });
    const gone = await world.submit();
    await world.ended(gone);
    clock.advance(11 * DAY);
    await world.until(gone, "The removal", ({ valuesRemovedAt }) => {
      if (valuesRemovedAt === null && clock.pending > 0) clock.advance(60_000);
      return valuesRemovedAt !== null;
    });
    const kept = await world.submit();
    await world.ended(kept);
    // Closing gives the audit chain all it is owed.
    await world.restart();
    expect((await world.sluice.auditVerify()).problems).toEqual([]);

    const db = new DatabaseSync(join(world.sluice.project.config.dataDir, "sluice.db"));
    let tried = 0;
    for (const [table, columns] of Object.entries(PROTECTED)) {
      const rows = db.prepare(`SELECT rowid AS at, * FROM ${table}`).all();
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows)
        for (const column of table === "records" && row["run_no"] === 1 ? OF_TOMBSTONES : columns) {
          const before = row[column] as string | number | Uint8Array | null;
          // An absent original may not be told from one that was never there; a made-up one is.
          const after = before === null && column === "vault" ? new Uint8Array(40) : other(before);
          const put = db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`);
          const strict = before === null && column === "blob_refs" ? '{"/output/text":"0000"}' : after;
          try {
            put.run(strict, row["at"] as number);
          } catch {
            // A unique index stands in the way: it cannot even be written.
            continue;
          }
          const { ok } = await world.sluice.auditVerify().catch(() => ({ ok: false }));
          expect({ table, column, at: row["at"], ok }).toEqual({ table, column, at: row["at"], ok: false });
          db.prepare(
            `UPDATE ${table} SET ${column} = ? WHERE ${table === "audit" && column === "entry_no" ? "entry_no" : "rowid"} = ?`,
          ).run(before, table === "audit" && column === "entry_no" ? strict : (row["at"] as number));
          tried++;
        }
    }
    db.close();
    expect(tried).toBeGreaterThan(80);
    expect((await world.sluice.auditVerify()).problems).toEqual([]);
  },
);
