/**
 * Writes to a store from many lanes at once and prints a line for every write that was acknowledged, until it is killed.
 * `node store-child.ts DATA_FOLDER`. Lines: `accepted RUN`, `record RUN SEQ`, `ended RUN SEQ`.
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/id.ts";
import type { SealedRecord } from "../../src/journal/record.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

const LANES = 40;
const BYTES = new Uint8Array(32).fill(5);
const store = await openSqliteStore({ dataDir: process.argv[2] as string, chainKey: BYTES, clock: systemClock });

function acknowledge(line: string): void {
  writeSync(1, `${line}\n`);
}

function record(kind: SealedRecord["kind"], name: string): SealedRecord {
  const now = systemClock.now();
  const body = JSON.stringify({ output: `${name} `.repeat(100) });
  const sealed = { body, blobRefs: null, blobs: [{ hash: name, text: body }], mac: BYTES, vault: BYTES };
  const step = { kind, type: "code", name, key: "", attempt: 1, status: "success", ends: true } as const;
  return { ...step, startedAt: now, endedAt: now, ...sealed };
}

async function lane(workflow: string): Promise<never> {
  for (;;) {
    const runId = newId("run");
    const limits = { priority: 0, concurrencyKey: null, concurrencyLimit: null, deadlineAt: null, wrappedKey: BYTES };
    const run = { runId, workflow, ...limits, record: record("event", "event") };
    const event = { eventType: "t", eventId: newId("evt"), contractVersion: 1, bodyMac: BYTES, drift: [] };
    await store.accept([{ ...event, runs: [run] }]);
    acknowledge(`accepted ${runId}`);
    const workflows = [{ name: workflow, limit: null }];
    const [claimed] = await store.claim({ worker: "child", leaseMs: 60_000, limit: 1, workflows });
    if (claimed === undefined) continue;
    await advance(claimed.run.runId, claimed.run.epoch);
  }
}

async function advance(runId: string, epoch: number): Promise<void> {
  for (let step = 1; step <= 3; step++) {
    const result = await store.commit({ runId, epoch, records: [record("code", `step ${step}`)], facets: ["tool:t"] });
    if (!result.ok) throw new Error(`Run ${runId} was lost: ${result.why}`);
    acknowledge(`record ${runId} ${result.lastSeq}`);
  }
  const command = { do: "complete", disposition: "applied" } as const;
  const result = await store.commit({ runId, epoch, records: [record("decide", "decide")], decision: "{}", command });
  if (!result.ok) throw new Error(`Run ${runId} was lost: ${result.why}`);
  acknowledge(`ended ${runId} ${result.lastSeq}`);
}

await Promise.all(Array.from({ length: LANES }, (_, n) => lane(`lane_${n}`)));
