import type { ControlRow } from "../journal/ports.ts";

export interface ReleaseRow {
  workflow: string;
  number: number;
  /** `Release` as JSON text. */
  body: string;
  createdAt: number;
}

/** A second person's word on a proposal. */
export interface Agreement {
  proposalId: string;
  by: string;
  reason: string;
}

export interface ReleaseStore {
  control(workflow: string): Promise<ControlRow | null>;
  /** The present release of every workflow that ever had one, by name. */
  controls(): Promise<ControlRow[]>;
  /**
   * Appends release `number` (the present one plus one) and makes it the present one; false where somebody was first. Open
   * proposals of the workflow lapse with it, but for `agreed`, which becomes this release: false where it is not open any more.
   */
  publish(release: ReleaseRow, expectedVersion: number, agreed?: Agreement): Promise<boolean>;
  /** Oldest first. */
  releases(workflow: string): Promise<ReleaseRow[]>;
  /** Content hash a (kind, name, version) was first published with, after recording `hash` where there was none. */
  registerVersion(version: RegisteredVersion): Promise<RegisteredVersion>;
  versions(kind: RegisteredVersion["kind"]): Promise<RegisteredVersion[]>;
}

/** An immutable named version: prompts and contracts. */
export interface RegisteredVersion {
  kind: "prompt" | "contract";
  name: string;
  version: string;
  hash: string;
  /** The resolved document as JSON text. */
  body: string;
  registeredAt: number;
}
