import { dateTime } from "./format.ts";

/** What a clock in `zone` (undefined: the browser's) shows at `at`, as a field for date and time takes it. */
export function clockText(at: number, zone: string | undefined): string {
  return dateTime(at, zone).slice(0, 16).replace(" ", "T");
}

/**
 * When a clock in `zone` shows `text` (`2026-05-29T14:22`): epoch ms. Of an hour that comes twice one of both is meant,
 * of one that is left out the hour after or before it; null where `text` is no date and time.
 */
export function momentOf(text: string, zone: string | undefined): number | null {
  const wanted = Date.parse(`${text}Z`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) || Number.isNaN(wanted)) return null;
  // The offset where the clock would be right without one is nearly always the offset there is.
  const first = wanted - offsetAt(wanted, zone);
  return wanted - offsetAt(first, zone);
}

/** How far ahead of UTC a clock in `zone` is, in ms. */
function offsetAt(at: number, zone: string | undefined): number {
  const second = Math.floor(at / 1_000) * 1_000;
  return Date.parse(`${dateTime(second, zone).replace(" ", "T")}Z`) - second;
}
