import type { Json } from "../base/json.ts";
import type { Stage } from "../base/stage.ts";
import type { RiskThreshold } from "./release.ts";

/** What becomes of one prompt slot. A version brings its own model and fallbacks, unless they are given too. */
export interface SlotChange {
  version?: string;
  model?: string;
  fallbacks?: readonly string[];
  /** Null takes the candidate away. */
  candidate?: { version: string; share: number; mode: "shadow" | "live" } | null;
}

/** What somebody wants of the present release changed; what is left out stays as it is. */
export interface ReleaseChange {
  stage?: Stage;
  share?: number;
  /** Null: everything is inside. */
  scope?: string | null;
  /** Null: it always holds. */
  automation?: string | null;
  sample?: number;
  /** By name. */
  thresholds?: Readonly<Record<string, number>>;
  riskThreshold?: RiskThreshold;
  tools?: { grant?: readonly string[]; revoke?: readonly string[] };
  /** By slot. */
  prompts?: Readonly<Record<string, SlotChange>>;
  whenOff?: "hold" | "review";
  /** JSON pointer into the event. */
  assignBy?: string;
}

/** Whether a difference lets the workflow do more, or less, than before. */
export type Direction = "raise" | "lower" | "same";

/** One thing in which two releases differ. */
export interface Difference {
  /** `stage`, `thresholds.review_below`, `prompts.classify.version`, `tools.escalate` … */
  what: string;
  from: Json;
  to: Json;
  direction: Direction;
  /** Of what concerns one prompt slot only. */
  slot?: string;
}
