import type { Json } from "./schema.gen.ts";

type Interval = { low: number; high: number };

type Call<Params, Query, Body, Answer> = { params: Params; query: Query; body: Body; answer: Answer };

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
  "GET /v1/releases/{workflow}/curve": Call<Of, { threshold?: string }, null, ReleaseCurve>;
};
