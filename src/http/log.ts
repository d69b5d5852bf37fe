import { randomUUID } from "node:crypto";
import { destination, pino } from "pino";
import type { Logger } from "pino";

export type Log = Pick<Logger, "error" | "warn" | "info">;

/** JSON lines on standard error; standard output belongs to the command. */
export function createLog(level = "info"): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination({ dest: 2, sync: true }));
}

/** Puts an unexpected error on record and answers the id it can be found by. */
export function reportFailure(log: Log, error: unknown, at: { method: string; path: string }): string {
  const errorId = `err_${randomUUID()}`;
  log.error({ error_id: errorId, ...at, ...describe(error) }, "unexpected error");
  return errorId;
}

/** Name, code and frames. Not the message: it may quote what was sent. */
function describe(error: unknown): { error: string; code?: string; frames?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  const code = (error as { code?: unknown }).code;
  return { error: error.name, frames, ...(typeof code === "string" ? { code } : {}) };
}
