import { createContext, useContext, useEffect, useState } from "react";
import type { ReactNode } from "react";
import { ago, dateTime } from "./format.ts";
import { usePreferences, zoneOf } from "./preferences.ts";

const Now = createContext(0);

/** One clock for the whole page, so that relative times move together. */
export function Clock({ children }: { children: ReactNode }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <Now value={now}>{children}</Now>;
}

/** Epoch ms, moving once a second. */
export function useNow(): number {
  return useContext(Now);
}

/** A moment: when exactly, in the chosen zone; the other form is in the tooltip. Null shows a dash. */
export function Time({ at, relative = false, ms = false }: TimeProps): ReactNode {
  const zone = zoneOf(usePreferences());
  if (at === null || at === undefined) return <span aria-label="never">–</span>;
  return relative ? <Relative at={at} zone={zone} /> : <Absolute at={at} zone={zone} ms={ms} />;
}

interface TimeProps {
  at: string | number | null | undefined;
  /** `12 s ago` instead of the date. */
  relative?: boolean;
  /** With milliseconds. */
  ms?: boolean;
}

function Absolute({ at, zone, ms }: { at: string | number; zone: string | undefined; ms: boolean }): ReactNode {
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {dateTime(at, zone, ms)}
    </time>
  );
}

function Relative({ at, zone }: { at: string | number; zone: string | undefined }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at, zone, true)}>
      {ago(at, now)}
    </time>
  );
}
