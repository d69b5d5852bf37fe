/** A version of a prompt with the content it stands for. */
export interface PromptVersionRef {
  name: string;
  version: string;
  /** Content hash. */
  hash: string;
}

/** Who put a version into the registry. Times are epoch milliseconds. */
export interface Publication extends PromptVersionRef {
  at: number;
  by: string;
  reason: string;
  /** Present where it was taken out again: it is served no more, and its name and version stay taken. */
  withdrawn: { at: number; by: string; reason: string } | null;
}

export interface PromptApproval extends PromptVersionRef {
  at: number;
  by: string;
  reason: string;
}

export interface PublishInput extends PromptVersionRef {
  /** The document as JSON text. */
  body: string;
  by: string;
  reason: string;
}

export type PublishOutcome =
  /** `fresh`: false where it was published before, with the same content. */
  | { ok: true; publication: Publication; fresh: boolean }
  /** The name and version stand for other content. */
  | { ok: false; why: "changed"; hash: string };

/** What keeps a version from being withdrawn. */
export type InUse =
  /** Served or tried by the present release of a workflow. */
  | { why: "serves"; workflow: string; release: number }
  /** Pinned by so many runs that have not ended. */
  | { why: "pinned"; runs: number }
  /** A release that a workflow may be rolled back to names it. */
  | { why: "release"; workflow: string; release: number }
  /** The way back (`rollback_version`) of a version that serves. */
  | { why: "rollback"; workflow: string; version: string };

export type WithdrawOutcome = { ok: true } | { ok: false; why: "unknown" } | { ok: false; why: "in_use"; by: InUse[] };

/** A prompt version that is being written. */
export interface Draft {
  draftId: string;
  name: string;
  /** The version it was begun from; null: from nothing. */
  base: string | null;
  /** From 1; raised by every change. */
  revision: number;
  /** JSON text; it may hold mistakes. */
  document: string;
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  updatedBy: string;
}

export type DraftOutcome =
  | { ok: true; draft: Draft }
  | { ok: false; why: "unknown" }
  | { ok: false; why: "moved"; draft: Draft };

/** What runs that used a version came to. */
export interface PromptUsage {
  runs: number;
  /** Runs by disposition; those that have none are under `none`. */
  dispositions: Record<string, number>;
  /** Of the reviews of those runs, how many a person answered, and how. */
  reviews: { approve: number; correct: number; reject: number };
  /** Epoch ms of the first and last run; null where there is none. */
  firstAt: number | null;
  lastAt: number | null;
}

/** What a store does for the prompt registry. Every method is one atomic operation. */
export interface PromptStore {
  /** Enters the version, and who published it. One that was withdrawn comes back with the same content only. */
  publishPrompt(input: PublishInput): Promise<PublishOutcome>;
  /** Of all prompts, or one; by name, then oldest first. Withdrawn ones too. */
  publications(name?: string): Promise<Publication[]>;
  /** Refused while anything goes by it. */
  withdrawPrompt(input: { name: string; version: string; by: string; reason: string }): Promise<WithdrawOutcome>;
  /** False where the same person has approved this content before. */
  approvePrompt(input: Omit<PromptApproval, "at">): Promise<boolean>;
  /** Of this content, oldest first; of all without a hash. */
  approvalsOf(hash?: string): Promise<PromptApproval[]>;
  promptUsage(name: string, version: string): Promise<PromptUsage>;

  addDraft(input: { draftId: string; name: string; base: string | null; document: string; by: string }): Promise<Draft>;
  draft(draftId: string): Promise<Draft | null>;
  /** Of one prompt, or all; the latest change first. */
  drafts(name?: string): Promise<Draft[]>;
  /** Refused as `moved` where somebody else has changed it since. */
  saveDraft(input: { draftId: string; expectedRevision: number; document: string; by: string }): Promise<DraftOutcome>;
  dropDraft(input: { draftId: string; expectedRevision: number | null }): Promise<DraftOutcome>;
}
