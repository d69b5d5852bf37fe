import { chainNext } from "../../journal/chain.ts";
import type { SealedRecord, StoredRecord } from "../../journal/record.ts";
import type { Database, Row } from "./database.ts";
import { keepText } from "./texts.ts";

/** Where a run's records have got to; appending moves it on. */
export interface Head {
  nextSeq: number;
  chain: Uint8Array;
}

const INSERT =
  "INSERT INTO records (run_no, seq, epoch, kind, type, name, key, attempt, status, ends, started_at, ended_at," +
  " mac, chain, blob_refs, vault, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/** Appends records to a run, each chained to the one before; answers the run's new head. */
export function appendRecords(
  db: Database,
  runNo: number,
  head: Head,
  epoch: number,
  records: readonly SealedRecord[],
): Head {
  let { nextSeq, chain } = head;
  for (const record of records) {
    chain = chainNext(db.chainKey, chain, nextSeq, record.mac);
    insertRecord(db, runNo, { seq: nextSeq, epoch, chain }, record);
    nextSeq++;
  }
  return { nextSeq, chain };
}

/** Writes one record at its place. */
export function insertRecord(
  db: Database,
  runNo: number,
  place: { seq: number; epoch: number; chain: Uint8Array },
  record: SealedRecord,
): void {
  db.insert(
    INSERT,
    runNo,
    place.seq,
    place.epoch,
    record.kind,
    record.type,
    record.name,
    record.key,
    record.attempt,
    record.status,
    record.ends ? 1 : 0,
    record.startedAt,
    record.endedAt,
    record.mac,
    place.chain,
    record.blobRefs,
    record.vault,
    record.body,
  );
  for (const { hash, text } of record.blobs) keepText(db, hash, text);
}

const OF_RUN =
  "SELECT seq, epoch, kind, type, name, key, attempt, status, ends, started_at, ended_at, mac, chain, blob_refs," +
  " vault, body FROM records WHERE run_no = ? ORDER BY seq";

/** All records of a run, in order. */
export function recordsOf(db: Database, runNo: number, runId: string): StoredRecord[] {
  return db.all(OF_RUN, runNo).map((row) => storedRecord(row, runId));
}

function storedRecord(row: Row, runId: string): StoredRecord {
  return {
    runId,
    seq: row["seq"] as number,
    epoch: row["epoch"] as number,
    kind: row["kind"] as StoredRecord["kind"],
    type: row["type"] as StoredRecord["type"],
    name: row["name"] as string,
    key: row["key"] as string,
    attempt: row["attempt"] as number,
    status: row["status"] as StoredRecord["status"],
    ends: row["ends"] === 1,
    startedAt: row["started_at"] as number,
    endedAt: row["ended_at"] as number,
    body: row["body"] as string,
    blobRefs: row["blob_refs"] as string | null,
    mac: row["mac"] as Uint8Array,
    vault: row["vault"] as Uint8Array | null,
    chain: row["chain"] as Uint8Array,
  };
}
