import type { Json, JsonObject } from "../base/json.ts";

/** The server's documents, as far as prompt commands read them; `src/http/prompt-documents.ts` makes them. */
export interface VersionDocument extends JsonObject {
  name: string;
  version: string;
  owner: string;
  model: string;
  hash: string;
  risk: string;
  source: string;
  published_at: string | null;
  published_by: string | null;
  reason: string | null;
  approvals: { by: string; at: string; reason: string }[];
  serves: string[];
  candidate_in: string[];
}

export interface EvidenceDocument {
  evidence_id: string;
  suite: string;
  verdict: string;
  at: string;
  subject: { model: string | null };
  targets: { name: string; target: string; value: number | null; status: string; critical: boolean }[];
}

export interface VersionDetailDocument extends VersionDocument {
  evidence: (EvidenceDocument & JsonObject)[];
  usage: {
    runs: number;
    dispositions: Record<string, number>;
    reviews: { approve: number; correct: number; reject: number };
    overrides: number;
  };
  served: {
    workflow: string;
    as: string;
    from_release: number;
    to_release: number;
    since: string;
    until: string | null;
  }[];
}

interface DifferenceDocument {
  pointer: string;
  from?: Json;
  to?: Json;
}

export interface ComparisonDocument {
  name: string;
  from: { version: string; evidence: EvidenceDocument[] };
  to: { version: string; evidence: EvidenceDocument[] };
  same: boolean;
  settings: DifferenceDocument[];
  schema: DifferenceDocument[];
  messages: {
    index: number;
    from: string | null;
    to: string | null;
    lines: { op: "same" | "removed" | "added"; text: string }[];
  }[];
  examples: { added: Json[]; removed: Json[]; kept: number };
}

export interface ShareDocument {
  hits: number;
  cases: number;
  value: number | null;
  interval: { low: number; high: number } | null;
}

export interface PreviewDocument {
  preview_id: string;
  version: string;
  status: "running" | "done" | "cancelled" | "failed";
  failure: string | null;
  done: number;
  total: number;
  skipped: { originals_gone: number; not_asked: number };
  in_context: boolean;
  fields: string[];
  changed: number;
  cost_usd: number | null;
  cost_before_usd: number | null;
  accuracy: {
    before: ShareDocument;
    after: ShareDocument;
    people_decided: number;
    worse: number;
    better: number;
    p: number;
    shown: "worse" | "better" | "nothing";
  };
  automation: { before: ShareDocument; after: ShareDocument };
  rows: {
    run_id: string;
    status: string;
    before: JsonObject | null;
    after: JsonObject | null;
    person: { decision: JsonObject | null; action: string; by: string } | null;
    changed: string[];
    before_right: boolean | null;
    after_right: boolean | null;
    note: string | null;
  }[];
}
