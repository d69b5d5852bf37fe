import type { Json, JsonObject } from "../base/json.ts";

/** The server's documents, as far as commands read them; `src/http/documents.ts` makes them. */
export interface RunDocument extends JsonObject {
  run_id: string;
  workflow: string;
  event_type: string;
  event_id: string;
  status: string;
  waiting_for: string | null;
  wake_at: string | null;
  disposition: string | null;
  decision: Json;
  prompt_versions: Record<string, string>;
  stage: string | null;
  release: number | null;
  failure: { class: string; code: string; message: string; step: string | null; detail?: Json } | null;
  cost_usd: number | null;
  pinned_code: string | null;
  waits_for_code: { pinned: string; present: string | null } | null;
  waits_for_events?: { step: string; key: string; event: string; until: string | null }[];
  created_at: string;
  ended_at: string | null;
  originals_removed_at: string | null;
  values_removed_at: string | null;
  restored_at: string | null;
}

export interface StepDocument {
  step: number;
  type: string;
  name: string;
  status: string;
  attempt: number;
  latency_ms: number;
  workflow_run_id: string;
  event_id: string;
  input: Json;
  tool?: string;
  prompt?: string;
  prompt_version?: string;
  model?: string;
  set_aside_by?: number;
  error?: { code: string; message: string };
  fallback?: string;
}

/** Of a write that was cut off: what is known of it. */
export interface UnknownOutcomeDocument extends JsonObject {
  tool: string;
  payload: Json;
  idempotency_key: string;
  claimed_at: string;
  attempt: number;
  epoch: number;
  worker: string | null;
  look_up: { said: "none" | "unknown" | "failed"; message?: string };
}

export interface ReviewDocument extends JsonObject {
  review_id: string;
  run_id: string;
  workflow: string;
  step: string;
  of: string | null;
  why: string;
  reason: string;
  team: string | null;
  status: string;
  created_at: string;
  expires_at: string | null;
  claimed_by: string | null;
  claim_until: string | null;
}

export interface EffectDocument extends JsonObject {
  step: string;
  tool: string;
  payload: Json;
}

export interface OutcomeDocument extends JsonObject {
  decision: Json;
  incomplete_at: string | null;
  writes: EffectDocument[];
  withdrawn: EffectDocument[];
  done: EffectDocument[];
  problems: { pointer: string; message: string }[];
  outcome_hash: string;
}

export interface ReviewItemDocument extends JsonObject {
  review: ReviewDocument;
  run: RunDocument;
  event: Json;
  proposal: Json;
  draft: Json;
  output_schema: JsonObject | null;
  confidence: number | null;
  unknown_outcome: UnknownOutcomeDocument | null;
  validation: Json;
  approval: "possible" | "needs_reason" | "impossible";
  outcome: OutcomeDocument | null;
  answer: AnswerDocument | null;
  views?: { by: string; at: string; fields: string[] }[];
}

export interface AnswerDocument extends JsonObject {
  action: "approve" | "correct" | "reject";
  by: string;
  at: string;
  reason: string | null;
}

/** What `POST /v1/events` answers; the members from `status` on only to a wait. */
export interface ReceiptDocument {
  event_id: string;
  runs: { run_id: string; workflow: string }[];
  run_id: string | null;
  duplicate: boolean;
  status?: string;
  disposition?: string | null;
  decision?: Json;
  failure?: { class: string; message: string } | null;
  waiting_for?: string | null;
}

export interface ResultDocument {
  index: number;
  status: number;
  event_id: string | null;
  detail?: string;
  errors?: { pointer: string; message: string }[];
}

export interface TokenDocument {
  token_id: string;
  kind: string;
  name: string;
  role: string;
  created_by: string | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
}

export interface DeadGroupDocument {
  fingerprint: string;
  workflow: string;
  step: string | null;
  class: string;
  code: string;
  message: string;
  count: number;
  example_run_id: string;
  last_at: string;
}

export interface HoldDocument extends JsonObject {
  hold_id: string;
  workflow: string;
  state: string;
  since: string;
  by: string;
  reason: string;
  ended_at: string | null;
  runs: number;
  release: { rate: string; since: string; to_start: number; started: number } | null;
  history: { act: string; at: string; by: string; reason: string | null; rate: string | null }[];
}

export interface RedriveDocument extends JsonObject {
  redrive_id: string;
  state: string;
  why: string | null;
  phase: string;
  counts: { total: number; redriven: number; refused: number; went_on: number; waits: number; died: number };
  filter: JsonObject;
  canary: number | null;
  rate: string | null;
  stop_on_failure_rate: number;
  min_sample: number;
  release: number | null;
  by: string;
  reason: string;
  created_at: string;
}
