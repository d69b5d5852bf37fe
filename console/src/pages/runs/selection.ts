import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { plural } from "../../parts/format.ts";
import type { Row } from "./row.ts";
import type { RunsPageSearch } from "./search.ts";

/** As many ids as an address can hold; more are chosen as all that match. */
const MAX_SELECTED = 250;

export interface Selection {
  /** All that match, also those that come. */
  all: boolean;
  ids: ReadonlySet<string>;
  some: boolean;
  /** Adds or takes away one; with `range` adds all between it and the one before. */
  pick(id: string, range: boolean): void;
  pickAll(): void;
  clear(): void;
}

/** Which runs are chosen. It stands in the address, so that a link shows the same choice. */
export function useSelection(search: RunsPageSearch, rows: readonly Row[]): Selection {
  const navigate = useNavigate();
  const { selected = "" } = search;
  const present = useRef({ selected, rows });
  const anchor = useRef<string | null>(null);
  useEffect(() => {
    present.current = { selected, rows };
  });
  const set = useCallback(
    (value: string) => {
      present.current.selected = value;
      void navigate({
        to: "/runs",
        search: ({ selected: _before, ...filters }) => (value === "" ? filters : { ...filters, selected: value }),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate],
  );
  const pick = useCallback(
    (id: string, range: boolean) => {
      if (present.current.selected === "all") return;
      const before = idsOf(present.current.selected);
      const wanted = range ? withRange(before, present.current.rows, anchor.current ?? id, id) : toggled(before, id);
      anchor.current = id;
      if (wanted.length > MAX_SELECTED) tellLimit(wanted.length);
      set(wanted.slice(0, MAX_SELECTED).join("."));
    },
    [set],
  );
  const ids = useMemo(() => new Set(selected === "all" ? [] : idsOf(selected)), [selected]);
  return useMemo(
    () => ({
      all: selected === "all",
      ids,
      some: selected !== "",
      pick,
      pickAll: () => set("all"),
      clear: () => set(""),
    }),
    [selected, ids, pick, set],
  );
}

function idsOf(selected: string): string[] {
  return selected === "" ? [] : selected.split(".");
}

function toggled(ids: readonly string[], id: string): string[] {
  return ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id];
}

/** With all rows from one to the other, in either direction. */
export function withRange(ids: readonly string[], rows: readonly Row[], from: string, to: string): string[] {
  const [a, b] = [rows.findIndex(({ id }) => id === from), rows.findIndex(({ id }) => id === to)];
  if (a === -1 || b === -1) return [...new Set([...ids, to])];
  const between = rows.slice(Math.min(a, b), Math.max(a, b) + 1).map(({ id }) => id);
  return [...new Set([...ids, ...between])];
}

function tellLimit(wanted: number): void {
  notifications.show({
    color: "yellow",
    title: `${plural(MAX_SELECTED, "run")} of ${wanted} are selected`,
    message: "More than that cannot be picked one by one. Filter, then select all that match.",
  });
}
