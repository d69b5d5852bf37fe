import type { JsonObject } from "../base/json.ts";
import type { PromptComparison } from "../prompt/compare.ts";
import type { DocumentProblem } from "../prompt/document.ts";
import type { Draft, PromptApproval, PromptUsage, Publication } from "../prompt/ports.ts";
import type { PromptSource } from "../prompt/registry.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { Evidence } from "../release/evidence.ts";
import type { Actor } from "./actor.ts";

/** A version of a prompt as this process knows it. */
export interface PromptVersion {
  spec: PromptSpec;
  source: PromptSource;
  /** Null where nobody has published it: it is in a file, or a process once had its file. */
  publication: Publication | null;
  approvals: PromptApproval[];
  /** Workflows whose present release serves it, or tries it as a candidate. */
  serves: string[];
  candidateIn: string[];
}

/** One stretch of releases in which a version was in force. Times are epoch ms. */
export interface Served {
  workflow: string;
  as: "serves" | "shadow" | "live";
  /** Numbers of the first and last release of the stretch. */
  from: number;
  to: number;
  since: number;
  /** Null: it still is. */
  until: number | null;
}

export interface PromptVersionDetail extends PromptVersion {
  evidence: Evidence[];
  usage: PromptUsage;
  served: Served[];
}

/** Two versions side by side: what they say, and what evidence there is of each. */
export interface ComparedVersions {
  from: Pick<PromptVersion, "spec"> & { evidence: Evidence[] };
  to: Pick<PromptVersion, "spec"> & { evidence: Evidence[] };
  comparison: PromptComparison;
}

/** A draft, and all that is wrong with it now. */
export interface CheckedDraft {
  draft: Draft;
  document: JsonObject;
  problems: DocumentProblem[];
}

/**
 * The prompt registry. Throws `UsageError`: unknown_prompt, unknown_prompt_version (404), version_changed, version_in_use,
 * version_in_file, own_version (409), invalid_prompt (422, every mistake with its pointer), unknown_draft (404), draft_moved (409).
 */
export interface Prompting {
  /** Of one prompt or all, by name, oldest version first. */
  promptVersions(name?: string): Promise<PromptVersion[]>;
  promptVersion(name: string, version: string): Promise<PromptVersionDetail>;
  /** `fresh`: false where the same content was published before. It serves nothing by that: releases say what serves. */
  publishPrompt(
    name: string,
    document: JsonObject,
    reason: string,
    actor: Actor,
  ): Promise<{ version: PromptVersion; fresh: boolean }>;
  /** `fresh`: false where the actor has approved this content before. */
  approvePrompt(
    name: string,
    version: string,
    reason: string,
    actor: Actor,
  ): Promise<{ version: PromptVersion; fresh: boolean }>;
  /** Takes it out of the registry. Its name and version stay taken. */
  withdrawPrompt(name: string, version: string, reason: string, actor: Actor): Promise<void>;
  /** A version, or a draft as `draft:ID`. */
  comparePrompts(name: string, from: string, to: string): Promise<ComparedVersions>;

  /** Of one prompt, the latest change first. */
  promptDrafts(name: string): Promise<CheckedDraft[]>;
  promptDraft(name: string, draftId: string): Promise<CheckedDraft>;
  /** It may hold mistakes; what is kept is checked, not refused. */
  addDraft(name: string, document: JsonObject, base: string | null, actor: Actor): Promise<CheckedDraft>;
  saveDraft(
    name: string,
    draftId: string,
    change: { document: JsonObject; expectedRevision: number },
    actor: Actor,
  ): Promise<CheckedDraft>;
  dropDraft(name: string, draftId: string, expectedRevision: number | null): Promise<void>;
  /** Publishes it as `version`, and drops the draft. */
  publishDraft(
    name: string,
    draftId: string,
    given: { version: string; reason: string; expectedRevision: number | null },
    actor: Actor,
  ): Promise<{ version: PromptVersion; fresh: boolean }>;
}
