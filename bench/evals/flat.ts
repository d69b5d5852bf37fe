import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workOn } from "../../src/app/eval-jobs.ts";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/id.ts";
import type { PlacedCase } from "../../src/eval/case.ts";
import { comparisonOf } from "../../src/eval/comparison-fold.ts";
import { foldOf } from "../../src/eval/fold.ts";
import type { Suite } from "../../src/eval/suite.ts";
import { createKeyring } from "../../src/journal/keyring.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { caseAt } from "./workload.ts";

/** `node bench/evals/flat.ts [CASES]`: an eval over so many cases whose answers take no time, and the memory it takes on the way. */
const CASES = Number(process.argv[2] ?? 100_000);
const dataDir = mkdtempSync(join(tmpdir(), "sluice-flat-"));
const keyring = createKeyring(new Uint8Array(32).fill(1));
const store = await openSqliteStore({ dataDir, chainKey: keyring.chainKey, clock: systemClock });

async function* cases(): AsyncGenerator<PlacedCase> {
  for (let index = 0; index < CASES; index++) {
    const { id, input, expected } = caseAt(index);
    const hash = createHash("sha256").update(id).digest("hex");
    yield { id, input, expected, tags: [], dataset: "golden", kind: "golden", hash };
  }
}

const target = { name: "Category accuracy", metric: "accuracy", field: "category", positive: null, slice: null };
const demand = {
  threshold: null,
  comparison: ">=",
  bound: 0.95,
  target: ">= 95%",
  critical: true,
  minCases: 0,
} as const;
const suite = {
  name: "flat",
  description: "",
  subject: { kind: "prompt", prompt: "p" },
  datasets: [],
  slices: ["ticket.subject"],
  targets: [{ ...target, ...demand }],
  scorers: null,
  file: "flat",
  hash: "h",
} as Suite;
const evalId = newId("evl");
const subject = { kind: "prompt", prompt: "p", version: "1", hash: "h", model: "p/m" } as const;
const how = { repeat: 1, concurrency: 50, budgetUsd: null, fresh: false, baseline: null, baselineOf: null };
const datasets = [{ name: "golden", kind: "golden", version: 1, hash: "d", cases: CASES }];
const plan = { suite: "flat", suiteHash: "h", scorersHash: "", datasets, subject, ...how };
await store.addEvals([{ evalId, request: new Uint8Array(32), plan, total: CASES, by: "bench" }]);
const figures = { confidence: 0.9, validJson: true, validFirst: true, repaired: false, latencyMs: 10, error: null };
const material = {
  suite,
  cases,
  scorers: null,
  inContext: false,
  fold: () => foldOf(suite, 1),
  comparison: () => comparisonOf(suite),
  asker: () => ({
    identity: ({ id }: PlacedCase) => id,
    ask: async ({ expected }: PlacedCase) => ({
      outcome: "answered" as const,
      output: expected,
      inputTokens: 100,
      outputTokens: 20,
      costUsd: 0,
      trace: [],
      ...figures,
    }),
    close: async () => {},
  }),
};
let said = 0;
const told = ({ done }: { done: number }): void => {
  if (done < said) return;
  said += CASES / 10;
  process.stdout.write(`${done} done, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB\n`);
};
const began = performance.now();
await workOn(
  { store, keyring, clock: systemClock, owner: "bench", material: async () => material, told },
  evalId,
  new AbortController().signal,
);
const run = await store.evalRun(evalId);
const peak = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${run?.verdict} in ${Math.round((performance.now() - began) / 1_000)} s, peak ${peak} MB\n`);
await store.close();
rmSync(dataDir, { recursive: true, force: true });
