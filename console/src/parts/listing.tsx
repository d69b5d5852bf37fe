import { Button, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import type { ReactNode } from "react";
import { count, plural } from "./format.ts";
import css from "./listing.module.css";
import { useShortcuts } from "./shortcuts.tsx";
import { Empty } from "./states.tsx";

/** Rows shown before more are asked for. */
const PAGE = 100;

export interface Column<T> {
  name: string;
  render: (item: T) => ReactNode;
  /** Figures stand at the right. */
  num?: boolean;
}

interface TableProps<T> {
  /** What the table is of, for those who do not see it. */
  label: string;
  items: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (item: T) => string;
}

/** A table of things that are deployed or on record; the rest of a long one on demand. */
export function Table<T>({ label, items, columns, keyOf }: TableProps<T>): ReactNode {
  const [shown, setShown] = useState(PAGE);
  return (
    <>
      <table className={css["table"]} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ name, num }) => (
              <th key={name} scope="col" className={num === true ? css["num"] : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.slice(0, shown).map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ name, render, num }) => (
                <td key={name} className={num === true ? css["num"] : undefined}>
                  {render(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {items.length > shown && (
        <div className={css["more"]}>
          <Button variant="default" onClick={() => setShown(shown * 4)}>
            Show more of the {count(items.length - shown)} that follow
          </Button>
        </div>
      )}
    </>
  );
}

interface ListingProps<T> extends TableProps<T> {
  /** `prompt`, and `prompts` unless said otherwise. */
  what: string;
  many?: string;
  /** The words an item is found by. */
  words: (item: T) => string;
  /** The text of the filter, which the address holds. */
  q: string | undefined;
  onFilter: (q: string | undefined) => void;
  more?: ReactNode;
}

/** A page's table with a filter by words; `/` goes to the filter, `j` and `k` through the rows' links. */
export function Listing<T>({
  what,
  many = `${what}s`,
  words,
  q,
  onFilter,
  more,
  ...table
}: ListingProps<T>): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const wanted = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const matching = table.items.filter((item) => wanted.every((word) => words(item).toLowerCase().includes(word)));
  const move = (by: number): void => focusRow(frame.current, by);
  useShortcuts(table.label, [
    { keys: "/", label: "Filter by words", run: () => field.current?.focus() },
    { keys: "j", label: "Next row", run: () => move(1) },
    { keys: "k", label: "Row before", run: () => move(-1) },
  ]);
  return (
    <>
      <div className={css["tools"]}>
        <TextInput
          ref={field}
          className={css["filter"] ?? ""}
          aria-label={`Filter ${many} by words`}
          placeholder="Filter by words"
          value={q ?? ""}
          onChange={(event) => onFilter(event.currentTarget.value === "" ? undefined : event.currentTarget.value)}
        />
        {more}
        <output className={css["count"]}>
          {wanted.length === 0
            ? plural(table.items.length, what, many)
            : `${count(matching.length)} of ${plural(table.items.length, what, many)}`}
        </output>
      </div>
      <div className={css["frame"]} ref={frame}>
        {matching.length === 0 ? (
          <Empty title={`No ${what} has these words.`}>
            <Button variant="default" onClick={() => onFilter(undefined)}>
              Show all of them
            </Button>
          </Empty>
        ) : (
          <Table {...table} items={matching} />
        )}
      </div>
    </>
  );
}

/** Moves the focus to the first link of the row `by` rows on. */
function focusRow(frame: HTMLElement | null, by: number): void {
  const rows = [...(frame?.querySelectorAll<HTMLElement>("tbody tr") ?? [])];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at === -1 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next]?.querySelector<HTMLElement>("a, button")?.focus();
}
