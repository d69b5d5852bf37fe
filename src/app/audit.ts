import type { Json } from "../base/json.ts";
import { CHAIN_START, auditLink } from "../journal/chain.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { AuditEntry, JournalStore } from "../journal/ports.ts";

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
