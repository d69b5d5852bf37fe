import type { JsonObject } from "../base/json.ts";
import type { DatasetKind } from "./case.ts";
import type { CsvMapping } from "./csv-mapping.ts";

export interface SuiteDataset {
  /** In the store: `SUITE.FILE` without its ending for a file of the suite, else the name it was imported under. */
  name: string;
  /** Relative to the project; null: it is in the store only. */
  file: string | null;
  kind: DatasetKind;
  /** How the columns of a CSV file become cases; null: it is JSONL. */
  mapping: CsvMapping | null;
}

export type Comparison = ">=" | ">" | "<=" | "<" | "=";

/** What a suite demands. */
export interface Target {
  name: string;
  /** Name of a built-in metric or of a custom scorer. */
  metric: string;
  /** Dotted path into the output; null where the metric needs none. */
  field: string | null;
  /** Values a case's expected output has to have to be a positive; null where the metric needs none. */
  positive: JsonObject | null;
  /** Only cases of this slice, by path or tag; null: all. */
  slice: JsonObject | null;
  /** Confidence from which an answer needs no person, of the metrics about automation; null: every answer. */
  threshold: number | null;
  comparison: Comparison;
  /** In the metric's own unit: a share 0 to 1, ms, US dollars. */
  bound: number;
  /** As written. */
  target: string;
  critical: boolean;
  /** Fewer cases than that are INCONCLUSIVE. 0: no such demand. */
  minCases: number;
}

/** `evals/NAME/suite.yaml`, checked. */
export interface Suite {
  name: string;
  description: string;
  subject: { kind: "prompt"; prompt: string } | { kind: "workflow"; workflow: string };
  datasets: readonly SuiteDataset[];
  /** Dotted paths into the input; figures are given for each value they have. */
  slices: readonly string[];
  targets: readonly Target[];
  /** File of custom scorers, relative to the project; null: none. */
  scorers: string | null;
  /** Relative to the project. */
  file: string;
  /** SHA-256, hex, of the canonical suite without its place: what the targets meant when evidence was made. */
  hash: string;
}
