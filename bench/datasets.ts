import { once } from "node:events";
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Datasets } from "../src/app/datasets.ts";
import { systemClock } from "../src/base/clock.ts";
import { readCases } from "../src/eval/case-files.ts";
import { createKeyring } from "../src/journal/keyring.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";

/** A dataset of many cases: how long it takes to publish and to read back, and how much memory both hold on to. */
const { values } = parseArgs({ options: { cases: { type: "string", default: "100000" } } });
const count = Number(values.cases);
const folder = mkdtempSync(join(tmpdir(), "sluice-bench-datasets-"));
const file = join(folder, "cases.jsonl");

async function write(): Promise<void> {
  const out = createWriteStream(file);
  const body = "A customer writes about a charge on the card that nobody can explain. ".repeat(8);
  for (let i = 0; i < count; i++) {
    const input = { ticket: { subject: `Ticket ${i}`, body: `${i} ${body}` }, customer: { plan: "pro" } };
    if (!out.write(`${JSON.stringify({ id: `case_${i}`, input, expected: { category: "billing" } })}\n`))
      await once(out, "drain");
  }
  out.end();
  await once(out, "close");
}

/** The most memory in use while `work` went on, in MB, sampled after each `every` cases; and what it took. */
class Meter {
  #peak = 0;
  readonly #began = performance.now();

  sample(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage().heapUsed);
  }

  told(what: string, cases: number): string {
    this.sample();
    const seconds = (performance.now() - this.#began) / 1_000;
    const rss = Math.round(process.resourceUsage().maxRSS / 1_024);
    return `${what}: ${cases} cases in ${seconds.toFixed(1)} s, heap at most ${Math.round(this.#peak / 1e6)} MB, resident at most ${rss} MB`;
  }
}

await write();
const keyring = createKeyring(Buffer.alloc(32, 1));
mkdirSync(join(folder, "data"));
const store = await openSqliteStore({ dataDir: join(folder, "data"), chainKey: keyring.chainKey, clock: systemClock });
try {
  const datasets = new Datasets(store, keyring);
  const publishing = new Meter();
  const sampled = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(file)) {
      publishing.sample();
      yield chunk as Uint8Array;
    }
  };
  const { version } = await datasets.publish(
    { name: "many", kind: "golden", source: "import", by: "bench" },
    readCases(sampled(), "jsonl", null),
  );
  console.log(publishing.told("published", version.cases));
  const reading = new Meter();
  let read = 0;
  for await (const placed of datasets.casesOf(version)) if (++read % 1_000 === 0 && placed.id !== "") reading.sample();
  console.log(reading.told("read back", read));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
