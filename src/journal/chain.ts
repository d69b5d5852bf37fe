import { createHmac } from "node:crypto";
import type { AuditEntry } from "./ports.ts";

/** What the first record of a run is chained to. */
export const CHAIN_START: Uint8Array = new Uint8Array(32);

/** The chain after record `seq`: HMAC-SHA-256(previous ‖ seq as 8 bytes, big endian ‖ mac). 32 bytes. */
export function chainNext(chainKey: Uint8Array, previous: Uint8Array, seq: number, mac: Uint8Array): Uint8Array {
  return createHmac("sha256", chainKey).update(previous).update(uint64(seq)).update(mac).digest();
}

/** The audit chain's next link over the head of an ended run. 32 bytes. */
export function auditLink(chainKey: Uint8Array, previous: Uint8Array, entry: Omit<AuditEntry, "link">): Uint8Array {
  return createHmac("sha256", chainKey)
    .update(previous)
    .update(uint64(entry.index))
    .update(`${entry.runId}\n`)
    .update(uint64(entry.lastSeq))
    .update(entry.head)
    .digest();
}

function uint64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
