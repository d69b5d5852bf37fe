import type { ControlRow } from "../journal/ports.ts";
import { readRelease } from "../release/release.ts";
import type { Release } from "../release/release.ts";

/** The present release of one workflow. */
export interface Present {
  /** Of the control row: raised with every change. */
  version: number;
  release: Release;
}

/**
 * The present release of each workflow as far as this process knows: from each claim, and from a look about once a second. Runs
 * under way go by it at once; the store has the last word where a write is claimed and where a decision is put on record.
 */
export class Controls {
  readonly #present = new Map<string, Present>();

  get(workflow: string): Present | null {
    return this.#present.get(workflow) ?? null;
  }

  /** Takes note of a control row; an older one than is known is passed over. Answers the newest. */
  take(row: ControlRow): Present {
    const known = this.#present.get(row.workflow);
    if (known !== undefined && known.version >= row.version) return known;
    const present = { version: row.version, release: readRelease(row.body) };
    this.#present.set(row.workflow, present);
    return present;
  }
}
