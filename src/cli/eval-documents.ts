import type { Verdict } from "../release/evidence.ts";
import type { Report } from "../eval/report.ts";

/** What the routes of evals answer, as far as the commands look at it. */
export interface EvalDocument {
  eval_id: string;
  suite: string;
  subject: Report["subject"];
  status: "queued" | "running" | "done" | "failed" | "cancelled";
  repeat: number;
  baseline: string | null;
  baseline_of: string | null;
  total: number;
  done: number;
  cached: number;
  /** Null: a price is unknown. */
  cost_usd: number | null;
  seconds_left: number | null;
  verdict: Verdict | null;
  failure: { class: string; code: string; message: string } | null;
  created_by: string;
  created_at: string;
}

export interface EvalWithReport extends EvalDocument {
  report: Report | null;
}

export interface EvalStarted extends EvalDocument {
  resumed: boolean;
}

export interface SuiteDocument {
  name: string;
  description: string;
  prompt: string | null;
  workflow: string | null;
  last: EvalDocument | null;
}
