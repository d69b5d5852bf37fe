import { createHmac } from "node:crypto";
import type { Json } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import type { RecordBody, StoredRecord } from "./record.ts";

type Signed = Omit<StoredRecord, "body" | "vault" | "blobRefs">;

/** What a tombstone says of itself: when the values went, epoch ms, and the proof that the key's holder did it, hex. */
export interface Removal {
  at: number;
  mac: string;
}

/**
 * The body that takes the place of a record's after retention, as JSON text: what says how the step was made but holds no
 * values, and the removal. Its own HMAC binds it to the run, the place, the MAC and the chain of the record it stands for:
 * only with the project's key can one be made, and it is good for no other record.
 */
export function tombstoneOf(chainKey: Uint8Array, record: StoredRecord, at: number): string {
  const kept = keptOf(JSON.parse(record.body) as RecordBody);
  const mac = Buffer.from(macOf(chainKey, record, kept, at)).toString("hex");
  return JSON.stringify({ ...kept, removed: { at, mac } });
}

/** The removal a body tells of; null where it is a record's own. */
export function removalOf(body: string): Removal | null {
  if (!body.includes('"removed":')) return null;
  const { removed } = JSON.parse(body) as RecordBody;
  return removed ?? null;
}

/** Whether this record is a tombstone that the holder of the key made for it. */
export function isTombstone(chainKey: Uint8Array, record: StoredRecord): boolean {
  const removal = parsedRemoval(record.body);
  if (removal === null || record.vault !== null || record.blobRefs !== null) return false;
  const { removed: _removed, ...kept } = JSON.parse(record.body) as RecordBody;
  const { at, mac } = removal;
  if (record.body !== JSON.stringify({ ...kept, removed: { at, mac } })) return false;
  return Buffer.from(macOf(chainKey, record, kept, at)).toString("hex") === mac;
}

function parsedRemoval(body: string): Removal | null {
  try {
    return removalOf(body);
  } catch {
    return null;
  }
}

/** The key of a step may be a value; everything else here is the project's own words, numbers or hashes. */
function keptOf(body: RecordBody): RecordBody {
  const { inputHash, usage, costUsd, prompt, promptVersion, promptHash, model, providerModel, fingerprint, candidate } =
    body;
  const { finishReason, tool, effect, phase, release, stage, retryAt, validation, error } = body;
  const facts = {
    inputHash,
    usage,
    costUsd,
    prompt,
    promptVersion,
    promptHash,
    model,
    providerModel,
    fingerprint,
    candidate,
  };
  const place = { finishReason, tool, effect, phase, release, stage, retryAt };
  const said = {
    validation: validation === undefined ? undefined : verdictOf(validation),
    error: error === undefined ? undefined : { class: error.class, code: error.code, message: "Removed by retention." },
    detail: actorsOf(body.detail),
  };
  const kept = Object.entries({ ...facts, ...place, ...said }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept);
}

function verdictOf({ verdict, code }: NonNullable<RecordBody["validation"]>): RecordBody["validation"] {
  return { verdict, ...(code === undefined ? {} : { code }) };
}

/** Who did what to which step: of a review, a cancel, a redrive, a restart. */
const ACTS = ["by", "action", "reviewId", "from", "cut", "redrives", "step", "unpinned"];

function actorsOf(detail: Json | undefined): Json | undefined {
  if (!isObject(detail)) return undefined;
  return { ...Object.fromEntries(Object.entries(detail).filter(([name]) => ACTS.includes(name))), reason: null };
}

function macOf(chainKey: Uint8Array, record: Signed, kept: RecordBody, at: number): Uint8Array {
  const { runId, seq, kind, type, name, attempt, status, ends, startedAt, endedAt } = record;
  const key = createHmac("sha256", chainKey).update("sluice tombstone").digest();
  return createHmac("sha256", key)
    .update(JSON.stringify([runId, seq, kind, type, name, attempt, status, ends, startedAt, endedAt, at]))
    .update("\n")
    .update(record.mac)
    .update(record.chain)
    .update(JSON.stringify(kept))
    .digest();
}
