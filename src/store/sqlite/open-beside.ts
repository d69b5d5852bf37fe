import { existsSync } from "node:fs";
import { UsageError } from "../../base/failure.ts";
import type { Clock } from "../../base/clock.ts";
import type { JournalStore } from "../../journal/ports.ts";
import type { ReleaseStore } from "../../release/ports.ts";
import { databaseFile } from "./database.ts";
import { Lane } from "./lane.ts";
import { counts, list } from "./list-runs.ts";
import { blobs, load } from "./read-runs.ts";
import { control } from "./releases.ts";

/** What can be read of a store beside the process that owns it, or without one. */
export type StoreBeside = Pick<JournalStore, "list" | "counts" | "load" | "blobs"> &
  Pick<ReleaseStore, "control"> & { close(): Promise<void> };

/**
 * Opens the embedded store for reading only: the data folder stays its owner's, who may go on writing.
 * Throws `UsageError`: `no_store`, `store_newer`, `store_older`, `not_a_store`, `wrong_key`.
 */
export async function openSqliteBeside(given: {
  dataDir: string;
  chainKey: Uint8Array;
  clock: Clock;
}): Promise<StoreBeside> {
  const { dataDir, chainKey, clock } = given;
  if (!existsSync(databaseFile(dataDir)))
    throw new UsageError("no_store", `There is no data in ${dataDir}: nothing has been served from there.`);
  const lane = new Lane({ dataDir, chainKey: Uint8Array.from(chainKey), now: clock.now(), role: "guest" });
  await lane.open();
  const now = (): number => clock.now();
  return {
    list: (filter, page) => lane.call(list, { filter, page }, now()),
    counts: (filter) => lane.call(counts, filter, now()),
    load: (runId) => lane.call(load, runId, now()),
    blobs: (hashes) => lane.call(blobs, hashes, now()),
    control: (workflow) => lane.call(control, workflow, now()),
    close: () => lane.close(),
  };
}
