import { Button, Popover, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import { usePreferences, zoneOf } from "../../parts/preferences.ts";
import { useNow } from "../../parts/time.tsx";
import { isAge } from "./labels.ts";
import type { Filters } from "./use-filters.ts";
import { clockText, momentOf } from "./zoned.ts";
import css from "./time-filter.module.css";

const LOCAL = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const PRESETS = ["1h", "24h", "7d", "30d"] as const;

/** When the runs were created: within a time up to now, or between two moments on the clock of the chosen zone. */
export function TimeFilter({ filters }: { filters: Filters }): ReactNode {
  const [opened, setOpened] = useState(false);
  const { since, until } = filters.filters;
  const preset = until === undefined ? since : null;
  const isCustom = since === undefined ? until !== undefined : preset === null || !isAge(since);
  return (
    <fieldset className={css["group"]}>
      <legend className="visually-hidden">Created within</legend>
      {PRESETS.map((age) => (
        <button
          key={age}
          type="button"
          aria-pressed={preset === age}
          onClick={() => filters.set({ since: age, until: undefined })}
        >
          {age}
        </button>
      ))}
      <button
        type="button"
        aria-pressed={since === undefined && until === undefined}
        onClick={() => filters.set({ since: undefined, until: undefined })}
      >
        All
      </button>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <button type="button" aria-pressed={isCustom} aria-expanded={opened} onClick={() => setOpened(!opened)}>
            Custom…
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <Between filters={filters} onDone={() => setOpened(false)} />
        </Popover.Dropdown>
      </Popover>
    </fieldset>
  );
}

function Between({ filters, onDone }: { filters: Filters; onDone: () => void }): ReactNode {
  const zone = zoneOf(usePreferences());
  const now = useNow();
  const begin = (time: string | undefined, otherwise: string): string => {
    const at = time === undefined || isAge(time) ? Number.NaN : Date.parse(time);
    return Number.isNaN(at) ? otherwise : clockText(at, zone);
  };
  const [from, setFrom] = useState(() => begin(filters.filters.since, clockText(now - 86_400_000, zone)));
  const [to, setTo] = useState(() => begin(filters.filters.until, ""));
  const [since, until] = [momentOf(from, zone), momentOf(to, zone)];
  const isEmpty = since !== null && until !== null && until <= since;
  return (
    <form
      className={css["between"]}
      onSubmit={(event) => {
        event.preventDefault();
        filters.set({ since: iso(since), until: iso(until) });
        onDone();
      }}
    >
      <TextInput
        type="datetime-local"
        label="From"
        value={from}
        onChange={({ currentTarget }) => setFrom(currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        label="To (empty: now and on)"
        value={to}
        onChange={({ currentTarget }) => setTo(currentTarget.value)}
        error={isEmpty ? "This is not after the beginning." : undefined}
      />
      <p className={css["zone"]}>Times in {zone ?? `this browser's zone, ${LOCAL}`}</p>
      <Button type="submit" disabled={isEmpty || (since === null && until === null)}>
        Show these
      </Button>
    </form>
  );
}

function iso(at: number | null): string | undefined {
  return at === null ? undefined : new Date(at).toISOString();
}
