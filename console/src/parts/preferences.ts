import { useSyncExternalStore } from "react";

/** What one person set in this browser. */
export interface Preferences {
  /** An IANA name; "local" is the browser's own. */
  timeZone: string;
}

const KEY = "sluice.preferences";
const UNSET: Preferences = { timeZone: "local" };
const listeners = new Set<() => void>();
let present = read();

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return { timeZone: isTimeZone(kept.timeZone) ? kept.timeZone : UNSET.timeZone };
  } catch {
    return UNSET;
  }
}

function isTimeZone(name: unknown): name is string {
  if (name === "local") return true;
  if (typeof name !== "string") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function tell(): void {
  present = read();
  for (const listener of listeners) listener();
}

/** Also where another tab has set them. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener("storage", tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener("storage", tell);
  };
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => present);
}

export function setPreferences(change: Partial<Preferences>): void {
  localStorage.setItem(KEY, JSON.stringify({ ...present, ...change }));
  tell();
}

/** The zone times are shown in; undefined: the browser's own. */
export function zoneOf({ timeZone }: Preferences): string | undefined {
  return timeZone === "local" ? undefined : timeZone;
}
