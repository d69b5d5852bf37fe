import type { Evidence, Json } from "./schema.gen.ts";

type Call<Params, Query, Body, Answer> = { params: Params; query: Query; body: Body; answer: Answer };

type Stage = "off" | "shadow" | "suggestion" | "partial" | "narrow" | "expanded";
type Risk = "low" | "medium" | "high";

export type Interval = { low: number; high: number };

export type CandidateDocument = {
  version: string;
  hash: string;
  model: string;
  fallbacks: string[];
  share: number;
  mode: "shadow" | "live";
};

export type SlotDocument = {
  prompt: string;
  version: string;
  hash: string;
  model: string;
  fallbacks: string[];
  candidate: CandidateDocument | null;
};

export type ReleaseDocument = {
  workflow: string;
  number: number;
  stage: Stage;
  development: boolean;
  when_off: "hold" | "review";
  share: number;
  assign_by: string;
  scope: string | null;
  automation: string | null;
  sample: number;
  prompts: { [slot: string]: SlotDocument };
  thresholds: { [name: string]: number };
  tools: string[];
  revoked: string[];
  risk_threshold: Risk;
  created_by: string;
  created_at: string;
  reason: string;
  evidence: string[];
  approvals: { by: string; at: string; reason: string }[];
  override: { missing: { code: string; message: string }[]; reason: string; solo: boolean } | null;
};

export type ReleaseChange = {
  stage?: Stage;
  share?: number;
  scope?: string | null;
  automation?: string | null;
  sample?: number;
  thresholds?: { [name: string]: number };
  risk_threshold?: Risk;
  tools?: { grant?: string[]; revoke?: string[] };
  prompts?: {
    [slot: string]: {
      version?: string;
      model?: string;
      fallbacks?: string[];
      candidate?: { version: string; share: number; mode: "shadow" | "live" } | null;
    };
  };
  when_off?: "hold" | "review";
  assign_by?: string;
};

export type Requirement = {
  code: string;
  met: boolean;
  message: string;
  fix: string | null;
  slot?: string;
  evidence?: Evidence | null;
};

export type ReleasePlan = {
  changes: { what: string; from: Json; to: Json; direction: "raise" | "lower" | "same" }[];
  requirements: Requirement[];
  allowed: boolean;
};

export type ReleaseProposal = {
  proposal_id: string;
  workflow: string;
  change: ReleaseChange;
  reason: string;
  by: string;
  at: string;
  status: "open" | "approved" | "rejected" | "withdrawn";
  expected_release: number;
  plan: ReleasePlan;
};

export type ReleaseServed = {
  workers: { worker: string; release: number; seen_at: string }[];
  in_force: boolean;
};

export type ReleaseCurve = {
  threshold: string;
  present: number;
  runs: number;
  people_decided: number;
  in_context: boolean;
  points: {
    value: number;
    automated: { value: number; interval: Interval; hits: number; cases: number };
    accuracy: { value: number | null; interval: Interval | null; hits: number; cases: number };
  }[];
};

export type PromptPreview = {
  preview_id: string;
  status: "running" | "done" | "failed" | "cancelled";
  workflow: string;
  done: number;
  total: number;
  cost_usd: number | null;
  changed: number;
  in_context: boolean;
  accuracy: {
    before: number | null;
    after: number | null;
    people_decided: number;
    intervals: { before: Interval | null; after: Interval | null };
  };
  rows: {
    run_id: string;
    before: Json;
    after: Json;
    person?: Json;
    changed: boolean;
    cost_usd: number | null;
    status: string;
  }[];
};

type Named = { name: string };
type Of = { workflow: string };
type Reason = { reason: string };

export type Coming = {
  "POST /v1/prompts/{name}/preview": Call<
    Named,
    null,
    {
      document?: { [key: string]: Json };
      version?: string;
      draft_id?: string;
      workflow: string;
      slot?: string;
      runs?: number;
    },
    { preview_id: string }
  >;
  "GET /v1/prompts/{name}/previews/{preview_id}": Call<{ name: string; preview_id: string }, null, null, PromptPreview>;
  "GET /v1/releases": Call<null, null, null, { items: ReleaseDocument[] }>;
  "GET /v1/releases/{workflow}": Call<Of, null, null, ReleaseDocument>;
  "GET /v1/releases/{workflow}/history": Call<Of, null, null, { items: ReleaseDocument[] }>;
  "GET /v1/releases/{workflow}/served": Call<Of, null, null, ReleaseServed>;
  "POST /v1/releases/{workflow}/plan": Call<Of, null, { change: ReleaseChange }, ReleasePlan>;
  "POST /v1/releases/{workflow}/promote": Call<
    Of,
    null,
    { change: ReleaseChange; reason: string; expected_release?: number; override?: boolean; solo?: boolean },
    ReleaseDocument | ReleaseProposal
  >;
  "POST /v1/releases/{workflow}/demote": Call<Of, null, { stage: Stage; reason: string }, ReleaseDocument>;
  "POST /v1/releases/{workflow}/traffic": Call<Of, null, { share: number; reason: string }, ReleaseDocument>;
  "POST /v1/releases/{workflow}/off": Call<Of, null, { when_off?: "hold" | "review"; reason: string }, ReleaseDocument>;
  "POST /v1/releases/{workflow}/on": Call<Of, null, Reason, ReleaseDocument>;
  "POST /v1/releases/{workflow}/rollback": Call<Of, null, { to?: number; reason: string }, ReleaseDocument>;
  "GET /v1/releases/{workflow}/proposals": Call<Of, null, null, { items: ReleaseProposal[] }>;
  "POST /v1/releases/{workflow}/proposals/{id}/approve": Call<
    { workflow: string; id: string },
    null,
    Reason,
    ReleaseDocument
  >;
  "POST /v1/releases/{workflow}/proposals/{id}/reject": Call<
    { workflow: string; id: string },
    null,
    Reason,
    ReleaseProposal
  >;
  "GET /v1/releases/{workflow}/curve": Call<Of, { threshold?: string }, null, ReleaseCurve>;
};
