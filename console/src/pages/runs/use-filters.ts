import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { filterKey } from "./ask.ts";
import { forgetPlace } from "./place.ts";
import { runsSearch, withFilters } from "./search.ts";
import type { RunFilterName, RunsPageSearch, RunsSearch } from "./search.ts";

export type Change = { [name in RunFilterName]?: string | undefined };

export interface Filters {
  /** All that the address says, the selection too. */
  search: RunsPageSearch;
  /** The same object as long as the filters are the same. */
  filters: RunsSearch;
  key: string;
  /** Sets and removes filters; each is a step of the browser's history unless it replaces the one before. */
  set(change: Change, replace?: boolean): void;
  clear(): void;
}

/** What the list is filtered by: the address says it. */
export function useFilters(): Filters {
  const search = useSearch({ from: "/frame/runs" });
  const navigate = useNavigate();
  const key = filterKey(search);
  // oxlint-disable-next-line react/exhaustive-deps -- the key says all that matters of it
  const filters = useMemo(() => runsSearch({ ...search }), [key]);
  const go = useCallback(
    (next: RunsSearch, replace: boolean) => {
      forgetPlace(filterKey(next));
      void navigate({ to: "/runs", search: next, replace, resetScroll: false });
    },
    [navigate],
  );
  const set = useCallback(
    (change: Change, replace = false) => go(withFilters(filters, change), replace),
    [filters, go],
  );
  const clear = useCallback(() => go({}, false), [go]);
  return { search, filters, key, set, clear };
}
