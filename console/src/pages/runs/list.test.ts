import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Run } from "../../api/schema.gen.ts";
import { firstPage, markBefore, refreshed, withPage } from "./list.ts";
import type { RunList, RunPage } from "./list.ts";
import { toRow } from "./row.ts";
import type { Row } from "./row.ts";

/** Row number `n`: the greater, the newer. */
function row(n: number, updated = 0): Row {
  const at = new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();
  const run = { run_id: `run_${String(n).padStart(6, "0")}`, created_at: at, updated_at: `${updated}` };
  const rest = { started_at: null, ended_at: null, prompt_versions: {}, failure: null, decision: null };
  return toRow({ ...rest, ...run } as unknown as Run);
}

/** A server that holds rows by number and pages through them as the real one does: a cursor is the row it ended with. */
function ask(held: readonly number[], cursor: string | null, limit: number, updated = 0): RunPage {
  const sorted = [...held].sort((a, b) => b - a).filter((n) => cursor === null || n < Number(cursor));
  const numbers = sorted.slice(0, limit);
  const next = sorted.length > limit ? String(numbers.at(-1)) : null;
  return { rows: numbers.map((n) => row(n, updated)), next };
}

function down(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, index) => from - index);
}

function read(held: readonly number[], pages: number, limit = 10): RunList {
  let list = firstPage(ask(held, null, limit));
  for (let page = 1; page < pages && list.next !== null; page++)
    list = withPage(list, list.next, ask(held, list.next, limit));
  return list;
}

const ids = ({ rows }: RunList): string[] => rows.map(({ id }) => id);

describe("a list that is read page by page", () => {
  test("goes on where the page before ended, and ends with the last", () => {
    const list = read(down(25, 1), 3);
    expect(ids(list)).toEqual(down(25, 1).map((n) => row(n).id));
    expect(list.next).toBeNull();
  });

  test("leaves a page that was asked for before it began anew", () => {
    const list = read(down(25, 1), 1);
    expect(withPage(list, "3", ask(down(25, 1), "3", 10))).toBe(list);
  });

  test("can be asked anew from the page that holds a row", () => {
    const list = read(down(40, 1), 4);
    expect(markBefore(list, 9)).toBeNull();
    expect(markBefore(list, 10)).toEqual({ cursor: "31", at: 10 });
    expect(markBefore(list, 35)).toEqual({ cursor: "11", at: 30 });
  });
});

describe("a list whose beginning is read again", () => {
  test("takes in what is new at the top, and keeps what was read further down", () => {
    const list = read(down(30, 1), 3);
    const later = refreshed(list, null, ask(down(32, 1), null, 10), false);
    expect(ids(later)).toEqual(down(32, 1).map((n) => row(n).id));
    expect(later.held).toBe(0);
  });

  test("moves no row where it must hold, and says how many wait", () => {
    const list = read(down(30, 1), 3);
    const later = refreshed(list, null, ask(down(32, 1), null, 10), true);
    expect(ids(later)).toEqual(ids(list));
    expect(later).toMatchObject({ held: 2, gap: false });
  });

  test("begins anew where more have come than a page tells", () => {
    const list = read(down(30, 1), 3);
    const page = ask(down(100, 1), null, 10);
    expect(ids(refreshed(list, null, page, false))).toEqual(down(100, 91).map((n) => row(n).id));
    expect(refreshed(list, null, page, true)).toMatchObject({ rows: list.rows, held: 10, gap: true });
  });

  test("shows a row that has changed as it is now, and keeps those that have not as the same objects", () => {
    const list = read(down(5, 1), 1);
    const page = { rows: [row(5), row(4, 1), row(3), row(2), row(1)], next: null };
    const later = refreshed(list, null, page, true);
    expect(later.rows[1]?.updatedAt).toBe("1");
    expect(later.rows[0]).toBe(list.rows[0]);
  });

  test("marks a row that left while it holds, and lets it go otherwise", () => {
    const list = read(down(5, 1), 1);
    const page = ask([5, 4, 2, 1], null, 10);
    expect(refreshed(list, null, page, true).rows.map(({ left }) => left === true)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(ids(refreshed(list, null, page, false))).toEqual([5, 4, 2, 1].map((n) => row(n).id));
  });

  test("a row that left and is back is no longer marked", () => {
    const list = read(down(5, 1), 1);
    const without = refreshed(list, null, ask([5, 4, 2, 1], null, 10), true);
    expect(refreshed(without, null, ask(down(5, 1), null, 10), true).rows.some(({ left }) => left)).toBe(false);
  });
});

describe("a part further down that is read again", () => {
  test("changes its rows alone", () => {
    const list = read(down(30, 1), 3);
    const later = refreshed(list, "21", ask(down(30, 1), "21", 10, 1), true);
    expect(later.rows.map(({ updatedAt }) => updatedAt)).toEqual([
      ...Array.from({ length: 10 }, () => "0"),
      ...Array.from({ length: 10 }, () => "1"),
      ...Array.from({ length: 10 }, () => "0"),
    ]);
  });

  test("is left where the list does not know its place any more", () => {
    const list = read(down(30, 1), 3);
    expect(refreshed(list, "77", ask(down(30, 1), "77", 10), true)).toBe(list);
  });
});

const world = fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { maxLength: 80 });
const limits = fc.integer({ min: 1, max: 15 });

describe("whatever happens on the server", () => {
  test("what is read again without holding is in order, whole and without doubles", () => {
    fc.assert(
      fc.property(world, world, limits, fc.integer({ min: 1, max: 6 }), (before, after, limit, pages) => {
        const later = refreshed(read(before, pages, limit), null, ask(after, null, limit), false);
        const page = ask(after, null, limit);
        expect(ids(later).slice(0, page.rows.length)).toEqual(page.rows.map(({ id }) => id));
        expect(new Set(ids(later)).size).toBe(later.rows.length);
        expect(ids(later)).toEqual(ids(later).toSorted().toReversed());
        for (const { cursor, at } of later.marks)
          expect(later.rows.slice(at).every(({ id }) => id < row(Number(cursor)).id)).toBe(true);
      }),
    );
  });

  test("no row moves while it holds", () => {
    fc.assert(
      fc.property(world, world, limits, (before, after, limit) => {
        const list = read(before, 4, limit);
        let later = list;
        for (const cursor of [null, ...list.marks.map((mark) => mark.cursor)])
          later = refreshed(later, cursor, ask(after, cursor, limit + 80), true);
        expect(ids(later)).toEqual(ids(list));
        const there = new Set(after.map((n) => row(n).id));
        const stale = later.rows.filter(({ id, left }) => left !== true && !there.has(id));
        expect(later.gap ? [] : stale).toEqual([]);
      }),
    );
  });
});
