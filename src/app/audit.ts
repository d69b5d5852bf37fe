import type { Json } from "../base/json.ts";
import { CHAIN_START, auditLink, chainNext } from "../journal/chain.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { AuditEntry, JournalStore, Paged } from "../journal/ports.ts";
import type { StoredRecord } from "../journal/record.ts";
import { recordMac } from "../journal/seal.ts";

const BATCH = 500;
const EVERY_MS = 1_000;

type Log = (level: "warn", message: string, data: Json) => void;

/** Appends the heads of ended runs to the audit chain, in batches, behind the work and never in its way. */
export class AuditFollower {
  readonly #store: JournalStore;
  readonly #keyring: Keyring;
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;
  #following: Promise<void> | null = null;

  constructor(store: JournalStore, keyring: Keyring, log: Log) {
    this.#store = store;
    this.#keyring = keyring;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#following ??= this.#follow().finally(() => (this.#following = null));
    }, EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#following;
    await this.#follow();
  }

  async #follow(): Promise<void> {
    try {
      while ((await this.#appendBatch()) === BATCH);
    } catch (error) {
      this.#log("warn", "The audit chain could not be continued; it is tried again.", {
        error: (error as Error).message,
      });
    }
  }

  async #appendBatch(): Promise<number> {
    const heads = await this.#store.unauditedHeads(BATCH);
    if (heads.length === 0) return 0;
    const last = await this.#store.auditHead();
    let previous = last?.link ?? CHAIN_START;
    let index = last?.index ?? 0;
    const entries = heads.map(({ runId, lastSeq, chain }): AuditEntry => {
      const entry = { index: ++index, runId, lastSeq, head: chain };
      previous = auditLink(this.#keyring.chainKey, previous, entry);
      return { ...entry, link: previous };
    });
    await this.#store.appendAudit(entries);
    return heads.length;
  }
}

export interface ChainReport {
  ok: boolean;
  runs: number;
  records: number;
  problems: string[];
}

const MAX_PROBLEMS = 100;
const PAGE = 200;

/** Recomputes every run's chain and the audit chain over them. Names what was changed or is missing. */
export async function verifyChains(store: JournalStore, keyring: Keyring): Promise<ChainReport> {
  const report: ChainReport = { ok: true, runs: 0, records: 0, problems: [] };
  const heads = new Map<string, Map<number, Uint8Array>>();
  await verifyAudit(store, keyring, heads, report);
  let cursor: string | undefined;
  do {
    const page = await store.list({}, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { runId } of page.items) {
      const loaded = await store.load(runId);
      report.runs++;
      report.records += loaded?.records.length ?? 0;
      for (const problem of runProblems(keyring, loaded?.records ?? [], heads.get(runId)))
        note(report, `${runId}: ${problem}`);
      if ((loaded?.records.length ?? 0) !== (loaded?.run.nextSeq ?? 1) - 1)
        note(report, `${runId}: records are missing at the end`);
      heads.delete(runId);
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  for (const runId of heads.keys())
    note(report, `${runId}: the audit chain names this run, and the journal does not hold it`);
  return report;
}

/** The audit chain from its newest link back to its first. */
async function verifyAudit(
  store: JournalStore,
  keyring: Keyring,
  heads: Map<string, Map<number, Uint8Array>>,
  report: ChainReport,
): Promise<void> {
  let later: AuditEntry | null = null;
  let cursor: string | undefined;
  const check = (entry: AuditEntry, previous: Uint8Array): void => {
    if (!same(auditLink(keyring.chainKey, previous, entry), entry.link))
      note(report, `audit entry ${entry.index} was changed`);
  };
  do {
    const page: Paged<AuditEntry> = await store.auditEntries({
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const entry of page.items) {
      if (later !== null && later.index !== entry.index + 1) note(report, `audit entry ${later.index - 1} is missing`);
      if (later !== null) check(later, entry.link);
      later = entry;
      const ofRun = heads.get(entry.runId) ?? new Map<number, Uint8Array>();
      heads.set(entry.runId, ofRun.set(entry.lastSeq, entry.head));
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  if (later === null) return;
  if (later.index !== 1) note(report, `audit entry ${later.index - 1} is missing`);
  check(later, CHAIN_START);
}

function runProblems(
  keyring: Keyring,
  records: readonly StoredRecord[],
  heads: Map<number, Uint8Array> | undefined,
): string[] {
  const problems: string[] = [];
  let previous = CHAIN_START;
  for (const [i, record] of records.entries()) {
    if (record.seq !== i + 1) return [...problems, `record ${i + 1} is missing`];
    if (!same(recordMac(keyring.chainKey, record), record.mac)) problems.push(`record ${record.seq} was changed`);
    if (!same(chainNext(keyring.chainKey, previous, record.seq, record.mac), record.chain))
      problems.push(`record ${record.seq} does not follow the one before it`);
    const head = heads?.get(record.seq);
    if (head !== undefined && !same(head, record.chain))
      problems.push(`record ${record.seq} is not the one the audit chain holds`);
    previous = record.chain;
  }
  for (const seq of heads?.keys() ?? [])
    if (seq > records.length) problems.push(`the audit chain holds record ${seq}, the journal does not`);
  return problems;
}

function note(report: ChainReport, problem: string): void {
  report.ok = false;
  if (report.problems.length < MAX_PROBLEMS) report.problems.push(problem);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
