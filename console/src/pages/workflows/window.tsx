import { Button, Popover, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useContext, useState } from "react";
import type { ReactNode } from "react";
import { dateTime } from "../../parts/format.ts";
import { usePreferences, zoneOf } from "../../parts/preferences.ts";
import { useNow } from "../../parts/time.tsx";
import { clockText, momentOf } from "../runs/zoned.ts";
import { LookedAt } from "./runs-link.tsx";
import { workflowSearch } from "./search.ts";
import type { Window } from "./search.ts";
import css from "./window.module.css";

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
          <Between window={window} onSet={set} />
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

function Between({ window, onSet }: { window: Window; onSet: (next: Window) => void }): ReactNode {
  const zone = zoneOf(usePreferences());
  const now = useNow();
  const begin = (time: string | undefined, otherwise: string): string => {
    const at = Date.parse(time ?? "");
    return Number.isNaN(at) ? otherwise : clockText(at, zone);
  };
  const [from, setFrom] = useState(() => begin(window.since, clockText(now - 86_400_000, zone)));
  const [to, setTo] = useState(() => begin(window.until, ""));
  const [since, until] = [momentOf(from, zone), momentOf(to, zone)];
  const isEmpty = since !== null && until !== null && until <= since;
  return (
    <form
      className={css["between"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (since === null || isEmpty) return;
        const end = until === null ? {} : { until: new Date(until).toISOString() };
        onSet({ since: new Date(since).toISOString(), ...end });
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
      <p className={css["zone"]}>
        Times in {zone ?? `this browser's zone, ${new Intl.DateTimeFormat().resolvedOptions().timeZone}`}
      </p>
      <Button type="submit" disabled={isEmpty || since === null}>
        Show these
      </Button>
    </form>
  );
}
