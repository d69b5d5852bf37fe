import type { JsonObject } from "../base/json.ts";
import type { Interval } from "../eval/report.ts";
import type { Actor } from "./actor.ts";

/** What is tried on recorded runs: a published version, a draft, or a document as it stands in an editor. */
export interface PreviewRequest {
  name: string;
  what: { version: string } | { draftId: string } | { document: JsonObject };
  workflow: string;
  /** The slot it is tried in; all slots of the prompt unless given. */
  slot?: string;
  /** At most so many of the latest runs. */
  runs: number;
  /** Fields of the decision that are compared; those that are no free text unless given. */
  fields?: readonly string[];
}

/**
 * `changed`, `same`: both came to a decision. `asks`: the new version comes to none without a person. `incomplete`: with its
 * answer the run needs a step that is not on record. `failed`: the model or the code failed.
 */
export type RowStatus = "same" | "changed" | "asks" | "incomplete" | "failed";

/** One recorded run under both versions. Values are redacted. */
export interface PreviewRow {
  runId: string;
  /** Epoch ms. */
  createdAt: number;
  status: RowStatus;
  /** What the recorded version decides by itself; null where it comes to no decision. */
  before: JsonObject | null;
  after: JsonObject | null;
  /** Whether a person is asked before that decision. */
  beforeAsks: boolean;
  afterAsks: boolean;
  /** What a person made of it; null where nobody looked. A rejection has no decision. */
  person: { decision: JsonObject | null; action: "approve" | "correct" | "reject"; by: string } | null;
  changed: string[];
  /** Against the person's decision; null where there is none. */
  beforeRight: boolean | null;
  afterRight: boolean | null;
  /** US dollars; null where a price is unknown. */
  costUsd: number | null;
  costBeforeUsd: number | null;
  /** Answered from what an earlier preview was told. */
  cached: boolean;
  /** Why it is `asks`, `incomplete` or `failed`. */
  note: string | null;
}

export interface Share {
  hits: number;
  cases: number;
  /** Null where there are no cases. */
  value: number | null;
  /** Exact, two-sided, 95 %. */
  interval: Interval | null;
}

export interface Preview {
  previewId: string;
  name: string;
  version: string;
  hash: string;
  model: string;
  workflow: string;
  by: string;
  status: "running" | "done" | "cancelled" | "failed";
  failure: string | null;
  /** Runs looked at, and how many there are to look at. */
  done: number;
  total: number;
  /** Recorded runs that cannot be recomputed: their originals are gone, or they never asked the prompt. */
  skipped: { originalsGone: number; notAsked: number };
  /** A model without instructions answers: what changes in the instructions shows nowhere. */
  inContext: boolean;
  /** Fields of the decision that are compared. */
  fields: string[];
  changed: number;
  costUsd: number | null;
  costBeforeUsd: number | null;
  /** Over the runs that a person decided. */
  accuracy: {
    before: Share;
    after: Share;
    peopleDecided: number;
    /** Decided by a person, and the two versions differ in being right. */
    worse: number;
    better: number;
    /** Of the exact paired test. */
    p: number;
    shown: "worse" | "better" | "nothing";
  };
  /** Runs that need no person. */
  automation: { before: Share; after: Share };
  /** Newest run first. */
  rows: PreviewRow[];
  startedAt: number;
  endedAt: number | null;
}

/**
 * What a prompt version would have decided. Throws `UsageError`: unknown_workflow, unknown_slot, unknown_preview (404),
 * unknown_prompt_version, unknown_draft (404), invalid_prompt (422), model_not_usable (409), too_many_previews (429).
 */
export interface Previewing {
  /** Begins; rows come as they are computed. A preview that the actor has under way of the same prompt and workflow ends. */
  startPreview(request: PreviewRequest, actor: Actor): Promise<Preview>;
  /** As it stands now. Kept for a while after its end. */
  promptPreview(name: string, previewId: string): Promise<Preview>;
  cancelPreview(name: string, previewId: string): Promise<Preview>;
}
