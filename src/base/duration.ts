const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Added to any time of today it is still a date that can be written. */
const LONGEST_DAYS = 1_000_000;

/**
 * `"1h30m"`, `"250ms"`, `"20s"` → whole milliseconds; a bare number is milliseconds already. Throws `RangeError`
 * for anything else, and for more than a million days.
 */
export function parseDuration(text: string | number): number {
  const ms = Math.round(milliseconds(text));
  if (ms > LONGEST_DAYS * 86_400_000) throw new RangeError(`"${text}" is longer than ${LONGEST_DAYS} days.`);
  return ms;
}

function milliseconds(text: unknown): number {
  if (typeof text === "number" && Number.isFinite(text) && text >= 0) return text;
  if (typeof text !== "string") throw new RangeError(`${String(text)} is not a duration.`);
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)];
  const length = parts.reduce((sum, part) => sum + part[0].length, 0);
  if (parts.length === 0 || length !== text.trim().length)
    throw new RangeError(`"${text}" is not a duration; write it like "250ms", "20s", "4h" or "1h30m".`);
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit as string] as number), 0);
}

/** Milliseconds for people: `"350 ms"`, `"2.1 s"`, `"4 min"`, `"3.5 h"`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${trim(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${trim(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${trim(ms / 3_600_000)} h`;
  return `${trim(ms / 86_400_000)} d`;
}

function trim(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}
