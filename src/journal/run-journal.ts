import type { Json } from "../base/json.ts";
import type { Keyring } from "./keyring.ts";
import type { JournalStore, LoadedRun } from "./ports.ts";
import type { JournalRecord, RecordBody, SealedRecord, StoredRecord } from "./record.ts";
import { Redactor } from "./redact.ts";
import type { Mark } from "./redact.ts";
import { blobHashes, moveIn, seal } from "./seal.ts";
import { RunVault } from "./vault.ts";

/** A record as the runtime makes it: original values; the journal redacts. */
export type NewRecord = Omit<SealedRecord, "body" | "blobRefs" | "blobs" | "mac" | "vault"> & { body: RecordBody };

/** Marks of a record's input and output, by their schemas. */
export interface BodyMarks {
  input?: readonly Mark[];
  output?: readonly Mark[];
}

export interface OpenWith {
  keyring: Keyring;
  store: Pick<JournalStore, "blobs">;
  /** See `Redactor`. */
  vocabulary?: ReadonlySet<string> | undefined;
  /** The journal the run was accepted with, where this process still has it. */
  fresh?: RunJournal | undefined;
}

/** One run's side of the journal: hides what is sensitive on the way in, puts it together again on the way out. */
export class RunJournal {
  readonly runId: string;
  readonly vault: RunVault;
  readonly #redactor: Redactor;
  readonly #chainKey: Uint8Array;

  constructor(runId: string, vault: RunVault, keyring: Keyring, vocabulary?: ReadonlySet<string>) {
    this.runId = runId;
    this.vault = vault;
    this.#redactor = new Redactor(vault, vocabulary);
    this.#chainKey = keyring.chainKey;
  }

  /** Opens a run that is on disk. Without its key (destroyed after retention) values stay redacted. */
  static async open(loaded: LoadedRun, given: OpenWith): Promise<{ journal: RunJournal; records: JournalRecord[] }> {
    const { keyring, store, vocabulary, fresh } = given;
    const runId = loaded.run.runId;
    const texts = await blobsOf(loaded.records, store);
    // Accepted by this process and not written to since: its journal knows all that is on disk.
    if (fresh !== undefined && loaded.records.length === 1)
      return { journal: fresh, records: loaded.records.map((record) => restored(record, fresh.vault, texts)) };
    const dataKey = loaded.wrappedKey === null ? new Uint8Array(32) : keyring.unwrap(loaded.wrappedKey);
    const vault = new RunVault(runId, dataKey);
    if (loaded.wrappedKey !== null)
      for (const record of loaded.records) if (record.vault !== null) vault.load(record.vault);
    const records = loaded.records.map((record) => restored(record, vault, texts));
    return { journal: new RunJournal(runId, vault, keyring, vocabulary), records };
  }

  /** Redacts and seals. Call in the order the records are to stand in. */
  seal(record: NewRecord, marks: BodyMarks = {}): SealedRecord {
    const body = this.redactBody(record.body, marks);
    return seal({ ...record, body }, this.vault.drain(), this.#chainKey);
  }

  /** The store did not take these records: their originals go with the next ones that are sealed. */
  unseal(records: readonly SealedRecord[]): void {
    for (const { vault } of records) if (vault !== null) this.vault.requeue(vault);
  }

  redactBody(body: RecordBody, marks: BodyMarks = {}): RecordBody {
    const redactor = this.#redactor;
    const out: RecordBody = { ...body };
    if (body.input !== undefined) out.input = redactor.hideKnown(redactor.hideMarked(body.input, marks.input ?? []));
    if (body.output !== undefined)
      out.output = redactor.hideKnown(redactor.hideMarked(body.output, marks.output ?? []));
    if (body.raw !== undefined) out.raw = redactor.hideInText(body.raw);
    if (body.validation !== undefined) out.validation = this.#besides(body.validation, ["verdict", "code"]);
    if (body.error !== undefined) out.error = this.#besides(body.error, ["class", "code"]);
    if (body.detail !== undefined) out.detail = redactor.hideKnown(body.detail);
    return out;
  }

  /** Redacted but for the words of our own that it is found by, which may happen to stand in an event as well. */
  #besides<T extends object>(value: T, own: readonly (keyof T)[]): T {
    const hidden = this.#redactor.hideKnown(value as unknown as Json) as unknown as T;
    return { ...hidden, ...Object.fromEntries(own.filter((name) => name in value).map((name) => [name, value[name]])) };
  }

  /** `value` with the marked places hidden from here on. */
  hideMarked(value: Json, marks: readonly Mark[]): Json {
    return this.#redactor.hideMarked(value, marks);
  }

  /** Text as it may be shown, logged or exported. */
  redactText(text: string): string {
    return this.#redactor.hideInText(text);
  }

  /** `value` as it may be shown, logged or exported. */
  redact(value: Json): Json {
    return this.#redactor.hideKnown(value);
  }
}

async function blobsOf(
  records: readonly StoredRecord[],
  store: Pick<JournalStore, "blobs">,
): Promise<Map<string, string>> {
  const hashes = [...new Set(records.flatMap((record) => blobHashes(record.blobRefs)))];
  return hashes.length === 0 ? new Map() : await store.blobs(hashes);
}

function restored(record: StoredRecord, vault: RunVault | null, blobs: ReadonlyMap<string, string>): JournalRecord {
  let body = JSON.parse(record.body) as Json;
  if (record.blobRefs !== null) body = moveIn(body, record.blobRefs, blobs);
  if (vault !== null) body = vault.restore(body);
  const { runId, seq, kind, type, name, key, attempt, status, ends, startedAt, endedAt, epoch } = record;
  return {
    runId,
    seq,
    kind,
    type,
    name,
    key,
    attempt,
    status,
    ends,
    startedAt,
    endedAt,
    epoch,
    body: body as RecordBody,
  };
}

/** Records as anybody may see them: redacted, large texts put back. */
export async function redactedRecords(
  records: readonly StoredRecord[],
  store: Pick<JournalStore, "blobs">,
): Promise<JournalRecord[]> {
  const blobs = await blobsOf(records, store);
  return records.map((record) => restored(record, null, blobs));
}
