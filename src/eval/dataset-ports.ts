import type { DatasetKind } from "./case.ts";

/** A published version of a dataset; what it holds never changes. */
export interface DatasetVersion {
  /** Name of the dataset. */
  name: string;
  /** From 1; grows by one each time other content is published. */
  version: number;
  kind: DatasetKind;
  /** SHA-256, hex, over the kind and the hashes of its cases, whatever their order. */
  hash: string;
  cases: number;
  publishedBy: string;
  /** Epoch ms. */
  publishedAt: number;
  /** Where it came from: a file of the project, or `import`. */
  source: string;
}

/** A case on its way to the store, which sees neither its content nor its id. */
export interface SealedCase {
  /** Keyed hash of its content: equal cases are kept once. */
  address: Uint8Array;
  /** Keyed hash of its id. */
  idToken: Uint8Array;
  sealed: Uint8Array;
}

export interface StoredCase {
  /** In the dataset, from 0. */
  position: number;
  sealed: Uint8Array;
}

export interface NewDraft {
  name: string;
  kind: DatasetKind;
  source: string;
  by: string;
}

export type DatasetPublication =
  /** `fresh`: false where the newest version held the same already, which is then the answer. */
  | { ok: true; version: DatasetVersion; fresh: boolean }
  /** It was dropped, or somebody else published it. */
  | { ok: false; reason: "unknown_draft" };

/**
 * Datasets as versions. A version is put together as a draft, batch by batch, and becomes one in a single step: whoever reads
 * sees the whole of it or nothing.
 */
export interface DatasetStore {
  /** Number of the draft. Drafts that nobody has added to for a day are dropped on the way. */
  beginDataset(input: NewDraft): Promise<number>;
  /** In order, behind those added before. False where the draft is gone. Throws `UsageError` duplicate_case. */
  addCases(draft: number, cases: readonly SealedCase[]): Promise<boolean>;
  /** Publishes the draft unless the newest version of the dataset has the same hash; the draft is gone then. */
  publishDataset(draft: number, hash: string): Promise<DatasetPublication>;
  dropDatasetDraft(draft: number): Promise<void>;
  /** The newest version of each, by name. */
  datasets(): Promise<DatasetVersion[]>;
  /** Newest first; empty where there is no such dataset. */
  datasetVersions(name: string): Promise<DatasetVersion[]>;
  /** From a position on, in order. */
  datasetCases(query: { name: string; version: number; from: number; limit: number }): Promise<StoredCase[]>;
  /** Null where the version has no case of that id. */
  datasetCase(query: { name: string; version: number; idToken: Uint8Array }): Promise<Uint8Array | null>;
}
