import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { statfsSync } from "node:fs";

/** What a figure means nothing without. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  readonly sqlite: string;
  /** Load average of the last minute before the first trial: other programs on the machine show here. */
  readonly load: number;
};

const TMPFS = 0x01021994;

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    sqlite: process.versions["sqlite"] ?? "unknown",
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** A file system in memory syncs to nothing; a durable store measured there would be a lie. */
export function isInMemory(folder: string): boolean {
  return process.platform === "linux" && statfsSync(folder).type === TMPFS;
}
