import type { Json } from "../base/json.ts";
import type { OutputRule } from "../prompt/check.ts";
import type { PromptSpec } from "../prompt/spec.ts";

/** What stands in for a prompt of the record: another version, and how it is asked. */
export interface InsteadOf {
  spec: PromptSpec;
  /** `given`: inputs as the version may see them. Without an output a person would be asked, or the run would have died. */
  ask(
    slot: string,
    key: string,
    given: Json,
    rules: readonly OutputRule[],
  ): Promise<{ output: Json } | { why: string }>;
}

/** A recomputation: what stands in for the record, and where a person would have been asked. */
export interface Instead {
  /** By slot; the record answers for the others. */
  prompts: ReadonlyMap<string, InsteadOf>;
  /** In call order. */
  readonly asked: { step: string; why: string }[];
}
