import { createHash, createHmac } from "node:crypto";
import { isObject, pointerToken } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { RecordBody, SealedRecord } from "./record.ts";

/** Text longer than this (UTF-16 units) is stored once, by its hash. */
const BLOB_MIN = 8_192;

type Unsealed = Omit<SealedRecord, "body" | "blobRefs" | "blobs" | "mac" | "vault"> & { body: RecordBody };

/** Serialises a redacted record, moves its large texts out, and signs the result. */
export function seal(record: Unsealed, vault: Uint8Array | null, chainKey: Uint8Array): SealedRecord {
  let body = JSON.stringify(record.body);
  let blobRefs: string | null = null;
  const blobs: { hash: string; text: string }[] = [];
  if (body.length > BLOB_MIN) {
    const refs: Record<string, string> = {};
    const slim = moveOut(record.body as Json, "", refs, blobs);
    if (blobs.length > 0) {
      body = JSON.stringify(slim);
      blobRefs = JSON.stringify(refs);
    }
  }
  const sealed = { ...record, body, blobRefs, blobs, vault };
  return { ...sealed, mac: recordMac(chainKey, sealed) };
}

/** HMAC-SHA-256 over every field of the sealed form, vault bytes excepted: they go when their key goes, the chain stays. */
export function recordMac(chainKey: Uint8Array, record: Omit<SealedRecord, "mac" | "vault" | "blobs">): Uint8Array {
  const head = [record.kind, record.type, record.name, record.key, record.attempt, record.status, record.ends];
  return createHmac("sha256", chainKey)
    .update(JSON.stringify([...head, record.startedAt, record.endedAt, record.blobRefs]))
    .update("\n")
    .update(record.body)
    .digest();
}

function moveOut(
  value: Json,
  pointer: string,
  refs: Record<string, string>,
  blobs: { hash: string; text: string }[],
): Json {
  if (typeof value === "string") {
    if (value.length <= BLOB_MIN) return value;
    const hash = createHash("sha256").update(value).digest("hex");
    refs[pointer] = hash;
    blobs.push({ hash, text: value });
    return "";
  }
  if (Array.isArray(value)) return value.map((item, i) => moveOut(item, `${pointer}/${i}`, refs, blobs));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, moveOut(item, `${pointer}/${pointerToken(key)}`, refs, blobs)]),
  );
}

/** Puts large texts back into a parsed body. Throws where a text is missing from `blobs`. */
export function moveIn(body: Json, blobRefs: string, blobs: ReadonlyMap<string, string>): Json {
  const refs = new Map(Object.entries(JSON.parse(blobRefs) as Record<string, string>));
  const fill = (value: Json, pointer: string): Json => {
    const hash = refs.get(pointer);
    if (hash !== undefined) {
      const text = blobs.get(hash);
      if (text === undefined) throw new Error(`The journal names text ${hash}, which the store does not hold.`);
      return text;
    }
    if (Array.isArray(value)) return value.map((item, i) => fill(item, `${pointer}/${i}`));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fill(item, `${pointer}/${pointerToken(key)}`)]),
    );
  };
  return fill(body, "");
}

/** Hashes of the texts a record's body needs. */
export function blobHashes(blobRefs: string | null): string[] {
  return blobRefs === null ? [] : Object.values(JSON.parse(blobRefs) as Record<string, string>);
}
