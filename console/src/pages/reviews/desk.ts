import { useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { useCallback, useEffect, useMemo, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import type { Json, Outcome, ReviewItem } from "../../api/schema.gen.ts";
import { blankOf } from "./form/shape.ts";
import { changesOf, isSame, withValueAt } from "./form/value.ts";
import type { Change, Draft, Path } from "./form/value.ts";
import { keepDraft, keptDraft } from "./kept.ts";
import type { Typed } from "./kept.ts";

/** What the reviewer is about to do; `look` is nothing yet. */
export type Mode = "look" | "approve" | "correct" | "reject";

export interface Desk {
  mode: Mode;
  setMode(mode: Mode): void;
  original: Draft;
  value: Draft;
  set(path: Path, value: Draft): void;
  unread: Readonly<Record<string, string>>;
  setUnread(pointer: string, text: string | null): void;
  reason: string;
  setReason(reason: string): void;
  changes: readonly Change[];
  /** Something was typed that is no value. */
  isUnfinished: boolean;
  restore(): void;
}

/** Before this much quiet nothing is recomputed. */
const QUIET_MS = 250;

/** What a correction starts from: the output in question, or what can be read of an answer that did not hold. */
function originalOf({ approval, draft, proposal, correctable }: ReviewItem): Draft {
  if (!correctable) return undefined;
  if (approval !== "impossible") return proposal;
  return draft === null ? undefined : draft;
}

/** What is typed into one review: kept in this tab until it is answered. */
export function useDesk(item: ReviewItem, me: string): Desk {
  const id = item.review.review_id;
  const original = useMemo(() => originalOf(item), [item]);
  const [typed, setTyped] = useState<Typed>(() => keptDraft(me, id));
  const [mode, setMode] = useState<Mode>(() => (typed.value === undefined ? "look" : "correct"));
  useEffect(() => keepDraft(me, id, typed), [me, id, typed]);
  const schema = item.output_schema ?? true;
  const start = useMemo(() => original ?? blankOf(schema, schema), [original, schema]);
  const value = typed.value === undefined ? start : typed.value;
  const set = useCallback(
    (path: Path, next: Draft) => {
      setMode("correct");
      setTyped((before) => {
        const changed = withValueAt(before.value === undefined ? start : before.value, path, next);
        const { value: _gone, ...rest } = before;
        return isSame(changed, start) || changed === undefined ? rest : { ...before, value: changed };
      });
    },
    [start],
  );
  const setUnread = useCallback((pointer: string, text: string | null) => {
    setTyped((before) => {
      const others = Object.entries(before.unread).filter(([at]) => at !== pointer && !at.startsWith(`${pointer}/`));
      return { ...before, unread: Object.fromEntries(text === null ? others : [...others, [pointer, text]]) };
    });
  }, []);
  const changes = useMemo(() => changesOf(original, value), [original, value]);
  return {
    mode,
    setMode,
    original,
    value,
    set,
    setUnread,
    changes,
    unread: typed.unread,
    reason: typed.reason,
    setReason: useCallback((reason: string) => setTyped((before) => ({ ...before, reason })), []),
    isUnfinished: Object.values(typed.unread).some((text) => !isRead(text)),
    restore: useCallback(() => setTyped(({ reason }) => ({ unread: {}, reason })), []),
  };
}

/** What was typed reads as a value, if not laid out as it would be written. */
function isRead(text: string): boolean {
  try {
    return JSON.parse(text.trim().replace(/^\+/, "").replace(",", ".")) !== undefined;
  } catch {
    return false;
  }
}

export interface Preview {
  /** Nothing to ask, being asked, what would follow, what does not hold, or why it cannot be told. */
  state: "none" | "asking" | "ready" | "invalid" | "failed";
  outcome: Outcome | null;
  problems: readonly { pointer: string; message: string }[];
  error: unknown;
  /** Asks anew, for what is in the form at this moment. */
  again(): Promise<Outcome | null>;
}

/** What the correction in the form would lead to, asked of the server whenever it has changed and come to rest. */
export function usePreview(item: ReviewItem, desk: Desk, enabled: boolean): Preview {
  const id = item.review.review_id;
  const { value } = desk;
  const [settled] = useDebouncedValue(value, QUIET_MS);
  const wanted = enabled && desk.mode === "correct" && !desk.isUnfinished && settled !== undefined;
  const query = useQuery({
    queryKey: ["review-preview", id, JSON.stringify(settled ?? null)],
    queryFn: ({ signal }) =>
      call("POST /v1/reviews/{id}/preview", {
        params: { id },
        body: { action: "correct", corrected_output: settled as Json },
        signal,
      }),
    enabled: wanted,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    placeholderData: (before) => before,
  });
  const { data, error, refetch, isFetching, isPlaceholderData } = query;
  const isBehind = !isSame(settled, value) || isFetching || isPlaceholderData;
  const invalid = error instanceof ApiError && error.code === "invalid_correction" && !isFetching;
  return {
    state: !wanted ? "none" : isBehind ? "asking" : invalid ? "invalid" : error === null ? "ready" : "failed",
    outcome: wanted && error === null ? (data?.outcome ?? null) : null,
    problems: invalid && wanted ? error.errors.map((each) => ({ pointer: each.pointer, message: each.message })) : [],
    error: invalid ? null : error,
    again: useCallback(async () => (await refetch()).data?.outcome ?? null, [refetch]),
  };
}
