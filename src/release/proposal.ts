import type { Difference } from "./change.ts";
import type { Release } from "./release.ts";

/** A change that needs a second person to agree. */
export interface NewProposal {
  proposalId: string;
  workflow: string;
  /** Number of the release it would change. */
  base: number;
  /** The release it would become, but for who agrees. */
  next: Release;
  differences: readonly Difference[];
  /** What the gate found missing when it was made; with `override` it would be let through without. */
  missing: readonly { code: string; message: string }[];
  override: boolean;
  by: string;
  reason: string;
}

/** `lapsed`: another release came before anybody had agreed. Times are epoch ms. */
export interface Proposal extends NewProposal {
  state: "open" | "approved" | "rejected" | "lapsed";
  createdAt: number;
  /** Null while it is open, and where it lapsed. */
  closedBy: string | null;
  closedAt: number | null;
  closedReason: string | null;
  /** Number of the release it became; null where it became none. */
  release: number | null;
}

export interface ProposalStore {
  /** False where `base` is not the present release of the workflow. */
  propose(proposal: NewProposal): Promise<boolean>;
  /** Of one workflow, newest first, at most 200. */
  proposals(workflow: string): Promise<Proposal[]>;
  proposal(proposalId: string): Promise<Proposal | null>;
  /** The proposal as it stands then, whether or not it was still open; null: there is none. */
  rejectProposal(rejection: { proposalId: string; by: string; reason: string }): Promise<Proposal | null>;
}
