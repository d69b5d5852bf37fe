import type { Json, JsonObject } from "../base/json.ts";

/** The server's documents, as far as commands read them; `src/http/documents.ts` makes them. */
export interface RunDocument extends JsonObject {
  run_id: string;
  workflow: string;
  event_type: string;
  event_id: string;
  status: string;
  waiting_for: string | null;
  disposition: string | null;
  decision: Json;
  prompt_versions: Record<string, string>;
  stage: string | null;
  release: number | null;
  failure: { class: string; code: string; message: string; step: string | null } | null;
  cost_usd: number | null;
  created_at: string;
  ended_at: string | null;
}

export interface StepDocument extends JsonObject {
  step: number;
  type: string;
  name: string;
  status: string;
  attempt: number;
  latency_ms: number;
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
  output_schema: JsonObject | null;
  confidence: number | null;
  validation: Json;
  outcome: OutcomeDocument;
}
