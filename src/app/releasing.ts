import type { Json } from "../base/json.ts";
import type { Difference, ReleaseChange } from "../release/change.ts";
import type { Evidence } from "../release/evidence.ts";
import type { Requirement } from "../release/requirement.ts";
import type { Proposal } from "../release/proposal.ts";
import type { Release } from "../release/release.ts";
import type { Actor } from "./actor.ts";

/** A release as it was published. */
export interface PublishedRelease extends Release {
  /** Epoch ms. */
  createdAt: number;
}

/** What a change would do and what it asks for. `outcome`: what asking for it would lead to. */
export interface PlannedRelease {
  present: PublishedRelease;
  next: Release;
  differences: readonly Difference[];
  /** Empty where nothing is raised. */
  requirements: readonly Requirement[];
  /** `nothing`: it is so already. `proposal`: a second person has to agree. */
  outcome: "release" | "proposal" | "refused" | "nothing";
}

/** Where to go back to. Without any of it: to the prompt versions and models in force before the present ones. */
export interface RollbackTarget {
  /** Number of an earlier release. */
  to?: number;
  /** Only this slot. */
  slot?: string;
  /** Of the slot's prompt; the slot has to be named where the workflow has several. */
  version?: string;
  /** The slot's first fallback model serves in place of its model. */
  fallback?: boolean;
  /** What becomes of runs that have used what is taken away and have not decided: a person decides, unless said otherwise. */
  inFlight?: "review" | "finish";
}

/** What somebody asks for. Every way to change a release is one of these. */
export type ReleaseAct =
  | { act: "promote"; change: ReleaseChange }
  /** Whatever only lowers; without a change one stage down. */
  | { act: "demote"; change?: ReleaseChange }
  | { act: "traffic"; share: number }
  | { act: "off"; whenOff?: "hold" | "review" }
  /** Back to the stage that was in force before it was switched off. */
  | { act: "on" }
  | { act: "rollback"; target: RollbackTarget }
  | { act: "grant" | "revoke"; tool: string };

export interface ReleaseRequest {
  reason: string;
  /** Number of the release the asker has seen; another one by now refuses. */
  expectedRelease?: number;
  /** Past what the gate asks for; another person has to agree. */
  override?: boolean;
  /** Nobody else is there to agree: on record, and at once. */
  solo?: boolean;
}

export type ReleaseOutcome =
  | { outcome: "released"; release: PublishedRelease; differences: readonly Difference[] }
  /** It is so already: nothing was written. */
  | { outcome: "nothing"; release: PublishedRelease }
  | { outcome: "proposed"; proposal: Proposal }
  | { outcome: "gate_closed"; plan: PlannedRelease }
  /** Somebody else was first. `differences`: what they changed. */
  | {
      outcome: "release_moved";
      expected: number;
      present: PublishedRelease;
      differences: readonly Difference[];
    };

/** One live process, and the release it serves the workflow under. Times are epoch ms. */
export interface ServedRelease {
  worker: string;
  host: string;
  pid: number;
  release: number;
  since: number;
  seenAt: number;
}

/**
 * Every way to look at releases and to change them. Throws `UsageError`: unknown_workflow, unknown_release, unknown_slot,
 * unknown_prompt_version, unknown_tool, unknown_threshold, invalid_change (422), not_a_lowering (409), nothing_to_roll_back
 * (409), unknown_proposal (404), proposal_closed (409), same_person (409).
 */
export interface Releasing {
  /** The present release of each workflow, by name. */
  presentReleases(): Promise<PublishedRelease[]>;
  presentRelease(workflow: string): Promise<PublishedRelease>;
  /** What the present release rests on, as far as it is still on record. */
  evidenceOf(release: Release): Promise<Evidence[]>;
  /** Newest first, each with what it changed. */
  history(workflow: string): Promise<{ release: PublishedRelease; differences: readonly Difference[] }[]>;
  /** What each live worker serves, and the release in force. */
  served(workflow: string): Promise<{ inForce: number; workers: ServedRelease[] }>;
  /** The next stage, and the whole traffic, and what asking for them would lead to. */
  possibleRaises(
    workflow: string,
    actor: Actor,
  ): Promise<{ what: string; to: Json; outcome: Exclude<PlannedRelease["outcome"], "nothing"> }[]>;
  plan(workflow: string, act: ReleaseAct, actor: Actor): Promise<PlannedRelease>;
  /** In force on this process when it resolves. */
  change(workflow: string, act: ReleaseAct, request: ReleaseRequest, actor: Actor): Promise<ReleaseOutcome>;
  proposals(workflow: string): Promise<Proposal[]>;
  /** The gate is asked again: what it has come to miss since the proposal refuses. */
  approve(workflow: string, proposalId: string, reason: string, actor: Actor): Promise<ReleaseOutcome>;
  reject(workflow: string, proposalId: string, reason: string, actor: Actor): Promise<Proposal>;
}
