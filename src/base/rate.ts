const UNITS: Record<string, number> = { s: 60, min: 1, m: 1, h: 1 / 60 };
const MOST = 60_000;

/** `"60/min"`, `"2/s"`, `"100/h"` → how many a minute. Throws `RangeError` otherwise, and beyond 60,000 a minute. */
export function parseRate(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*\/\s*(s|min|m|h)\s*$/.exec(text);
  const perMinute = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] as string] as number);
  if (Number.isNaN(perMinute))
    throw new RangeError(`${JSON.stringify(text)} is not a rate; write it like "60/min", "2/s" or "100/h".`);
  if (perMinute <= 0 || perMinute > MOST)
    throw new RangeError(`${JSON.stringify(text)} is no rate to go by: more than 0 and at most ${MOST}/min.`);
  return perMinute;
}

/** For people and programs: `"60/min"`, and by the hour where that is less than one a minute. */
export function formatRate(perMinute: number): string {
  return perMinute >= 1 ? `${rounded(perMinute)}/min` : `${rounded(perMinute * 60)}/h`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
