import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { frozenClock } from "../../testing/frozen-clock.ts";
import { World } from "../../testing/store-conformance/world.ts";
import { MIGRATIONS } from "./migrations/list.ts";
import { openSqliteStore, type SqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-finding-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const clock = frozenClock();
const chainKey = new Uint8Array(32).fill(1);

function open(dataDir: string = mkdtempSync(join(folder, "data-"))): Promise<SqliteStore> {
  return openSqliteStore({ dataDir, chainKey, clock });
}

describe("a question in any words", () => {
  it("is answered, whatever stands in it", async () => {
    const store = await open();
    const world = new World(store, clock, chainKey);
    const body = JSON.stringify({ output: { subject: "Charged twice after upgrading" } });
    await world.submit({ record: world.sealed("ticket", { kind: "event", type: "trigger", body }) });
    const syntax = fc.constantFrom('"', "'", "*", "(", ")", "^", ":", "+", "-", "AND", "OR", "NOT", "NEAR", "{", "}", "\0", " ", "charged", "二重"); // prettier-ignore
    const question = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(syntax).map((parts) => parts.join("")),
    );
    const asks = fc.asyncProperty(question, async (q) => {
      const { items } = await store.list({ q }, { limit: 5 });
      expect((await store.facets({ q })).total).toBe(items.length);
    });
    await fc.assert(asks, { numRuns: 300 });
    await store.close();
  });
});

/** A data folder as it was before runs were found by words: two runs, the second failed. */
function olderFolder(): string {
  const dataDir = mkdtempSync(join(folder, "old-"));
  mkdirSync(dataDir, { recursive: true });
  const db = new DatabaseSync(join(dataDir, "sluice.db"));
  for (const sql of MIGRATIONS.slice(0, 2)) db.exec(sql);
  db.exec("PRAGMA application_id = 0x534c5543; PRAGMA user_version = 2");
  const run = db.prepare(
    "INSERT INTO runs (run_no, run_id, workflow, event_type, event_id, contract_version, priority, status, ready, epoch," +
      " deaths, death_seq, next_seq, chain, failure_class, disposition, release, stage, created_at, updated_at)" +
      " VALUES (?, ?, 'triage', 'ticket', ?, 1, 0, ?, 1, 1, 0, 0, 2, x'00', ?, ?, 3, 'partial', ?, ?)",
  );
  run.run(1, "run_1", "evt_1", "completed", null, "applied", 1_000, 1_000);
  run.run(2, "run_2", "evt_2", "dead", "timeout", null, 2_000, 2_000);
  run.run(3, "run_3", "evt_3", "waiting", null, null, 3_000, 3_000);
  const record = db.prepare(
    "INSERT INTO records (run_no, seq, epoch, kind, type, name, key, attempt, status, ends, started_at, ended_at, mac, chain," +
      " blob_refs, body) VALUES (?, 1, 0, 'event', 'trigger', 'ticket', '', 1, 'success', 1, 0, 0, x'00', x'00', ?, ?)",
  );
  record.run(1, null, JSON.stringify({ output: { subject: "Doppelte Abbuchung", id: "tkt_1" } }));
  record.run(2, '{"/output/letter":"h"}', JSON.stringify({ output: { letter: "" } }));
  record.run(3, null, JSON.stringify({ output: null }));
  db.exec(`INSERT INTO blobs VALUES ('h', 'a letter "in full"');
    INSERT INTO run_outcomes VALUES (1, '{"category":"billing"}', NULL), (2, NULL, '{"class":"timeout","code":"slow","message":"No answer came."}');
    INSERT INTO facet_names VALUES (1, 'tool:look'), (2, 'tool:write');
    INSERT INTO facets VALUES (2, 1000, 1), (1, 1000, 1), (1, 2000, 2), (1, 3000, 3);`);
  db.close();
  return dataDir;
}

describe("a data folder from before", () => {
  it("has its runs found by words and counted by facet once it is opened", async () => {
    const store = await open(olderFolder());
    const found = async (q: string): Promise<string[]> =>
      (await store.list({ q }, { limit: 9 })).items.map(({ runId }) => runId);
    expect(await found("doppelte billing")).toEqual(["run_1"]);
    expect(await found("tkt_1")).toEqual(["run_1"]);
    expect(await found("full letter")).toEqual(["run_2"]);
    expect(await found("answer letter slow")).toEqual(["run_2"]);
    const { total, facets } = await store.facets({});
    expect([total, facets.tool, facets.failure_class, facets.disposition]).toEqual([
      3,
      [
        { value: "look", count: 3 },
        { value: "write", count: 1 },
      ],
      [{ value: "timeout", count: 1 }],
      [{ value: "applied", count: 1 }],
    ]);
    expect(facets.status.map(({ value }) => value)).toEqual(["completed", "dead", "waiting"]);
    await store.close();
  });
});

describe("the reader that counts", () => {
  it("is closed with the store, also where nobody ever asked it", async () => {
    const unasked = await open();
    await unasked.close();
    await expect(unasked.facets({})).rejects.toMatchObject({ code: "closed" });
    const asked = await open();
    const counting = asked.facets({});
    await asked.close();
    await expect(counting).resolves.toMatchObject({ total: 0 });
    await expect(asked.facets({})).rejects.toMatchObject({ code: "closed" });
  });
});
