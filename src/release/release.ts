import type { Stage } from "../base/stage.ts";

/** Version and model settings one prompt slot serves. */
export interface PromptGrant {
  prompt: string;
  version: string;
  /** Content hash of the version. */
  hash: string;
  model: string;
  /** Models to go on with where that one gives no answer, in order; absent: none. */
  fallbacks?: readonly string[];
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
  /** By slot name of the workflow. */
  prompts: Record<string, PromptGrant>;
  thresholds: Record<string, number>;
  /** Names of the tools the workflow may call. */
  tools: string[];
  /** Granted before, and taken away: stops paused runs too. */
  revoked: string[];
  /** Writes above it go to review. */
  riskThreshold: "low" | "medium" | "high";
  createdBy: string;
  reason: string;
}

/** What a run goes by from its first claim on. */
export interface Pins {
  release: number;
  stage: Stage;
  development: boolean;
  contractVersion: number;
  prompts: Record<string, PromptGrant>;
  thresholds: Record<string, number>;
  tools: string[];
  riskThreshold: "low" | "medium" | "high";
  /** Of the workflow's file, its imports and the lockfile: on record, and enforced where `pinned`. */
  code: string;
  /** Only workers with that code claim the run again. */
  pinned?: boolean;
}
