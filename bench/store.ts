/**
 * How far the embedded store is from the limit of its disk: fenced, chained commits of one 2 KB record each,
 * beside a bare loop of inserts in the same process. `node bench/store.ts`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../src/base/clock.ts";
import { newId } from "../src/base/id.ts";
import type { SealedRecord } from "../src/journal/record.ts";
import { openSqliteStore, type SqliteStore } from "../src/store/sqlite/open.ts";

const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 3);
const BODY = JSON.stringify({ output: "x".repeat(2_000) });
const MAC = new Uint8Array(32).fill(1);
const WORKFLOWS = [{ name: "bench", limit: null }];

function record(kind: SealedRecord["kind"], name: string): SealedRecord {
  const now = systemClock.now();
  const times = { startedAt: now, endedAt: now };
  const body = { body: BODY, blobRefs: null, blobs: [], mac: MAC, vault: MAC };
  return { kind, type: "code", name, key: "", attempt: 1, status: "success", ends: true, ...times, ...body };
}

async function acceptRun(store: SqliteStore): Promise<void> {
  const id = newId("run");
  const run = {
    runId: id,
    workflow: "bench",
    priority: 0,
    concurrencyKey: null,
    concurrencyLimit: null,
    deadlineAt: null,
    wrappedKey: MAC,
    record: record("event", "bench"),
  };
  await store.accept([{ eventType: "bench", eventId: id, contractVersion: 1, bodyMac: MAC, drift: [], runs: [run] }]);
}

async function claimOne(store: SqliteStore): Promise<{ runId: string; epoch: number }> {
  const [claimed] = await store.claim({ worker: "bench", leaseMs: 600_000, limit: 1, workflows: WORKFLOWS });
  if (claimed === undefined) throw new Error("There was no run to claim.");
  return claimed.run;
}

/** Commits a second with `concurrency` runs, each of which waits for its last commit before the next. */
async function commitRate(store: SqliteStore, concurrency: number): Promise<Rate> {
  const runs = await Promise.all(
    Array.from({ length: concurrency }, async () => {
      await acceptRun(store);
      return await claimOne(store);
    }),
  );
  return await measure(concurrency, async (lane) => {
    const { runId, epoch } = runs[lane] as { runId: string; epoch: number };
    await store.commit({ runId, epoch, records: [record("code", "step")] });
  });
}

/** Steps a second of whole runs: accept, claim, five steps, decision. */
async function runRate(store: SqliteStore, concurrency: number): Promise<Rate> {
  const rate = await measure(concurrency, async () => {
    await acceptRun(store);
    const { runId, epoch } = await claimOne(store);
    for (let step = 1; step <= 4; step++)
      await store.commit({ runId, epoch, records: [record("code", `step ${step}`)], facets: [`tool:t${step}`] });
    const command = { do: "complete", disposition: "applied" } as const;
    await store.commit({ runId, epoch, records: [record("decide", "decide")], decision: "{}", command });
  });
  return { ...rate, perSecond: rate.perSecond * 5, p50: rate.p50 / 5, p95: rate.p95 / 5 };
}

interface Rate {
  perSecond: number;
  p50: number;
  p95: number;
}

async function measure(concurrency: number, once: (lane: number) => Promise<void>): Promise<Rate> {
  const took: number[] = [];
  const start = performance.now();
  const until = start + SECONDS * 1_000;
  const lanes = Array.from({ length: concurrency }, async (_, lane) => {
    while (performance.now() < until) {
      const before = performance.now();
      await once(lane);
      took.push(performance.now() - before);
    }
  });
  await Promise.all(lanes);
  const seconds = (performance.now() - start) / 1_000;
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.floor(took.length * share)] ?? 0;
  return { perSecond: took.length / seconds, p50: at(0.5), p95: at(0.95) };
}

/** Rows a second of the same size into one table, `group` to a transaction, from one thread that does nothing else. */
function bareRate(dir: string, group: number): number {
  const db = new DatabaseSync(join(dir, `bare-${group}.db`));
  db.exec(
    "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000",
  );
  db.exec("CREATE TABLE rows (no INTEGER PRIMARY KEY, run INTEGER, seq INTEGER, mac BLOB, chain BLOB, body TEXT)");
  const insert = db.prepare("INSERT INTO rows (run, seq, mac, chain, body) VALUES (?, ?, ?, ?, ?)");
  const start = performance.now();
  let rows = 0;
  while (performance.now() - start < SECONDS * 1_000) {
    db.exec("BEGIN");
    for (let i = 0; i < group; i++) insert.run(i, rows++, MAC, MAC, BODY);
    db.exec("COMMIT");
  }
  const seconds = (performance.now() - start) / 1_000;
  db.close();
  return rows / seconds;
}

const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
try {
  const store = await openSqliteStore({ dataDir: join(dir, "data"), chainKey: MAC, clock: systemClock });
  for (const concurrency of [1, 20, 100]) {
    const bare = bareRate(dir, concurrency);
    const commits = await commitRate(store, concurrency);
    const runs = await runRate(store, concurrency);
    const share = Math.round((100 * commits.perSecond) / bare);
    console.log(
      `concurrency ${String(concurrency).padStart(3)}: ${show(commits)}, ${share} % of ${Math.round(bare)} bare inserts/s; whole runs: ${show(runs)}`,
    );
  }
  await store.close();
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function show({ perSecond, p50, p95 }: Rate): string {
  return `${Math.round(perSecond)} steps/s (p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms)`;
}
