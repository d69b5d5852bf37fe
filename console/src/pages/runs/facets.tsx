import { Button, Popover } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import type { ReactNode } from "react";
import type { RunFacets } from "../../api/schema.gen.ts";
import { count } from "../../parts/format.ts";
import { FACETS, FILTER_LABEL, valueLabel } from "./labels.ts";
import type { FacetName } from "./labels.ts";
import type { Filters } from "./use-filters.ts";
import css from "./facets.module.css";

/** Values of one facet before the rest is asked for. */
const SHOWN = 6;

/** Whether there is room for the panel beside the list. */
export function useWide(): boolean {
  return useMediaQuery("(min-width: 1180px)", true, { getInitialValueInEffect: false });
}

interface PanelProps {
  filters: Filters;
  facets: RunFacets | undefined;
  failed: boolean;
}

/** Beside the list: what runs there are, by everything they can be told apart by. */
export function FacetColumn(props: PanelProps): ReactNode {
  return (
    <aside className={css["column"]} aria-label="Filter by">
      <Panel {...props} />
    </aside>
  );
}

/** The same behind a button, where there is no room beside the list. */
export function FacetPopover(props: PanelProps): ReactNode {
  const active = FACETS.filter((name) => props.filters.filters[name] !== undefined).length;
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilter size={14} aria-hidden="true" />}>
          Filters{active > 0 ? ` (${active})` : ""}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={css["popover"]}>
        <Panel {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Panel({ filters, facets, failed }: PanelProps): ReactNode {
  if (failed && facets === undefined) return <p className={css["failed"]}>The counts could not be read.</p>;
  return FACETS.map((name) => <Facet key={name} name={name} counted={facets?.facets[name]} filters={filters} />);
}

interface Counted {
  value: string;
  count: number;
}

function Facet({ name, counted, filters }: FacetProps): ReactNode {
  const [all, setAll] = useState(false);
  const active = filters.filters[name];
  const values = withActive(counted ?? [], active);
  if (counted !== undefined && values.length === 0) return null;
  const shown = all ? values : values.slice(0, SHOWN);
  return (
    <section className={css["facet"]} aria-label={FILTER_LABEL[name]}>
      <h2 className={css["title"]}>{FILTER_LABEL[name]}</h2>
      {counted === undefined ? (
        <div className={css["coming"]} />
      ) : (
        shown.map(({ value, count: n }) => (
          <button
            key={value}
            type="button"
            className={css["value"]}
            aria-pressed={value === active}
            title={valueLabel(name, value)}
            onClick={() => filters.set({ [name]: value === active ? undefined : value })}
          >
            <bdi className={css["name"]}>{valueLabel(name, value)}</bdi>
            <span className={css["count"]}>{count(n)}</span>
          </button>
        ))
      )}
      {values.length > SHOWN && (
        <button type="button" className={css["more"]} onClick={() => setAll(!all)}>
          {all ? "fewer" : `${values.length - SHOWN} more`}
        </button>
      )}
    </section>
  );
}

interface FacetProps {
  name: FacetName;
  counted: readonly Counted[] | undefined;
  filters: Filters;
}

/** What is filtered by stays to be seen and taken away, also where nothing has it. */
function withActive(values: readonly Counted[], active: string | undefined): readonly Counted[] {
  if (active === undefined) return values;
  const at = values.findIndex(({ value }) => value === active);
  if (at >= 0 && at < SHOWN) return values;
  const found = values[at] ?? { value: active, count: 0 };
  return [found, ...values.filter(({ value }) => value !== active)];
}
