import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { CHAIN_START, chainNext } from "../../src/journal/chain.ts";
import type { LoadedRun } from "../../src/journal/ports.ts";
import { openSqliteStore, type SqliteStore } from "../../src/store/sqlite/open.ts";

const CHILD = fileURLToPath(new URL("store-child.ts", import.meta.url));
const KEY = new Uint8Array(32).fill(5);
const KILLS = 6;
const folder = mkdtempSync(join(tmpdir(), "sluice-kill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a child on the folder, kills it after `lines` acknowledged writes, answers every line it had printed. */
async function writeUntilKilled(dataDir: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, dataDir], { stdio: ["ignore", "pipe", "pipe"] });
  const complaints: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(String(chunk)));
  const exited = once(child, "exit");
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length === lines) child.kill("SIGKILL");
  }
  const [, signal] = await exited;
  expect(complaints.join("")).toBe("");
  expect(signal).toBe("SIGKILL");
  return printed;
}

function expectChain({ run, records }: LoadedRun): void {
  let chain: Uint8Array = CHAIN_START;
  for (const [at, record] of records.entries()) {
    expect(record.seq).toBe(at + 1);
    chain = chainNext(KEY, chain, record.seq, record.mac);
    expect(Buffer.compare(record.chain, chain)).toBe(0);
  }
  expect(run.nextSeq).toBe(records.length + 1);
}

async function allRuns(store: SqliteStore): Promise<Map<string, LoadedRun>> {
  const runs = new Map<string, LoadedRun>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<SqliteStore["list"]>> = await store.list(
      {},
      cursor === null ? { limit: 500 } : { limit: 500, cursor },
    );
    for (const { runId } of page.items) runs.set(runId, (await store.load(runId)) as LoadedRun);
    cursor = page.next;
  } while (cursor !== null);
  return runs;
}

/** A line may be cut off by the kill; one that is whole is a promise. */
function expectKept(line: string, runs: ReadonlyMap<string, LoadedRun>): void {
  const [what, runId, seq] = line.split(" ") as [string, string, string?];
  const loaded = runs.get(runId);
  expect(loaded, line).toBeDefined();
  expect(loaded?.records.length, line).toBeGreaterThanOrEqual(Number(seq ?? 1));
  if (what === "ended") expect(loaded?.run.status, line).toBe("completed");
}

describe("a process killed in the middle of group commits", () => {
  it(
    "has on disk every write it acknowledged, whole runs and unbroken chains, again and again",
    { timeout: 120_000 },
    async () => {
      const dataDir = join(folder, "data");
      const acknowledged: string[] = [];
      for (let kill = 1; kill <= KILLS; kill++) {
        const lines = await writeUntilKilled(dataDir, 30 + Math.floor(Math.random() * 900));
        acknowledged.push(...lines.slice(0, -1));
      }
      const store = await openSqliteStore({ dataDir, chainKey: KEY, clock: systemClock });
      try {
        const runs = await allRuns(store);
        for (const loaded of runs.values()) expectChain(loaded);
        for (const line of acknowledged) expectKept(line, runs);
        expect(acknowledged.length).toBeGreaterThan(30 * KILLS - KILLS);
        // The running totals were written in the same transactions.
        expect(await store.counts({})).toEqual(await store.counts({ since: 0 }));
        const { requeued } = await store.abandon({ exceptWorker: "parent" });
        const counts = await store.counts({});
        expect(counts.running).toBe(0);
        expect(requeued).toBeLessThanOrEqual(counts.queued);
      } finally {
        await store.close();
      }
    },
  );
});
