import type { Row } from "./row.ts";

/** Runs as the server gave them, newest first, and where the rest begins. */
export interface RunPage {
  rows: readonly Row[];
  /** Null: these are the last. */
  next: string | null;
}

/** A place from which the list can be asked anew. */
export interface Mark {
  cursor: string;
  /** How many rows come before it. */
  at: number;
}

/** What has been read of a list so far. It is never changed, only replaced. */
export interface RunList {
  readonly rows: readonly Row[];
  /** In order; between two of them lie the rows of one page. */
  readonly marks: readonly Mark[];
  readonly next: string | null;
  /** Rows that have come and are not shown, so that nothing moves under the reader. */
  readonly held: number;
  /** More have come than one page tells: `held` is a least number. */
  readonly gap: boolean;
}

export function firstPage({ rows, next }: RunPage): RunList {
  return { rows, marks: markAt(next, rows.length), next, held: 0, gap: false };
}

/** With the page that `cursor` asked for at its end. A page that was asked for before the list began anew is left. */
export function withPage(list: RunList, cursor: string, page: RunPage): RunList {
  if (list.next !== cursor) return list;
  const known = new Set(list.rows.map(({ id }) => id));
  const rows = [...list.rows, ...page.rows.filter(({ id }) => !known.has(id))];
  return { ...list, rows, next: page.next, marks: [...list.marks, ...markAt(page.next, rows.length)] };
}

/**
 * The list after its part behind `cursor` (null: its beginning) was read again as `page`. Runs that have changed are as
 * they are now. Where the reader must not be disturbed (`hold`), no row moves: what is new is counted, what has left is
 * marked; otherwise the part becomes what was read.
 */
export function refreshed(list: RunList, cursor: string | null, page: RunPage, hold: boolean): RunList {
  const start = cursor === null ? 0 : list.marks.find((mark) => mark.cursor === cursor)?.at;
  if (start === undefined) return list;
  const part = partRead(list, start, page);
  const ids = new Set(part.map(({ id }) => id));
  const isNew = page.rows.filter(({ id }) => !ids.has(id));
  // Not one row of the page reaches those that are known: what lies between was not read.
  if (start === 0 && page.next !== null && part.length === 0 && list.rows.length > 0)
    return hold ? { ...list, held: page.rows.length, gap: true } : firstPage(page);
  if (!hold) return newPart(list, start, part, page);
  const last = list.rows.at(-1);
  const arrived = isNew.filter((row) => last === undefined || !isAfter(row, last));
  return heldPart(list, start, part, page, arrived.length);
}

/** The rows that `page` is about: those from `start` down to its last. */
function partRead({ rows }: RunList, start: number, { rows: read, next }: RunPage): Row[] {
  const last = read.at(-1);
  if (next === null || last === undefined) return rows.slice(start);
  const end = rows.findIndex((row, index) => index >= start && isAfter(row, last));
  return rows.slice(start, end === -1 ? rows.length : end);
}

/** Newest first; ids are made in order. */
function isAfter(row: Row, other: Row): boolean {
  return row.createdAt < other.createdAt || (row.createdAt === other.createdAt && row.id < other.id);
}

/** Rows that did not change stay the same objects, so that nothing is drawn again for them. */
function asItIsNow(before: Row | undefined, now: Row): Row {
  return before !== undefined && before.updatedAt === now.updatedAt && before.left === undefined ? before : now;
}

function newPart(list: RunList, start: number, part: readonly Row[], page: RunPage): RunList {
  const before = new Map(part.map((row) => [row.id, row]));
  const rows = page.rows.map((row) => asItIsNow(before.get(row.id), row));
  const end = start + part.length;
  const isTail = end === list.rows.length;
  const shift = rows.length - part.length;
  const here = isTail ? [] : list.marks.filter(({ at }) => at >= end).map((mark) => ({ ...mark, at: mark.at + shift }));
  const [first] = here;
  // The end of what was read is a mark too, unless there is one.
  const own = markAt(page.next, start + rows.length).filter(({ at }) => first?.at !== at);
  return {
    rows: [...list.rows.slice(0, start), ...rows, ...list.rows.slice(end)],
    marks: [...list.marks.filter(({ at }) => at <= start), ...own, ...here],
    next: isTail ? page.next : list.next,
    held: start === 0 ? 0 : list.held,
    gap: start === 0 ? false : list.gap,
  };
}

function heldPart(list: RunList, start: number, part: readonly Row[], page: RunPage, arrived: number): RunList {
  const now = new Map(page.rows.map((row) => [row.id, row]));
  const rows = part.map((row) => {
    const read = now.get(row.id);
    if (read !== undefined) return asItIsNow(row, read);
    return row.left === true ? row : { ...row, left: true as const };
  });
  return {
    ...list,
    rows: [...list.rows.slice(0, start), ...rows, ...list.rows.slice(start + part.length)],
    held: start === 0 ? arrived : list.held,
    gap: start === 0 ? false : list.gap,
  };
}

function markAt(cursor: string | null, at: number): Mark[] {
  return cursor === null ? [] : [{ cursor, at }];
}

/** The last place before row `index` from which the list can be asked anew; null: only its beginning. */
export function markBefore({ marks }: RunList, index: number): Mark | null {
  return marks.findLast(({ at }) => at <= index) ?? null;
}
