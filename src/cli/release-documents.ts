import type { TargetResult } from "../release/evidence.ts";
import type { Json, JsonObject } from "../base/json.ts";

/** The server's documents about releases, as far as commands read them. */
export interface ReleaseDocument extends JsonObject {
  workflow: string;
  number: number;
  stage: string;
  development: boolean;
  when_off: string;
  share: number;
  assign_by: string;
  scope: string | null;
  automation: string | null;
  sample: number;
  prompts: Record<string, GrantDocument>;
  thresholds: Record<string, number>;
  tools: string[];
  revoked: string[];
  risk_threshold: string;
  created_by: string;
  created_at: string;
  reason: string;
  approvals: { by: string; at: string; reason: string }[];
  override: { missing: { code: string; message: string }[]; reason: string; solo: boolean } | null;
}

interface GrantDocument extends JsonObject {
  prompt: string;
  version: string;
  hash: string;
  model: string;
  fallbacks: string[];
  candidate: { version: string; model: string; share: number; mode: string } | null;
}

export interface DifferenceDocument extends JsonObject {
  what: string;
  from: Json;
  to: Json;
  direction: "raise" | "lower" | "same";
}

export interface RequirementDocument extends JsonObject {
  code: string;
  met: boolean;
  message: string;
  fix: string | null;
  /** What fails it, or what it rests on. */
  evidence: (JsonObject & { verdict: string; targets: (TargetResult & JsonObject)[] }) | null;
}

export interface EvidenceDocument extends JsonObject {
  evidence_id: string;
  suite: string;
  subject: { name: string; version: string | null; model: string | null };
  verdict: string;
  cases: number;
  in_context: boolean;
  at: string;
}

export interface PresentDocument extends ReleaseDocument {
  rests_on: EvidenceDocument[];
  raises: { what: string; to: Json; outcome: string }[];
}

export interface PlanDocument extends JsonObject {
  present: ReleaseDocument;
  changes: DifferenceDocument[];
  requirements: RequirementDocument[];
  outcome: "release" | "proposal" | "refused" | "nothing";
}

export interface ChangedDocument extends ReleaseDocument {
  changes: DifferenceDocument[];
}

export interface ProposalDocument extends JsonObject {
  proposal_id: string;
  workflow: string;
  base: number;
  changes: DifferenceDocument[];
  missing: { code: string; message: string }[];
  override: boolean;
  by: string;
  reason: string;
  created_at: string;
  state: string;
  closed_by: string | null;
  closed_reason: string | null;
  release: number | null;
}

export interface ServedDocument extends JsonObject {
  in_force: number;
  workers: {
    worker: string;
    host: string;
    pid: number;
    release: number;
    since: string;
    seen_at: string;
    in_force: boolean;
  }[];
}
