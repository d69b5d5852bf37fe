import type { WriterPoint } from "../../store/sqlite/thread-protocol.ts";
import { parseCrashAt } from "./crash-at.ts";

/** Loaded inside the store's writer: ends the whole process by SIGKILL at the place that `data` names, `group_executed:40`. */
export function probe(data: string): (reached: WriterPoint) => void {
  const { point, nth } = parseCrashAt(data);
  let left = nth;
  return (reached) => {
    if (reached !== point || --left > 0) return;
    process.kill(process.pid, "SIGKILL");
    // Other threads may live for a moment longer; this one does nothing more.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}
