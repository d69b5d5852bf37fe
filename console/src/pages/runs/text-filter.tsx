import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import type { Filters } from "./use-filters.ts";

const PAUSE_MS = 200;

/** Ids, and words of events, decisions and failures; asked for when the typing pauses. */
export function TextFilter({ filters }: { filters: Filters }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const { draft, type, flush } = useDraft(filters);
  useShortcuts("Runs", [
    {
      keys: "/",
      label: "Search",
      run: () => {
        input.current?.focus();
        input.current?.select();
      },
    },
  ]);
  return (
    <TextInput
      ref={input}
      value={draft}
      onChange={({ currentTarget }) => type(currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") flush(draft);
        if (event.key !== "Escape") return;
        if (draft === "") event.currentTarget.blur();
        else flush("");
      }}
      placeholder="Ids and words of events"
      aria-label="Search runs by id or by words of the event, the decision or the failure"
      leftSection={<IconSearch size={14} aria-hidden="true" />}
      rightSection={<kbd>/</kbd>}
      maxLength={200}
      w={240}
    />
  );
}

/** What is in the field: what is being typed, else what the address says. */
function useDraft({ filters, set }: Filters): { draft: string; type(text: string): void; flush(text: string): void } {
  const q = filters.q ?? "";
  const [draft, setDraft] = useState(q);
  const sent = useRef(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // The address has changed by another way: back, a chip, a link.
    if (q !== sent.current) setDraft(q);
    sent.current = q;
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const flush = (text: string): void => {
    clearTimeout(timer.current);
    setDraft(text);
    const wanted = text.trim();
    if (wanted === sent.current) return;
    // While one is typing, the history keeps the last of it and not every letter.
    const replace = sent.current !== "" && wanted !== "";
    sent.current = wanted;
    set({ q: wanted === "" ? undefined : wanted }, replace);
  };
  const type = (text: string): void => {
    setDraft(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => flush(text), PAUSE_MS);
  };
  return { draft, type, flush };
}
