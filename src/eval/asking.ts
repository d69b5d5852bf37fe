import type { Json } from "../base/json.ts";
import type { PlacedCase } from "./case.ts";
import type { CaseResult } from "./result.ts";

/** What asking a case once came to, before anybody compared it with what the case expects. */
export type CaseAnswer = Omit<CaseResult, "caseId" | "caseHash" | "dataset" | "repeat" | "scores" | "cached">;

/** How the subject of an eval is asked: a prompt version, or a whole workflow. */
export interface CaseAsker {
  /** All that determines the answer, as text: with an equal one it need not be asked again. */
  identity(placed: PlacedCase, repeat: number): string;
  /** Rejects only with the reason of `signal`. What fails is an answer too. */
  ask(placed: PlacedCase, repeat: number, signal: AbortSignal): Promise<CaseAnswer>;
  close(): Promise<void>;
}

/** Figures of custom scorers by name, computed of an output; one that throws is null. */
export type Scorers = (placed: PlacedCase, output: Json) => Promise<Record<string, number | null>>;

/** An answer may be used again unless something outside the subject went wrong. */
export function isCacheable({ outcome }: CaseAnswer): boolean {
  return outcome !== "failed" && outcome !== "timed_out";
}
