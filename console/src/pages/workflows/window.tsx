import { Popover } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useContext, useState } from "react";
import type { ReactNode } from "react";
import { dateTime } from "../../parts/format.ts";
import { usePreferences, zoneOf } from "../../parts/preferences.ts";
import { TimeBetween } from "../../parts/time-between.tsx";
import css from "../../parts/time-window.module.css";
import { LookedAt } from "./runs-link.tsx";
import { workflowSearch } from "./search.ts";
import type { Window } from "./search.ts";

const PRESETS = ["1h", "24h", "7d", "30d"] as const;

/** Of which runs the figures are: those that came in within it. */
export function WindowPicker(): ReactNode {
  const { window, workflow } = useContext(LookedAt);
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const preset = PRESETS.find((age) => window.until === undefined && window.since === age);
  const set = (next: Window): void => {
    setOpened(false);
    void navigate({
      to: "/workflows/$name",
      params: { name: workflow },
      search: (before) => workflowSearch({ ...before, until: undefined, ...next }),
      resetScroll: false,
    });
  };
  return (
    <fieldset className={css["group"]} aria-label="Runs that came in within">
      {PRESETS.map((age) => (
        <button key={age} type="button" aria-pressed={preset === age} onClick={() => set({ since: age })}>
          {age}
        </button>
      ))}
      <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <button
            type="button"
            aria-pressed={preset === undefined}
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            {preset === undefined ? <Custom window={window} /> : "Custom…"}
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <TimeBetween
            since={window.since}
            until={window.until}
            needsSince
            onSet={({ since = window.since, until }) => set({ since, ...(until === undefined ? {} : { until }) })}
          />
        </Popover.Dropdown>
      </Popover>
    </fieldset>
  );
}

function Custom({ window: { since, until } }: { window: Window }): ReactNode {
  const zone = zoneOf(usePreferences());
  const text = (time: string): string => {
    const at = Date.parse(time);
    return Number.isNaN(at) ? time : dateTime(at, zone).slice(0, 16);
  };
  return `${text(since)} – ${until === undefined ? "now" : text(until)}`;
}
