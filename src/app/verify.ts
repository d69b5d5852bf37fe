import { createHash } from "node:crypto";
import { CHAIN_START, auditLink, chainNext } from "../journal/chain.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { AuditEntry, JournalStore, LoadedRun, Paged } from "../journal/ports.ts";
import type { StoredRecord } from "../journal/record.ts";
import { blobHashes, recordMac } from "../journal/seal.ts";
import { isTombstone } from "../journal/tombstone.ts";
import { RunVault } from "../journal/vault.ts";

export interface ChainReport {
  ok: boolean;
  runs: number;
  records: number;
  /** Records whose values retention took: their tombstones are genuine. */
  tombstones: number;
  /** Runs whose key was destroyed. */
  keyless: number;
  problems: string[];
}

type Verified = Pick<JournalStore, "list" | "load" | "blobs" | "standings" | "auditEntries" | "auditOf">;

const MAX_PROBLEMS = 100;
const PAGE = 200;
const AUDIT_PAGE = 1_000;
/** Texts whose hash was right once: records of one prompt share theirs. */
const MAX_TEXTS = 1_000;

/**
 * Recomputes every run's chain and the audit chain over them, in bounded memory. Names what was changed or is missing: the
 * records, the texts they name, what their keys seal, and the links.
 */
export async function verifyChains(store: Verified, keyring: Keyring): Promise<ChainReport> {
  const verification = new Verification(store, keyring);
  await verification.audit();
  await verification.runs();
  return verification.report;
}

class Verification {
  readonly report: ChainReport = { ok: true, runs: 0, records: 0, tombstones: 0, keyless: 0, problems: [] };
  readonly #store: Verified;
  readonly #keyring: Keyring;
  readonly #texts = new Set<string>();

  constructor(store: Verified, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  /** From the newest link back to the first; the runs it names have to be there. */
  async audit(): Promise<void> {
    let later: AuditEntry | null = null;
    let cursor: string | undefined;
    do {
      const page: Paged<AuditEntry> = await this.#store.auditEntries({
        limit: AUDIT_PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const entry of page.items) {
        if (later !== null && later.index !== entry.index + 1) this.#note(`audit entry ${later.index - 1} is missing`);
        if (later !== null) this.#link(later, entry.link);
        later = entry;
      }
      await this.#runsOf(page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    if (later === null) return;
    if (later.index !== 1) this.#note(`audit entry ${later.index - 1} is missing`);
    this.#link(later, CHAIN_START);
  }

  async #runsOf(entries: readonly AuditEntry[]): Promise<void> {
    const ids = [...new Set(entries.map(({ runId }) => runId))];
    const there = new Set((await this.#store.standings(ids)).map(({ runId }) => runId));
    for (const runId of ids)
      if (!there.has(runId)) this.#note(`${runId}: the audit chain names this run, and the journal does not hold it`);
  }

  #link(entry: AuditEntry, previous: Uint8Array): void {
    if (!same(auditLink(this.#keyring.chainKey, previous, entry), entry.link))
      this.#note(`audit entry ${entry.index} was changed`);
  }

  async runs(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#store.list({}, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      const ids = page.items.map(({ runId }) => runId);
      const heads = headsByRun(await this.#store.auditOf(ids));
      for (const runId of ids) await this.#run(runId, heads.get(runId) ?? new Map());
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  async #run(runId: string, heads: Map<number, Uint8Array>): Promise<void> {
    const loaded = await this.#store.load(runId);
    if (loaded === null) return;
    const { run, records } = loaded;
    const { report } = this;
    report.runs++;
    report.records += records.length;
    if (run.originalsRemovedAt !== null) report.keyless++;
    const problems = [...this.#chain(records, heads), ...this.#sealed(loaded), ...(await this.#textsOf(records))];
    if (records.length !== run.nextSeq - 1) problems.push("records are missing at the end");
    for (const seq of heads.keys())
      if (seq > records.length) problems.push(`the audit chain holds record ${seq}, the journal does not`);
    for (const problem of problems) this.#note(`${runId}: ${problem}`);
  }

  #chain(records: readonly StoredRecord[], heads: Map<number, Uint8Array>): string[] {
    const { chainKey } = this.#keyring;
    const problems: string[] = [];
    let previous = CHAIN_START;
    for (const [i, record] of records.entries()) {
      if (record.seq !== i + 1) return [...problems, `record ${i + 1} is missing`];
      if (isTombstone(chainKey, record)) this.report.tombstones++;
      else if (!same(recordMac(chainKey, record), record.mac)) problems.push(`record ${record.seq} was changed`);
      if (!same(chainNext(chainKey, previous, record.seq, record.mac), record.chain))
        problems.push(`record ${record.seq} does not follow the one before it`);
      const head = heads.get(record.seq);
      if (head !== undefined && !same(head, record.chain))
        problems.push(`record ${record.seq} is not the one the audit chain holds`);
      previous = record.chain;
    }
    return problems;
  }

  /** The originals are not part of the chain, since they go before it does; what there is of them has to open. */
  #sealed({ run, wrappedKey, records }: LoadedRun): string[] {
    if (wrappedKey === null)
      return run.originalsRemovedAt === null ? ["its key is missing, and no removal is on record"] : [];
    try {
      const vault = new RunVault(run.runId, this.#keyring.unwrap(wrappedKey));
      return records
        .filter((record) => !opens(vault, record))
        .map(({ seq }) => `the originals of record ${seq} were changed`);
    } catch {
      return ["its key was changed"];
    }
  }

  async #textsOf(records: readonly StoredRecord[]): Promise<string[]> {
    const named = records.flatMap(({ blobRefs }) => blobHashes(blobRefs)).filter((hash) => !this.#texts.has(hash));
    if (named.length === 0) return [];
    const texts = await this.#store.blobs(named);
    const problems: string[] = [];
    for (const hash of new Set(named)) {
      const text = texts.get(hash);
      if (text === undefined) problems.push(`text ${hash} is missing`);
      else if (createHash("sha256").update(text).digest("hex") !== hash) problems.push(`text ${hash} was changed`);
      else if (this.#texts.size < MAX_TEXTS) this.#texts.add(hash);
    }
    return problems;
  }

  #note(problem: string): void {
    this.report.ok = false;
    if (this.report.problems.length < MAX_PROBLEMS) this.report.problems.push(problem);
  }
}

function opens(vault: RunVault, { vault: sealed }: StoredRecord): boolean {
  try {
    if (sealed !== null) vault.load(sealed);
    return true;
  } catch {
    return false;
  }
}

function headsByRun(entries: readonly AuditEntry[]): Map<string, Map<number, Uint8Array>> {
  const heads = new Map<string, Map<number, Uint8Array>>();
  for (const { runId, lastSeq, head } of entries)
    heads.set(runId, (heads.get(runId) ?? new Map<number, Uint8Array>()).set(lastSeq, head));
  return heads;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
