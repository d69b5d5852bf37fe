import { createHash } from "node:crypto";
import type { DatasetKind } from "./case.ts";

/**
 * What a dataset holds, as one hash: SHA-256 over its kind and the hashes of its cases in order of the hashes, so that moving
 * a line is no change. 32 bytes a case are kept meanwhile.
 */
export class DatasetHash {
  readonly #kind: DatasetKind;
  readonly #hashes: string[] = [];
  constructor(kind: DatasetKind) {
    this.#kind = kind;
  }

  get cases(): number {
    return this.#hashes.length;
  }

  /** `hash`: hex. */
  add(hash: string): void {
    // One byte a character, of its own memory.
    this.#hashes.push(Buffer.from(hash, "hex").toString("latin1"));
  }

  digest(): string {
    const hash = createHash("sha256").update(`sluice dataset 1\n${this.#kind}\n`);
    for (const each of this.#hashes.sort()) hash.update(each, "latin1");
    return hash.digest("hex");
  }
}
