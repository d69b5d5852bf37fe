import { useSyncExternalStore } from "react";
import type { Draft } from "./form/value.ts";

/** What a reviewer has typed into one review and not sent. */
export interface Typed {
  /** Undefined: nothing in the form was touched. */
  value?: Draft;
  /** By pointer: what is no value yet. */
  unread: Readonly<Record<string, string>>;
  reason: string;
}

const UNTOUCHED: Typed = { unread: {}, reason: "" };

/** Kept per person and tab: it survives a reload and a lost claim, and nobody else sees it. */
const draftKey = (who: string, review: string): string => `sluice.review.${who}.${review}`;

export function keptDraft(who: string, review: string): Typed {
  return { ...UNTOUCHED, ...(parsed(sessionStorage.getItem(draftKey(who, review))) as Partial<Typed> | null) };
}

export function keepDraft(who: string, review: string, typed: Typed): void {
  if (typed.value === undefined && typed.reason === "" && Object.keys(typed.unread).length === 0)
    return discardDraft(who, review);
  attempt(() => sessionStorage.setItem(draftKey(who, review), JSON.stringify(typed)));
}

export function discardDraft(who: string, review: string): void {
  sessionStorage.removeItem(draftKey(who, review));
}

const REASONS = 6;
const reasonsKey = (who: string): string => `sluice.reasons.${who}`;

/** What this person gave as a reason lately, the latest first. */
export function recentReasons(who: string): string[] {
  const found = parsed(localStorage.getItem(reasonsKey(who)));
  return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
}

export function keepReason(who: string, reason: string): void {
  const next = [reason, ...recentReasons(who).filter((each) => each !== reason)].slice(0, REASONS);
  attempt(() => localStorage.setItem(reasonsKey(who), JSON.stringify(next)));
}

/** As many as one call of the next review takes. */
const SKIPS = 900;
const SKIPPED_KEY = "sluice.skipped";
const listeners = new Set<() => void>();
let skipped = readSkipped();

function readSkipped(): readonly string[] {
  const found = parsed(sessionStorage.getItem(SKIPPED_KEY));
  return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
}

function setSkipped(next: readonly string[]): void {
  skipped = next;
  attempt(() => sessionStorage.setItem(SKIPPED_KEY, JSON.stringify(next)));
  for (const listener of listeners) listener();
}

/** Reviews that were put aside in this tab: they do not come next again until that is undone. */
export function skippedReviews(): readonly string[] {
  return skipped;
}

export function skipReview(review: string): void {
  setSkipped([...skipped.filter((each) => each !== review), review].slice(-SKIPS));
}

export function forgetSkipped(): void {
  setSkipped([]);
}

export function useSkipped(): readonly string[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => skipped,
  );
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

/** A full or forbidden storage must not stop the work itself. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // What is typed is still on the page.
  }
}
