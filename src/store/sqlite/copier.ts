import { UsageError } from "../../base/failure.ts";
import type { BackupInfo } from "../backup.ts";
import { Lane } from "./lane.ts";
import { snapshot } from "./snapshot.ts";
import type { ThreadData } from "./thread-protocol.ts";

/** Copies the store in a thread of its own, which ends with the copy: nobody who asks or writes waits behind it. */
export class Copier {
  readonly #data: ThreadData;
  #copying: Promise<BackupInfo> | null = null;

  constructor(data: ThreadData) {
    this.#data = data;
  }

  /** Throws `UsageError` backup_running: one at a time is as much as a disk is to bear. */
  copy(file: string, now: number): Promise<BackupInfo> {
    if (this.#copying !== null)
      throw new UsageError("backup_running", "A backup is being made already; wait for it.", { status: 409 });
    this.#copying = this.#copy(file, now).finally(() => (this.#copying = null));
    return this.#copying;
  }

  async close(): Promise<void> {
    await this.#copying?.catch(() => {});
  }

  async #copy(file: string, now: number): Promise<BackupInfo> {
    const lane = new Lane(this.#data);
    try {
      await lane.open();
      return await lane.call(snapshot, { file }, now);
    } finally {
      await lane.close();
    }
  }
}
