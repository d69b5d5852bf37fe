import { useVirtualizer } from "@tanstack/react-virtual";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import type { KeyboardEvent, MouseEvent, ReactNode, RefObject } from "react";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import type { RunList } from "./list.ts";
import { keepPlace, placeOf } from "./place.ts";
import { RowView } from "./row-view.tsx";
import type { Selection } from "./selection.ts";
import css from "./table.module.css";

const ROW_HEIGHT = 48;
/** Of the column names, which stay, and of the bar that a selection brings. */
const HEADER_HEIGHT = 32;
const BAR_HEIGHT = 56;
/** Rows drawn beyond the screen on both sides, so that fast scrolling meets rows. */
const OVERSCAN = 24;
/** Grey rows while the next page is on its way. */
const COMING = 12;

interface TableProps {
  list: RunList;
  /** Of the filters; the place on the list is kept by it. */
  filterKey: string;
  total: number | undefined;
  isOld: boolean;
  /** All are of one workflow, which need not be named in each row. */
  oneWorkflow: boolean;
  selection: Selection;
  onScreen(first: number, last: number): void;
  onTop(atTop: boolean): void;
  onReading(isReading: boolean): void;
  scroller: RefObject<HTMLDivElement | null>;
}

/** The rows of all pages read so far, of which only those near the screen are in the document. */
export function Table(props: TableProps): ReactNode {
  const { list, total, isOld, selection, scroller } = props;
  const navigate = useNavigate();
  const { virtualizer, items } = useRows(props);
  const go = useMoves(props, (index) => virtualizer.scrollToIndex(index, { align: "auto" }));
  const moves = useRef(go);
  useEffect(() => {
    moves.current = go;
  });
  const onKey = useCallback((event: KeyboardEvent) => {
    if (!event.metaKey && !event.ctrlKey && !event.altKey && moves.current(event.key)) event.preventDefault();
  }, []);
  const onOpen = useCallback(
    (event: MouseEvent, id: string) => {
      // Anything but a plain click is the browser's: a new tab, a new window, a download.
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
      event.preventDefault();
      void navigate({ to: "/runs/$runId", params: { runId: id } });
    },
    [navigate],
  );
  return (
    <div ref={scroller} className={css["scroller"]}>
      <table
        aria-label="Runs"
        aria-rowcount={total === undefined ? -1 : total + 1}
        aria-busy={isOld}
        data-one-workflow={props.oneWorkflow}
        className={css["table"]}
      >
        <Header />
        <tbody className={css["rows"]} style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = list.rows[index];
            if (row === undefined) return <Coming key={index} top={start} />;
            return (
              <RowView
                key={row.id}
                row={row}
                top={start}
                position={index + 2}
                selected={selection.all || selection.ids.has(row.id)}
                fixed={selection.all}
                onOpen={onOpen}
                onPick={selection.pick}
                onKey={onKey}
                onReading={props.onReading}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function useRows({ list, filterKey, scroller, onScreen, onTop }: TableProps): {
  virtualizer: ReturnType<typeof useVirtualizer<HTMLDivElement, HTMLDivElement>>;
  items: { index: number; start: number }[];
} {
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: list.rows.length + (list.next === null ? 0 : COMING),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollPaddingEnd: HEADER_HEIGHT + BAR_HEIGHT,
    initialOffset: () => placeOf(filterKey),
    useFlushSync: false,
    onChange: ({ range, scrollOffset }) => {
      if (range !== null) onScreen(range.startIndex, range.endIndex);
      onTop((scrollOffset ?? 0) <= 0);
      keepPlace(filterKey, scrollOffset ?? 0);
    },
  });
  const shown = useRef(filterKey);
  useEffect(() => {
    if (shown.current === filterKey) return;
    shown.current = filterKey;
    virtualizer.scrollToOffset(placeOf(filterKey));
  }, [filterKey, virtualizer]);
  return { virtualizer, items: virtualizer.getVirtualItems() };
}

/** Moves through the rows by keys. The one moved to has the focus, so that Enter opens it as any link. */
function useMoves({ list, selection, scroller }: TableProps, show: (index: number) => void): (key: string) => boolean {
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    // Drawn only once it has been scrolled to.
    if (wanted.current === null) return;
    const link = scroller.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(wanted.current)}"] a`);
    if (link === null || link === undefined) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });
  const present = (): number => {
    const id = document.activeElement?.closest<HTMLElement>("[data-run]")?.dataset["run"];
    return id === undefined ? -1 : list.rows.findIndex((row) => row.id === id);
  };
  const move = (to: number): void => {
    const index = Math.max(0, Math.min(list.rows.length - 1, to));
    const row = list.rows[index];
    if (row === undefined) return;
    show(index);
    const link = scroller.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(row.id)}"] a`);
    if (link === null || link === undefined) wanted.current = row.id;
    else link.focus({ preventScroll: true });
  };
  const step = (by: number): void => {
    const at = present();
    move(at === -1 ? firstOnScreen(scroller.current) : at + by);
  };
  const pick = (range: boolean): void => {
    const row = list.rows[present()];
    if (row !== undefined) selection.pick(row.id, range);
  };
  useShortcuts("Runs", [
    { keys: "j", label: "Next run (↓ in the list)", run: () => step(1) },
    { keys: "k", label: "Run before (↑ in the list)", run: () => step(-1) },
    { keys: "x", label: "Select the run; with Shift all from the one before", run: (event) => pick(event.shiftKey) },
    { keys: "a", label: "Select all that match", run: selection.pickAll },
  ]);
  return (key) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const moves: Record<string, () => void> = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      PageDown: () => move(present() + page),
      PageUp: () => move(present() - page),
      Home: () => move(0),
      End: () => move(list.rows.length - 1),
    };
    moves[key]?.();
    return key in moves;
  };
}

function firstOnScreen(scroller: HTMLDivElement | null): number {
  return Math.ceil((scroller?.scrollTop ?? 0) / ROW_HEIGHT);
}

function Header(): ReactNode {
  return (
    <thead className={css["header"]}>
      <tr aria-rowindex={1} className={css["heads"]}>
        <th scope="col">
          <span className="visually-hidden">Selected</span>
        </th>
        <th scope="col">Status</th>
        <th scope="col">Event and outcome</th>
        <th scope="col" className={css["pinned"]}>
          Stage, release, prompt
        </th>
        <th scope="col" className={css["right"]}>
          Took, cost
        </th>
        <th scope="col" className={css["right"]}>
          Created
        </th>
      </tr>
    </thead>
  );
}

function Coming({ top }: { top: number }): ReactNode {
  return (
    <tr className={css["coming"]} aria-hidden="true" style={{ transform: `translateY(${top}px)` }}>
      <td>…</td>
    </tr>
  );
}
