import type { Interval } from "./report.ts";
import type { Unit } from "./metrics.ts";

/** How a figure is written: shares in per cent, unless the target is written as a plain number (of a score, say). */
export interface Style {
  unit: Unit;
  percent: boolean;
}

/** The style of a target, as its author wrote it. */
export function styleOf({ unit, target }: { unit: Unit; target: string }): Style {
  return { unit, percent: target.includes("%") || !/\d/.test(target) };
}

export const PERCENT: Style = { unit: "share", percent: true };

/**
 * A figure for people, to four digits or more. It is never rounded to one of `against` that it is not: 94.9996 % beside a target
 * of 95 % does not read 95 %.
 */
export function formatFigure(value: number | null, style: Style, against: readonly number[] = []): string {
  if (value === null) return "–";
  const others = [...against, ...(style.unit === "share" ? [0, 1] : [])].filter((other) => other !== value);
  for (let digits = 0; digits < 10; digits++) {
    const text = written(value, style, digits);
    if (others.every((other) => Math.abs(other - value) < 1e-12 || written(other, style, digits) !== text)) return text;
  }
  return written(value, style, 10);
}

export function formatInterval(interval: Interval | null, style: Style): string {
  return interval === null ? "–" : `${formatFigure(interval.low, style)} to ${formatFigure(interval.high, style)}`;
}

/** `more` digits beyond the usual ones. */
function written(value: number, { unit, percent }: Style, more: number): string {
  if (unit === "ms") return value >= 1_000 ? `${rounded(value / 1_000, 3 + more)} s` : `${rounded(value, 1 + more)} ms`;
  if (unit === "usd") return `$${rounded(value, decimalsOfMoney(value) + more)}`;
  if (unit === "tokens") return rounded(value, 2 + more);
  return percent ? `${rounded(value * 100, 2 + more)} %` : rounded(value, 4 + more);
}

/** Four digits that say something. */
function decimalsOfMoney(value: number): number {
  if (value === 0) return 2;
  return Math.min(12, Math.max(2, 3 - Math.floor(Math.log10(Math.abs(value)))));
}

function rounded(value: number, decimals: number): string {
  const text = value.toFixed(Math.min(decimals, 15));
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  const [whole = "", ...rest] = short.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

/** A count, also of cases that were tried several times and passed some. */
export function formatCount(count: number): string {
  return rounded(count, 2);
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
