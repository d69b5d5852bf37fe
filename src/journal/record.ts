import type { FailureInfo } from "../base/failure.ts";
import type { Json, Problem } from "../base/json.ts";

export type RecordKind =
  | "event"
  | "prompt"
  | "tool"
  | "agent"
  | "code"
  | "rule"
  | "review"
  | "sleep"
  | "wait"
  | "decide"
  | "override";

/** The `type` of a step in the golden trace. */
export type TraceType =
  | "trigger"
  | "model_call"
  | "validation"
  | "repair"
  | "rule"
  | "tool_call"
  | "agent_step"
  | "code"
  | "review"
  | "wait"
  | "decision"
  | "override";

export type RecordStatus = "success" | "error" | "blocked" | "waiting";

/** Where in the life of a write a tool record stands; reads have only `result`. */
export type ToolPhase = "result" | "claim" | "settle" | "proposed" | "blocked" | "denied" | "simulated";

/**
 * What a record says besides its place in the run. One flat shape for all kinds: absent fields do not apply.
 * Values are redacted in the journal and put together again from the vault.
 */
export interface RecordBody {
  input?: Json;
  /** HMAC of the original input under the run's key, hex: equal inputs are seen without being shown. */
  inputHash?: string;
  output?: Json;
  /** Bytes of the provider's or tool's answer, as text. */
  raw?: string;
  validation?: { verdict: "valid" | "invalid" | "refused"; code?: string; errors?: Problem[] };
  error?: FailureInfo;
  usage?: { inputTokens: number; outputTokens: number; cachedInputTokens?: number; reasoningTokens?: number };
  /** US dollars; null where the price is unknown. */
  costUsd?: number | null;
  prompt?: string;
  promptVersion?: string;
  promptHash?: string;
  /** True where a live candidate stands in the place of the version that serves the others. */
  candidate?: true;
  model?: string;
  providerModel?: string;
  fingerprint?: string;
  requestId?: string;
  settings?: Json;
  finishReason?: string;
  tool?: string;
  effect?: "read" | "write";
  phase?: ToolPhase;
  /** The idempotency key a write was sent under. */
  idempotencyKey?: string;
  guard?: { verdict: string; reason: string; checks: Json };
  /** Release number and stage the step ran under. */
  release?: number;
  stage?: string;
  /** When a failed attempt is tried again, epoch ms. */
  retryAt?: number;
  /** The model (`provider/model`) or tool that the step goes on with after this failed attempt, in place of the one that failed. */
  fallback?: string;
  /** What a review asks, or what an override, rule or decision says about itself. */
  detail?: Json;
  /** Of a tombstone (`tombstone.ts`): when retention took the values, and the proof of it. A record's own body has none. */
  removed?: { at: number; mac: string };
}

/** One journal record: one step attempt, or one hop of it. `seq` starts at 1 with the event. */
export interface JournalRecord {
  runId: string;
  seq: number;
  kind: RecordKind;
  type: TraceType;
  name: string;
  /** Tells apart calls of the same name; "" where there is only one. */
  key: string;
  attempt: number;
  status: RecordStatus;
  /** True where this record finishes its step: replay answers from it. */
  ends: boolean;
  startedAt: number;
  endedAt: number;
  epoch: number;
  body: RecordBody;
}

/** A record sealed for a store: body redacted and serialised, MAC made; seq, epoch and chain are the store's to add. */
export interface SealedRecord {
  kind: RecordKind;
  type: TraceType;
  name: string;
  key: string;
  attempt: number;
  status: RecordStatus;
  ends: boolean;
  startedAt: number;
  endedAt: number;
  /** Redacted `RecordBody` as JSON text, large values replaced by `""` and listed in `blobRefs`. */
  body: string;
  /** JSON text `{pointer: sha256 hex}` of values that live in the blob table; null where there are none. */
  blobRefs: string | null;
  /** The values named in `blobRefs`: hash and text, stored once. */
  blobs: readonly { hash: string; text: string }[];
  /** HMAC-SHA-256 over the sealed form (`seal.ts`), 32 bytes. */
  mac: Uint8Array;
  /** Encrypted originals that are new with this record (`vault.ts`); null where there are none. */
  vault: Uint8Array | null;
}

/** A sealed record as a store gives it back. */
export interface StoredRecord extends Omit<SealedRecord, "blobs"> {
  runId: string;
  seq: number;
  epoch: number;
  /** HMAC-SHA-256(previous chain ‖ seq ‖ mac): `chainNext` in `seal.ts`. */
  chain: Uint8Array;
}
