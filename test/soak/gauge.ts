/**
 * Loaded before a server (`node --import gauge.ts`): on SIGUSR2 it collects garbage and says on standard output how much
 * memory the process holds.
 */
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function measure(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collect();
    await pause(100);
  }
  const { rss, heapUsed } = process.memoryUsage();
  process.stdout.write(`gauge ${JSON.stringify({ rss, heapUsed })}\n`);
}

if (isMainThread) process.on("SIGUSR2", () => void measure());
