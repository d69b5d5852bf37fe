import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { RunFacets } from "../../api/schema.gen.ts";
import { Page } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { asked } from "./ask.ts";
import { Chips } from "./chips.tsx";
import { CohortBar } from "./cohort.tsx";
import { FacetColumn, FacetPopover, useWide } from "./facets.tsx";
import { NoRuns } from "./no-runs.tsx";
import type { Row } from "./row.ts";
import { useSelection } from "./selection.ts";
import { Table } from "./table.tsx";
import { TextFilter } from "./text-filter.tsx";
import { TimeFilter } from "./time-filter.tsx";
import { useFilters } from "./use-filters.ts";
import type { Filters } from "./use-filters.ts";
import { useRuns } from "./use-runs.ts";
import type { Runs as RunsRead, View } from "./use-runs.ts";
import css from "./runs.module.css";

/** The runs: which there are, which match, and what can be done with many at once. */
export function Runs(): ReactNode {
  const filters = useFilters();
  const { facets, failed } = useFacets(filters);
  const wide = useWide();
  useShortcuts("Runs", [{ keys: "c", label: "Clear all filters", run: filters.clear }]);
  return (
    <Page
      title="Runs"
      fill
      actions={
        <>
          {!wide && <FacetPopover filters={filters} facets={facets} failed={failed} />}
          <TextFilter filters={filters} />
          <TimeFilter filters={filters} />
        </>
      }
    >
      <div className={css["body"]}>
        {wide && <FacetColumn filters={filters} facets={facets} failed={failed} />}
        <List filters={filters} facets={facets} />
      </div>
    </Page>
  );
}

function useFacets({ filters, key }: Filters): { facets: RunFacets | undefined; failed: boolean } {
  const { data, isError } = useQuery({
    queryKey: ["runs", "facets", key],
    queryFn: ({ signal }) => call("GET /v1/runs/facets", { query: asked(filters), signal }),
    placeholderData: keepPreviousData,
  });
  return { facets: data, failed: isError };
}

const NONE: readonly Row[] = [];

function List({ filters, facets }: { filters: Filters; facets: RunFacets | undefined }): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const [atTop, setAtTop] = useState(true);
  const [isReading, setReading] = useState(false);
  const { view, onScreen } = useView(filters.key);
  const hold = !atTop || isReading || filters.search.selected !== undefined;
  const runs = useRuns(filters.filters, view, hold);
  const selection = useSelection(filters.search, runs.list?.rows ?? NONE);
  const { list } = runs;
  return (
    <section className={css["list"]} aria-label="List of runs">
      <Chips filters={filters} total={facets?.total} />
      {runs.error !== null ? (
        <Failed error={runs.error} again={runs.again} />
      ) : list === undefined ? (
        <Loading rows={12} height={48} />
      ) : list.rows.length === 0 && !runs.isOld ? (
        <NoRuns filters={filters} />
      ) : (
        <Table
          list={list}
          filterKey={filters.key}
          total={facets?.total}
          isOld={runs.isOld}
          oneWorkflow={filters.filters.workflow !== undefined}
          selection={selection}
          onScreen={onScreen}
          onTop={setAtTop}
          onReading={setReading}
          scroller={scroller}
        />
      )}
      <Held runs={runs} onShow={() => scroller.current?.scrollTo({ top: 0 })} />
      {runs.moreError !== null && (
        <div className={css["more"]}>
          <Failed error={runs.moreError} again={runs.moreAgain} />
        </div>
      )}
      {selection.some && (
        <CohortBar filters={filters} selection={selection} rows={list?.rows ?? NONE} facets={facets} />
      )}
    </section>
  );
}

/** What has come meanwhile, when nothing may move. */
function Held({ runs: { list, renew }, onShow }: { runs: RunsRead; onShow: () => void }): ReactNode {
  const held = list?.held ?? 0;
  return (
    <output className={css["held"]}>
      {held > 0 && (
        <button
          type="button"
          onClick={() => {
            void renew().then(onShow);
          }}
        >
          ↑ {held}
          {list?.gap === true ? "+" : ""} new {held === 1 ? "run" : "runs"}
        </button>
      )}
    </output>
  );
}

const BEGINNING: View = { first: 0, last: 40, wanted: 500 };
/** Rows that are read ahead of the last one on the screen. */
const AHEAD = 800;
const REST_MS = 150;

/** Which rows are on the screen: at once where more have to be read, else when the scrolling rests. */
function useView(key: string): { view: View; onScreen: (first: number, last: number) => void } {
  const [kept, setKept] = useState({ key, view: BEGINNING });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onScreen = useCallback(
    (first: number, last: number) => {
      const change = (how: (view: View) => View): void =>
        setKept((before) => {
          const view = before.key === key ? before.view : BEGINNING;
          const next = how(view);
          return next === before.view ? before : { key, view: next };
        });
      change((view) => (last + AHEAD > view.wanted ? { ...view, wanted: last + 2 * AHEAD } : view));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        change((view) => (view.first === first && view.last === last ? view : { ...view, first, last }));
      }, REST_MS);
    },
    [key],
  );
  return { view: kept.key === key ? kept.view : BEGINNING, onScreen };
}
