import type { Json, JsonObject } from "../base/json.ts";

export const DATASET_KINDS = ["golden", "edge", "negative", "regression", "adversarial"] as const;

export type DatasetKind = (typeof DATASET_KINDS)[number];

/** What a case stands for of a tool's answer, in place of calling it. By tool name or step name; a list answers call by call. */
export type RecordedTools = Record<string, RecordedAnswer | readonly RecordedAnswer[]>;

export type RecordedAnswer =
  | { result: Json; args?: JsonObject }
  | { error: { class: string; message: string }; args?: JsonObject };

/** One case, one line of a dataset. */
export interface EvalCase {
  id: string;
  /** The prompt's inputs, or the whole event. */
  input: JsonObject;
  /** What the output (or decision) has to be: partial, a set, or a predicate; `expected.ts` reads it. */
  expected: Json;
  tags: readonly string[];
  /** Run it came from. */
  source?: string;
  tools?: RecordedTools;
}

/** A case with where it stands. */
export interface PlacedCase extends EvalCase {
  dataset: string;
  kind: DatasetKind;
  /** SHA-256, hex, of the canonical case without its place. */
  hash: string;
}
