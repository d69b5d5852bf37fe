import { Popover } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import { TimeBetween } from "../../parts/time-between.tsx";
import css from "../../parts/time-window.module.css";
import { isAge } from "./labels.ts";
import type { Filters } from "./use-filters.ts";

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
          <TimeBetween
            since={since}
            until={until}
            onSet={(chosen) => {
              filters.set(chosen);
              setOpened(false);
            }}
          />
        </Popover.Dropdown>
      </Popover>
    </fieldset>
  );
}
