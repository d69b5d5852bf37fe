import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { chainNext, CHAIN_START } from "../../journal/chain.ts";
import { frozenClock } from "../../testing/frozen-clock.ts";
import { digest } from "../../testing/store-conformance/world.ts";
import { databaseFile, openForReading } from "./database.ts";
import { examine } from "./fsck.ts";
import { APPLICATION_ID, defineWords } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/list.ts";
import { openSqliteStore } from "./open.ts";

const CHAIN_KEY = digest("chain key");
const folder = mkdtempSync(join(tmpdir(), "sluice-migrate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = "a long text ".repeat(1_000);
const HASH = Buffer.from(digest(TEXT)).toString("hex");

interface OldRecord {
  kind: string;
  type: string;
  name: string;
  body: string;
  refs?: string;
}

/** Rows as the first version wrote them: a completed run with facets and a long text, a dead one, one that waits for a review. */
function fillFirst(db: DatabaseSync): void {
  const put = (run: { no: number; status: string; records: OldRecord[]; more?: string }): void => {
    let chain: Uint8Array = CHAIN_START;
    for (const [at, { kind, type, name, body, refs = null }] of run.records.entries()) {
      const mac = digest(`${run.no} ${at}`);
      chain = chainNext(CHAIN_KEY, chain, at + 1, mac);
      db.prepare(
        "INSERT INTO records (run_no, seq, epoch, kind, type, name, key, attempt, status, ends, started_at, ended_at, mac, chain, blob_refs, vault, body)" +
          " VALUES (?, ?, 0, ?, ?, ?, '', 1, 'success', 1, 1, 1, ?, ?, ?, NULL, ?)",
      ).run(run.no, at + 1, kind, type, name, mac, chain, refs, body);
    }
    db.prepare(
      "INSERT INTO runs (run_no, run_id, workflow, event_type, event_id, contract_version, priority, status, ready, epoch, deaths," +
        " death_seq, next_seq, chain, created_at, updated_at) VALUES (?, ?, 'w', 't', ?, 1, 0, ?, 1, 1, 0, 0, ?, ?, 1, 1)",
    ).run(run.no, `run_${run.no}`, `evt_${run.no}`, run.status, run.records.length + 1, chain);
    db.prepare("INSERT INTO events VALUES (?, 't', zeroblob(32), 1, 1, ?, 1)").run(`evt_${run.no}`, run.no);
    db.prepare("INSERT INTO run_keys VALUES (?, zeroblob(60))").run(run.no);
    db.prepare("INSERT INTO run_counts VALUES ('w', ?, 1)").run(run.status);
  };
  const trigger = (word: string): OldRecord => ({
    kind: "event",
    type: "trigger",
    name: "t",
    body: JSON.stringify({ output: { word } }),
  });
  const decide: OldRecord = { kind: "decide", type: "decision", name: "@decision", body: "{}" };
  const long: OldRecord = {
    kind: "code",
    type: "code",
    name: "long",
    body: '{"output":""}',
    refs: `{"/output":"${HASH}"}`,
  };
  const asked: OldRecord = { kind: "review", type: "review", name: "look", body: '{"detail":{"reviewId":"rev_1"}}' };
  put({ no: 1, status: "completed", records: [trigger("wombat"), long, decide] });
  put({ no: 2, status: "dead", records: [trigger("numbat")] });
  put({ no: 3, status: "waiting", records: [trigger("quokka"), asked] });
  db.exec(`
    UPDATE runs SET ended_at = 2, audit_due = 2 WHERE run_no < 3;
    UPDATE runs SET disposition = 'applied' WHERE run_no = 1;
    UPDATE runs SET failure_class = 'bug', fingerprint = 'w/-/bug/bug' WHERE run_no = 2;
    UPDATE runs SET wait = 'review' WHERE run_no = 3;
    INSERT INTO run_outcomes VALUES (1, '{"said":"kookaburra"}', NULL);
    INSERT INTO run_outcomes VALUES (2, NULL, '{"class":"bug","code":"bug","message":"no","step":null}');
    INSERT INTO facet_names VALUES (1, 'prompt:c');
    INSERT INTO facets VALUES (1, 1, 1);
    INSERT INTO reviews (review_no, review_id, run_no, run_id, workflow, step, key, why, reason, priority, status, created_at)
      VALUES (1, 'rev_1', 3, 'run_3', 'w', 'look', '', 'look', 'because', 0, 'open', 1);
    INSERT INTO tokens (token_id, hash, name, role, created_at) VALUES ('tok_1', zeroblob(32), 'ci', 'viewer', 1);
    INSERT INTO quarantine VALUES (1, 'qua_1', 1, 't', 'evt_9', '[]', x'00');
  `);
  db.prepare("INSERT INTO blobs VALUES (?, ?)").run(HASH, TEXT);
}

/** A data folder that version `schema` left: filled by the first, and brought on by those up to it. */
function left(schema: number): string {
  const dir = mkdtempSync(join(folder, `schema-${schema}-`));
  const db = new DatabaseSync(databaseFile(dir));
  defineWords(db);
  for (const [at, sql] of MIGRATIONS.slice(0, schema).entries()) {
    db.exec(sql);
    if (at === 0) fillFirst(db);
  }
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${schema}`);
  db.close();
  return dir;
}

describe("a data folder of every schema there was", () => {
  test.each(MIGRATIONS.map((_, at) => at + 1))(
    "number %i, with data in it, is opened, whole, and worked with",
    async (schema) => {
      const dataDir = left(schema);
      const store = await openSqliteStore({ dataDir, chainKey: CHAIN_KEY, clock: frozenClock() });
      try {
        expect((await store.list({ q: "wombat" }, { limit: 5 })).items).toMatchObject([
          { runId: "run_1", status: "completed" },
        ]);
        expect((await store.list({ q: "kookaburra" }, { limit: 5 })).items).toHaveLength(1);
        expect((await store.list({ prompt: "c" }, { limit: 5 })).items).toMatchObject([{ runId: "run_1" }]);
        expect((await store.counts({ failureClass: "bug" })).dead).toBe(1);
        expect(await store.run("run_2")).toMatchObject({
          originalsRemovedAt: null,
          valuesRemovedAt: null,
          restoredAt: null,
        });
        expect((await store.blobs([HASH])).get(HASH)).toBe(TEXT);
        expect((await store.reviews({ status: "open" }, { limit: 5 })).items).toMatchObject([{ reviewId: "rev_1" }]);
        expect(await store.tokens()).toMatchObject([{ tokenId: "tok_1", kind: "bearer" }]);
        expect(await store.command({ runId: "run_2", command: { do: "redrive" }, record: null })).toEqual({ ok: true });
        expect((await store.removeValues({ endedBy: 2, limit: 10 })).removed).toEqual(["run_1"]);
        expect((await store.blobs([HASH])).size).toBe(0);
      } finally {
        await store.close();
      }
      const db = openForReading(databaseFile(dataDir));
      defineWords(db);
      expect(examine(db).problems).toEqual([]);
      db.close();
    },
  );
});
