import { Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { RunFacets } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { count } from "../../parts/format.ts";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { filterCommand, fixedTimes, runsCommand } from "./cohort-text.ts";
import type { Cohort } from "./cohort-text.ts";
import { CohortCost } from "./cohort-cost.tsx";
import { hasEnded, toRow } from "./row.ts";
import type { Row } from "./row.ts";
import type { RunsSearch } from "./search.ts";
import type { Selection } from "./selection.ts";
import type { Filters } from "./use-filters.ts";
import css from "./cohort.module.css";

const CancelRuns = lazy(() => import("./bulk-acts.tsx").then((module) => ({ default: module.CancelRuns })));
const RedriveRuns = lazy(() => import("./bulk-acts.tsx").then((module) => ({ default: module.RedriveRuns })));

interface CohortProps {
  filters: Filters;
  selection: Selection;
  rows: readonly Row[];
  facets: RunFacets | undefined;
}

/** Over the end of the list while runs are selected: how many, what they cost, and what can be done with them. */
export function CohortBar({ filters, selection, rows, facets }: CohortProps): ReactNode {
  const chosen = useChosen(selection, rows);
  const n = selection.all ? (facets?.total ?? 0) : selection.ids.size;
  const cohort: Cohort = useMemo(
    () => (selection.all ? { all: true, filters: filters.filters } : { all: false, rows: chosen }),
    [selection.all, filters.filters, chosen],
  );
  useShortcuts("Selected runs", [{ keys: "escape", label: "Clear the selection", run: selection.clear }]);
  return (
    <section className={css["bar"]} aria-label="Selected runs">
      <output className={css["count"]}>{selection.all ? `All ${count(n)} that match` : `${count(n)} selected`}</output>
      <CohortCost cohort={cohort} key={selection.all ? filters.key : ""} />
      {!selection.all && facets !== undefined && facets.total > n && (
        <Button variant="subtle" onClick={selection.pickAll}>
          Select all {count(facets.total)} that match
        </Button>
      )}
      <span className={css["room"]} />
      <CopyMenu filters={filters.filters} selection={selection} />
      <Acts cohort={cohort} counts={countsOf(cohort, facets)} />
      <Button variant="subtle" color="gray" onClick={selection.clear} rightSection={<kbd>Esc</kbd>}>
        Clear
      </Button>
    </section>
  );
}

/** What is known of the chosen runs; those that the list has not come to are asked for one by one. */
function useChosen({ ids }: Selection, rows: readonly Row[]): Row[] {
  const known = useMemo(() => new Map(rows.filter(({ id }) => ids.has(id)).map((row) => [row.id, row])), [ids, rows]);
  const others = [...ids].filter((id) => !known.has(id));
  const read = useQueries({
    queries: others.map((id) => ({
      queryKey: ["run", id],
      queryFn: ({ signal }: { signal: AbortSignal }) => call("GET /v1/runs/{id}", { params: { id }, signal }),
    })),
    combine: (results) => results.flatMap(({ data }) => (data === undefined ? [] : [toRow(data)])),
  });
  return useMemo(() => [...known.values(), ...read], [known, read]);
}

interface ActCounts {
  /** Not ended yet. */
  live: number;
  dead: number;
}

const LIVE: ReadonlySet<string> = new Set(["queued", "running", "waiting"]);

function countsOf(cohort: Cohort, facets: RunFacets | undefined): ActCounts {
  if (!cohort.all) {
    const live = cohort.rows.filter((row) => !hasEnded(row)).length;
    return { live, dead: cohort.rows.filter(({ status }) => status === "dead").length };
  }
  const { status } = cohort.filters;
  // Counted under all filters but that of the status itself.
  const among = (facets?.facets.status ?? []).filter(({ value }) => status === undefined || value === status);
  const sum = (is: (value: string) => boolean): number =>
    among.reduce((total, each) => total + (is(each.value) ? each.count : 0), 0);
  return { live: sum((value) => LIVE.has(value)), dead: sum((value) => value === "dead") };
}

/** What may be done with them; whoever may not is told which role it takes. */
function Acts({ cohort, counts }: { cohort: Cohort; counts: ActCounts }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  const [open, setOpen] = useState<"cancel" | "redrive" | null>(null);
  if (!atLeast(session, "operator"))
    return (
      <span className={css["why"]}>Cancelling and redriving take the role operator; you are {session?.role}.</span>
    );
  const close = (): void => setOpen(null);
  return (
    <>
      <Button
        variant="default"
        disabled={counts.live === 0}
        title={counts.live === 0 ? "All of them have ended" : undefined}
        onClick={() => setOpen("cancel")}
      >
        Cancel {count(counts.live)}…
      </Button>
      <Button
        variant="default"
        disabled={counts.dead === 0}
        title={counts.dead === 0 ? "None of them is dead" : undefined}
        onClick={() => setOpen("redrive")}
      >
        Redrive {count(counts.dead)}…
      </Button>
      <Suspense>
        {open === "cancel" && <CancelRuns cohort={cohort} onClose={close} />}
        {open === "redrive" && <RedriveRuns cohort={cohort} dead={counts.dead} onClose={close} />}
      </Suspense>
    </>
  );
}

async function copy(text: string, what: string): Promise<void> {
  const message = text.length > 160 ? `${text.slice(0, 160)}…` : text;
  try {
    await navigator.clipboard.writeText(text);
    notifications.show({ title: `${what} copied`, message });
  } catch {
    // Browsers give the clipboard to pages over https or from this machine only, and people can refuse it.
    notifications.show({
      color: "red",
      title: "The browser does not let this page copy",
      message: text,
      autoClose: false,
    });
  }
}

/** The cohort as something that can be sent, typed or kept. */
function CopyMenu({ filters, selection }: { filters: RunsSearch; selection: Selection }): ReactNode {
  const ids = [...selection.ids];
  const fixed = (): RunsSearch => fixedTimes(filters, Date.now());
  const items: [string, () => Promise<void>][] = [
    ["Copy address", () => copy(addressOf(filters, selection), "Address")],
    ...(selection.all
      ? ([
          ["Copy command", () => copy(filterCommand("list", fixed()), "Command")],
          ["Copy export command", () => copy(filterCommand("export", fixed()), "Command")],
        ] satisfies [string, () => Promise<void>][])
      : ([
          ["Copy command", () => copy(runsCommand(ids), "Command")],
          ["Copy ids", () => copy(ids.join("\n"), "Ids")],
        ] satisfies [string, () => Promise<void>][])),
  ];
  return (
    <Menu position="top-end" withinPortal>
      <Menu.Target>
        <Button variant="default">Copy…</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {items.map(([label, act]) => (
          <Menu.Item key={label} onClick={() => void act()}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A link that shows the same runs to whoever opens it, also later: times are fixed, what comes from now on is left out. */
function addressOf(filters: RunsSearch, selection: Selection): string {
  const search = selection.all
    ? { ...fixedTimes(filters, Date.now()), selected: "all" }
    : { ...filters, selected: [...selection.ids].join(".") };
  return `${location.origin}/runs?${new URLSearchParams(search)}`;
}
