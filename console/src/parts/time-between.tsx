import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import { usePreferences, zoneOf } from "./preferences.ts";
import { useNow } from "./time.tsx";
import css from "./time-window.module.css";
import { clockText, momentOf } from "./zoned.ts";

const LOCAL = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const DAY_MS = 86_400_000;

interface BetweenProps {
  /** What is chosen now; an age such as `24h` is no moment, and begins a day ago. */
  since: string | undefined;
  until: string | undefined;
  /** Without a beginning it cannot be chosen. */
  needsSince?: boolean;
  /** RFC 3339, in UTC. */
  onSet(chosen: { since: string | undefined; until: string | undefined }): void;
}

/** Two moments on the clock of the chosen zone; the second may be left open. */
export function TimeBetween({
  since: presentSince,
  until: presentUntil,
  needsSince = false,
  onSet,
}: BetweenProps): ReactNode {
  const zone = zoneOf(usePreferences());
  const now = useNow();
  const begin = (time: string | undefined, otherwise: string): string => {
    const at = /^\d{4}-/.test(time ?? "") ? Date.parse(time ?? "") : Number.NaN;
    return Number.isNaN(at) ? otherwise : clockText(at, zone);
  };
  const [from, setFrom] = useState(() => begin(presentSince, clockText(now - DAY_MS, zone)));
  const [to, setTo] = useState(() => begin(presentUntil, ""));
  const [since, until] = [momentOf(from, zone), momentOf(to, zone)];
  const isEmpty = since !== null && until !== null && until <= since;
  const isOpen = since === null && (needsSince || until === null);
  return (
    <form
      className={css["between"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty && !isOpen) onSet({ since: iso(since), until: iso(until) });
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
      <Button type="submit" disabled={isEmpty || isOpen}>
        Show these
      </Button>
    </form>
  );
}

function iso(at: number | null): string | undefined {
  return at === null ? undefined : new Date(at).toISOString();
}
