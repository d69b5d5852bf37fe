import type { Share } from "./schema.gen.ts";

type Call<Params, Query, Body, Answer> = { params: Params; query: Query; body: Body; answer: Answer };

export type ReleaseCurve = {
  threshold: string;
  present: number;
  runs: number;
  people_decided: number;
  in_context: boolean;
  points: { value: number; automation: Share; accuracy: Share }[];
};

type Of = { workflow: string };

export type Coming = {
  "GET /v1/releases/{workflow}/curve": Call<Of, { threshold?: string }, null, ReleaseCurve>;
};
