import { keepPreviousData, skipToken, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { askRuns, filterKey } from "./ask.ts";
import { firstPage, markBefore, refreshed, withPage } from "./list.ts";
import type { RunList } from "./list.ts";
import type { RunsSearch } from "./search.ts";

/** Rows of the newest page, which is read again when runs change, and of those that follow. */
const HEAD = 100;
const PAGE = 200;

/** What of the list is on the screen, and how far it should have been read. */
export interface View {
  first: number;
  last: number;
  wanted: number;
}

export interface Runs {
  /** Undefined before the first page; of the filters before while those of the present ones come (`isOld`). */
  list: RunList | undefined;
  isOld: boolean;
  error: unknown;
  again(): void;
  /** Why the next page did not come. */
  moreError: unknown;
  moreAgain(): void;
  /** Begins the list anew, with what was held back. */
  renew(): Promise<void>;
}

/**
 * The runs that match, newest first, read page by page as far as `view` wants, and kept up to date: when runs change, the
 * newest page and the one on the screen are read again, however many have been read. With `hold` no row moves.
 */
export function useRuns(search: RunsSearch, view: View, hold: boolean): Runs {
  const client = useQueryClient();
  const key = filterKey(search);
  const listKey = ["run-list", key];
  const holding = useRef(hold);
  const { data: list, isPlaceholderData: isOld } = useQuery<RunList>({
    queryKey: listKey,
    queryFn: skipToken,
    // A list is replaced as a whole: comparing it row by row would cost more than drawing it.
    structuralSharing: false,
    placeholderData: keepPreviousData,
  });
  const change = (how: (list: RunList) => RunList): void => {
    client.setQueryData<RunList>(listKey, (before) => before && how(before));
  };
  const head = useQuery({
    queryKey: ["runs", "head", key],
    queryFn: async ({ signal }) => {
      const page = await askRuns(search, null, HEAD, signal);
      client.setQueryData<RunList>(listKey, (before) =>
        before === undefined ? firstPage(page) : refreshed(before, null, page, holding.current),
      );
      return Date.now();
    },
  });
  const mine = isOld ? undefined : list;
  const next = mine?.next ?? null;
  const more = useQuery({
    queryKey: ["run-list-page", key, next],
    enabled: next !== null && (mine?.rows.length ?? 0) < view.wanted,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const page = await askRuns(search, next, PAGE, signal);
      change((before) => withPage(before, next ?? "", page));
      return Date.now();
    },
  });
  useScreen(search, mine, view, change);
  const { refetch } = head;
  useEffect(() => {
    holding.current = hold;
    if (!hold) void refetch({ cancelRefetch: false });
  }, [hold, refetch]);
  const renew = useCallback(async () => {
    const page = await askRuns(search, null, HEAD, undefined);
    client.setQueryData<RunList>(["run-list", filterKey(search)], firstPage(page));
  }, [client, search]);
  return {
    list,
    isOld,
    error: head.isError && mine === undefined ? head.error : null,
    again: () => void refetch(),
    moreError: more.isError ? more.error : null,
    moreAgain: () => void more.refetch(),
    renew,
  };
}

/** Keeps the rows on the screen fresh where they are not among the newest. */
function useScreen(
  search: RunsSearch,
  list: RunList | undefined,
  { first, last }: View,
  change: (how: (list: RunList) => RunList) => void,
): void {
  const mark = list === undefined || last < HEAD ? null : markBefore(list, first);
  // In steps, so that a small movement of the screen asks for nothing.
  const limit = Math.min(500, Math.ceil((last + 1 - (mark?.at ?? 0)) / 100) * 100);
  useQuery({
    queryKey: ["runs", "screen", filterKey(search), mark?.cursor, limit],
    enabled: mark !== null && limit > 0,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const cursor = mark?.cursor ?? null;
      const page = await askRuns(search, cursor, limit, signal);
      change((before) => refreshed(before, cursor, page, true));
      return Date.now();
    },
  });
}
