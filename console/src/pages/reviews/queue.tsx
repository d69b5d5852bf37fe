import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { Review } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { count, plural } from "../../parts/format.ts";
import { Keys } from "../../parts/keys.tsx";
import { Page } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { forgetSkipped, useSkipped } from "./kept.ts";
import { useNext } from "./next.ts";
import { countsQuery, listQuery, queueFilter } from "./queries.ts";
import { QueueFilters } from "./queue-filters.tsx";
import { QueueTable } from "./queue-table.tsx";
import css from "./queue.module.css";
import type { ReviewsSearch } from "./search.ts";
import { NothingWaits } from "./today.tsx";

/** What waits for a person, in the order it is to be looked at. */
export function Queue(): ReactNode {
  const search = useSearch({ from: "/frame/reviews" });
  const filter = useMemo(() => queueFilter(search), [search]);
  const status = search.status ?? "open";
  const { data: session } = useQuery(sessionQuery);
  const canReview = atLeast(session, "reviewer");
  const next = useNext(search);
  const list = useQueue(filter, status);
  const [selected, setSelected] = useState<string | null>(null);
  const navigate = useNavigate();
  const { rows } = list;
  const at = rows.findIndex(({ review_id: id }) => id === selected);
  const move = (by: number): void =>
    setSelected(rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.review_id ?? null);
  const open = (id: string | null): void => {
    if (id !== null && canReview) void navigate({ to: "/reviews/$reviewId", params: { reviewId: id }, search });
  };
  useShortcuts("Review queue", [
    ...(canReview ? [{ keys: "n", label: "Take the next free review", run: () => void next.go() }] : []),
    { keys: "j", label: "Next row", run: () => move(1) },
    { keys: "k", label: "Previous row", run: () => move(-1) },
    { keys: "enter", label: "Open the row", run: (event) => !isControl(event) && open(selected) },
  ]);
  return (
    <Page
      title="Reviews"
      fill
      actions={
        canReview && (
          <Button onClick={() => void next.go()} loading={next.isGoing} rightSection={<Keys keys="n" />}>
            Review the next
          </Button>
        )
      }
    >
      <QueueFilters search={search} />
      <Free filter={filter} status={status} />
      {!canReview && session !== undefined && (
        <p className={css["note"]}>
          You are signed in as {session.role}: you see the queue; only reviewers open an item.
        </p>
      )}
      {list.error !== null ? (
        <Failed error={list.error} again={list.again} />
      ) : list.isLoading ? (
        <Loading rows={12} />
      ) : rows.length === 0 ? (
        <NothingWaits search={search} me={session?.name} />
      ) : (
        <QueueTable
          {...{ rows, selected, setSelected, canReview, search, status }}
          me={session?.name}
          more={list.more}
          hasMore={list.hasMore}
        />
      )}
    </Page>
  );
}

/** Enter on a link or a button does what that does. */
function isControl({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest("a, button, [role=tab], input") !== null;
}

interface QueueList {
  rows: readonly Review[];
  isLoading: boolean;
  error: unknown;
  again(): void;
  hasMore: boolean;
  more(): void;
}

/** As many pages as this are asked for again with every change; more of them less often. */
const FEW_PAGES = 2;
const SELDOM_MS = 10_000;

function useQueue(filter: ReturnType<typeof queueFilter>, status: NonNullable<ReviewsSearch["status"]>): QueueList {
  const client = useQueryClient();
  const query = useInfiniteQuery(listQuery(filter, status));
  const { data, error, fetchNextPage, hasNextPage, isFetching } = query;
  // This query changes with every change of the queue: the list follows it at a pace of its own.
  const { dataUpdatedAt: changedAt } = useQuery(countsQuery(filter));
  const followed = useRef({ at: 0, key: "" });
  const pages = data?.pages.length ?? 0;
  useEffect(() => {
    if (changedAt === 0) return undefined;
    const key = JSON.stringify([filter, status]);
    const isFirst = followed.current.key !== key;
    const wait = isFirst || pages <= FEW_PAGES ? 0 : Math.max(0, followed.current.at + SELDOM_MS - Date.now());
    const follow = (): void => {
      followed.current = { at: Date.now(), key };
      if (!isFirst) void client.invalidateQueries({ queryKey: listQuery(filter, status).queryKey });
    };
    const timer = setTimeout(follow, wait);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the number of pages alone asks for nothing
  }, [changedAt, client, filter, status]);
  const rows = useMemo(() => {
    const found = new Map(data?.pages.flatMap(({ items }) => items).map((item) => [item.review_id, item]));
    return [...found.values()];
  }, [data]);
  return {
    rows,
    isLoading: data === undefined && error === null,
    error: data === undefined ? error : null,
    again: () => void query.refetch(),
    hasMore: hasNextPage,
    more: () => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
  };
}

/** What of the queue is in somebody's hands or put aside, where that is worth a word. */
function Free({ filter, status }: { filter: ReturnType<typeof queueFilter>; status: string }): ReactNode {
  const { data } = useQuery(countsQuery(filter));
  const skipped = useSkipped();
  if (status !== "open") return null;
  // Its line is there from the start, so that the rows do not move when somebody takes one.
  if (data === undefined) return <p className={css["note"]}>&nbsp;</p>;
  const others = data.claimed - data.mine;
  return (
    <output className={css["note"]}>
      {count(data.open)} open
      {others > 0 && <> · {count(others)} with others</>}
      {data.mine > 0 && <> · {count(data.mine)} with you</>}
      {skipped.length > 0 && (
        <>
          {" · "}you skipped {plural(skipped.length, "review")}{" "}
          <button type="button" className={css["link"]} onClick={forgetSkipped}>
            Offer them again
          </button>
        </>
      )}
    </output>
  );
}
