import { isStage } from "../base/stage.ts";
import type { Stage } from "../base/stage.ts";

export type RiskThreshold = "low" | "medium" | "high";

/** Another version of a prompt that is tried beside the one that serves. */
export interface Candidate {
  version: string;
  /** Content hash of the version. */
  hash: string;
  model: string;
  fallbacks?: readonly string[];
  /** Of the keys, 0 to 1. */
  share: number;
  /** `shadow`: asked beside the run, on record, without effect. `live`: takes the place of the version that serves. */
  mode: "shadow" | "live";
  /** Of the experiment: made when the candidate is set, kept while only its share changes. */
  salt: string;
}

/** Version and model settings one prompt slot serves. */
export interface PromptGrant {
  prompt: string;
  version: string;
  /** Content hash of the version. */
  hash: string;
  model: string;
  /** Models to go on with where that one gives no answer, in order; absent: none. */
  fallbacks?: readonly string[];
  candidate?: Candidate;
}

/** Who agreed to a release besides the person who made it. Times are epoch milliseconds. */
export interface ReleaseApproval {
  by: string;
  at: number;
  reason: string;
}

/**
 * A version that a rollback took away. Runs that have pinned it and not used it go by the present release as a whole; those
 * that have used it and not decided go to a person, unless they may finish.
 */
export interface Withdrawn {
  prompt: string;
  version: string;
  /** Content hash of the version. */
  hash: string;
  /** Only on this model; absent: on any. */
  model?: string;
  inFlight: "review" | "finish";
  /** Number of the release that took it away. */
  release: number;
}

/** One version of a prompt on one model. */
export interface Served {
  prompt: string;
  version: string;
  hash: string;
  /** Of a release: as it is written. Where it is proven: `provider/model`. */
  model: string;
}

/** What a release was let through without. */
export interface GateOverride {
  /** The requirements that were not met, as the gate put them. */
  missing: readonly { code: string; message: string }[];
  reason: string;
  /** True where there was no second person to agree (`--solo`). */
  solo: boolean;
}

/**
 * Whatever changes the behaviour of one workflow, as one immutable, numbered record.
 * A run pins the release that is present when it is first claimed.
 */
export interface Release {
  workflow: string;
  number: number;
  stage: Stage;
  /** Made by `dev` or the demo, without the gate; marked on every record. */
  development: boolean;
  /** What becomes of events while the stage is `off`. */
  whenOff: "hold" | "review";
  /** Of the keys, 0 to 1, to which the stage applies; the others act one level of trust lower (`lowerForShare`). */
  share: number;
  /** Of the traffic share. The same from release to release, so that raising the share moves keys one way only. */
  salt: string;
  /** JSON pointer into the event: what share and candidates are assigned by. */
  assignBy: string;
  /** CEL over `event` and `output` (the decision): outside it a person decides. Null: everything is inside. */
  scope: string | null;
  /** CEL over `event`, `output`, `confidence` and `thresholds`: where it does not hold a person decides. Null: it always holds. */
  automation: string | null;
  /** Of the decisions that nobody would have to look at, 0 to 1: so many go to review at random all the same. */
  sample: number;
  /** By slot name of the workflow. */
  prompts: Record<string, PromptGrant>;
  thresholds: Record<string, number>;
  /** Names of the tools the workflow may call. */
  tools: string[];
  /** Granted before, and taken away: stops paused runs too. */
  revoked: string[];
  /** Writes above it go to review. */
  riskThreshold: RiskThreshold;
  createdBy: string;
  reason: string;
  /** Ids of the evidence (`evidence.ts`) that a raise rested on. */
  evidence: readonly string[];
  approvals: readonly ReleaseApproval[];
  /** What the gate has let through with evidence for this release: what may be gone back to later. */
  proven?: readonly Served[];
  /** Present where it was forced past the gate. */
  override?: GateOverride;
  /** Versions that may not be used any more, whoever pinned them; kept from release to release while they are not served again. */
  withdrawn?: readonly Withdrawn[];
  /** Of a release that `dev` made: hash of the files it was made from. */
  filesHash?: string;
}

/** What a run goes by from its first claim on. */
export interface Pins {
  release: number;
  stage: Stage;
  development: boolean;
  contractVersion: number;
  /** With the candidate's version in place where the run was assigned to a live one; see `assigned`. */
  prompts: Record<string, PromptGrant>;
  thresholds: Record<string, number>;
  tools: string[];
  riskThreshold: RiskThreshold;
  /** Of the workflow's file, its imports and the lockfile: on record, and enforced where `pinned`. */
  code: string;
  /** Only workers with that code claim the run again. */
  pinned?: boolean;
  /** What the release says besides; absent in pins that are older than it. */
  scope?: string | null;
  automation?: string | null;
  sample?: number;
  whenOff?: "hold" | "review";
  /** False: its key is outside the traffic share, and `stage` is the lower one that follows from it. */
  inShare?: boolean;
  /** By slot: the candidate the run was assigned to. The slot's grant is the candidate's where it is live. */
  assigned?: Record<string, Assigned>;
}

export interface Assigned {
  mode: "shadow" | "live";
  version: string;
  /** The version that serves the others. */
  instead: string;
}

/** A release as a store holds it. Fields that older versions did not write get what they meant: no limit, no candidate. */
export function readRelease(body: string): Release {
  const read = JSON.parse(body) as Partial<Release> | null;
  if (!isStage(read?.stage)) throw new Error("This release names no stage.");
  const settled: Omit<Release, "workflow" | "number" | "stage" | "prompts"> = {
    development: false,
    whenOff: "hold",
    share: 1,
    salt: "",
    assignBy: "/event_id",
    scope: null,
    automation: null,
    sample: 0,
    thresholds: {},
    tools: [],
    revoked: [],
    riskThreshold: "low",
    createdBy: "",
    reason: "",
    evidence: [],
    approvals: [],
  };
  return { ...settled, ...read } as Release;
}
