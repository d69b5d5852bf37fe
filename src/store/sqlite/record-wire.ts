import type { SealedRecord, StoredRecord } from "../../journal/record.ts";
import type { Packer, Unpacker } from "./wire.ts";

export function putRecords(packer: Packer, records: readonly SealedRecord[]): void {
  packer.cell(records.length);
  for (const record of records) {
    putFields(packer, record);
    packer.cell(record.blobs.length);
    for (const { hash, text } of record.blobs) {
      packer.cell(hash);
      packer.cell(text);
    }
  }
}

export function takeRecords(unpacker: Unpacker): SealedRecord[] {
  const records: SealedRecord[] = [];
  for (let left = unpacker.number(); left > 0; left--) {
    const fields = takeFields(unpacker);
    const blobs: { hash: string; text: string }[] = [];
    for (let more = unpacker.number(); more > 0; more--) blobs.push({ hash: unpacker.text(), text: unpacker.text() });
    records.push({ ...fields, blobs });
  }
  return records;
}

export function putStored(packer: Packer, records: readonly StoredRecord[]): void {
  packer.cell(records.length);
  for (const record of records) {
    putFields(packer, record);
    packer.cell(record.runId);
    packer.cell(record.seq);
    packer.cell(record.epoch);
    packer.bytes(record.chain);
  }
}

export function takeStored(unpacker: Unpacker): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let left = unpacker.number(); left > 0; left--) {
    const fields = takeFields(unpacker);
    records.push({
      ...fields,
      runId: unpacker.text(),
      seq: unpacker.number(),
      epoch: unpacker.number(),
      chain: unpacker.bytes(),
    });
  }
  return records;
}

type Fields = Omit<SealedRecord, "blobs">;

function putFields(packer: Packer, record: Fields): void {
  packer.cell(record.kind);
  packer.cell(record.type);
  packer.cell(record.name);
  packer.cell(record.key);
  packer.cell(record.attempt);
  packer.cell(record.status);
  packer.cell(record.ends);
  packer.cell(record.startedAt);
  packer.cell(record.endedAt);
  packer.cell(record.body);
  packer.cell(record.blobRefs);
  packer.bytes(record.mac);
  packer.bytes(record.vault);
}

function takeFields(unpacker: Unpacker): Fields {
  return {
    kind: unpacker.cell() as Fields["kind"],
    type: unpacker.cell() as Fields["type"],
    name: unpacker.text(),
    key: unpacker.text(),
    attempt: unpacker.number(),
    status: unpacker.cell() as Fields["status"],
    ends: unpacker.cell() as boolean,
    startedAt: unpacker.number(),
    endedAt: unpacker.number(),
    body: unpacker.text(),
    blobRefs: unpacker.cell() as string | null,
    mac: unpacker.bytes(),
    vault: unpacker.bytesOrNull(),
  };
}
