import { styleText } from "node:util";
import { systemClock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { inert, inertLine } from "../base/inert.ts";
import type { Io } from "./io.ts";

/** Characters that a terminal may act on or hide, though JSON allows them raw. */
const LOUD = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON for `--json`: what a terminal would act on is escaped, so the document stays the same and safe to look at. */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replaceAll(
    LOUD,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function printJson(io: Io, value: unknown): void {
  io.out(`${jsonText(value)}\n`);
}

/** Lines of trusted layout; whatever came from outside has to be made inert before it gets here. */
export function printLines(io: Io, lines: readonly string[]): void {
  io.out(lines.map((line) => `${line}\n`).join(""));
}

export type Colour = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

export function paint(io: Io, colour: Colour, text: string): string {
  return io.colour ? styleText(colour, text, { validateStream: false }) : text;
}

const STATUS_COLOURS: Readonly<Record<string, Colour>> = {
  completed: "green",
  success: "green",
  dead: "red",
  error: "red",
  stopped: "yellow",
  waiting: "yellow",
  blocked: "yellow",
  open: "yellow",
  running: "cyan",
  cancelled: "dim",
};

export interface Column {
  title: string;
  /** Takes the room that is left, and is cut where that is too little. One of them at most. */
  grows?: boolean;
  right?: boolean;
}

const GAP = "  ";

/** A table no wider than the terminal, one line a row. Cells may hold text from anywhere. */
export function table(io: Io, columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(inertLine))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => columnsOf(row[index] ?? ""))));
  const growing = columns.findIndex(({ grows }) => grows);
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1);
  if (growing >= 0 && total > io.width) widths[growing] = Math.max(8, (widths[growing] as number) - (total - io.width));
  return cells.map((row, line) => {
    const text = columns
      .map(({ right }, index) => fit(row[index] ?? "", widths[index] as number, right ?? false))
      .join(GAP);
    return line === 0 ? paint(io, "dim", text.trimEnd()) : tinted(io, text.trimEnd(), row);
  });
}

/** Colours the first word of a row that is a status. */
function tinted(io: Io, text: string, row: readonly string[]): string {
  const status = row.find((cell) => Object.hasOwn(STATUS_COLOURS, cell));
  return status === undefined ? text : text.replace(status, paint(io, STATUS_COLOURS[status] as Colour, status));
}

export function colouredStatus(io: Io, status: string): string {
  const colour = Object.hasOwn(STATUS_COLOURS, status) ? STATUS_COLOURS[status] : undefined;
  return colour === undefined ? status : paint(io, colour, status);
}

/** Exactly `width` columns: cut with an ellipsis, or filled. */
function fit(text: string, width: number, right: boolean): string {
  const cut = clip(text, width);
  const fill = " ".repeat(Math.max(0, width - columnsOf(cut)));
  return right ? fill + cut : cut + fill;
}

const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** At most `width` columns of one line. */
export function clip(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let shown = "";
  let used = 0;
  for (const { segment } of CHARACTERS.segment(text)) {
    used += columnsOf(segment);
    if (used > width - 1) break;
    shown += segment;
  }
  return `${shown}…`;
}

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** Columns a terminal gives the text. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of CHARACTERS.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/** A value from outside as indented JSON lines, inert, at most `limit` of them. */
export function jsonLines(value: unknown, indent = "  ", limit = 40): string[] {
  const lines = inert(JSON.stringify(value, null, 2)).split("\n");
  const shown = lines.slice(0, limit).map((line) => indent + line);
  return lines.length > limit ? [...shown, `${indent}… ${lines.length - limit} more lines (--json shows all)`] : shown;
}

/** `2026-05-29 14:22:10` of an RFC 3339 time, "" of none. */
export function shortTime(time: unknown): string {
  return typeof time === "string" ? time.slice(0, 19).replace("T", " ") : "";
}

/** How long ago an RFC 3339 time was. */
export function age(time: string): string {
  return formatDuration(Math.max(0, systemClock.now() - Date.parse(time)));
}

export function dollars(usd: unknown): string {
  return typeof usd === "number" ? `$${usd < 0.01 && usd > 0 ? usd.toPrecision(2) : usd.toFixed(4)}` : "unknown";
}
