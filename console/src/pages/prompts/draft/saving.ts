import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError, call } from "../../../api/client.ts";
import type { PromptDraft } from "../../../api/schema.gen.ts";
import { useLine } from "../../../live/live.tsx";
import type { PromptDocument } from "./document.ts";
import { keepUnsaved, unsavedOf } from "./kept.ts";
import { draftQuery } from "./queries.ts";

const TYPING_MS = 600;

export interface Saving {
  document: PromptDocument;
  change(document: PromptDocument): void;
  state: "saved" | "saving" | "unsaved" | "moved" | "failed";
  error: Error | null;
  /** The revision that what is typed is over. */
  revision: number;
  /** Drops what is typed and goes on from what the server has. */
  takeTheirs(): void;
  /** Puts what is typed in place of what the server has. */
  saveOver(): void;
}

/** Keeps a draft: saved shortly after the last key, over the revision it was read at, never over another one unasked. */
export function useSaving(stored: PromptDraft): Saving {
  const client = useQueryClient();
  const { line } = useLine();
  const { name, draft_id: draftId } = stored;
  const [typed, setTyped] = useState(() => unsavedOf(draftId));
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: ({ document, revision }: { document: PromptDocument; revision: number }) =>
      call("PUT /v1/prompts/{name}/drafts/{draft_id}", {
        params: { name, draft_id: draftId },
        body: { document, expected_revision: revision },
      }),
    onSuccess: (draft, sent) => {
      client.setQueryData(draftQuery(name, draftId).queryKey, draft);
      setTyped((now) => (now === null || now.document === sent.document ? null : { ...now, revision: draft.revision }));
    },
    onError: () => client.invalidateQueries({ queryKey: draftQuery(name, draftId).queryKey }),
  });
  const moved = typed !== null && typed.revision !== stored.revision && !isPending;
  useEffect(() => keepUnsaved(draftId, typed), [draftId, typed]);
  useEffect(() => {
    // Also when the line comes back.
    if (settled === null || settled !== typed || moved || isPending || line === "down") return;
    mutate(settled);
    // eslint-disable-next-line react/exhaustive-deps -- saved once for each thing that was typed, and when the line is back
  }, [settled, moved, line]);
  return {
    document: typed?.document ?? stored.document,
    change: (document) => {
      reset();
      setTyped({ document, revision: typed?.revision ?? stored.revision });
    },
    state: stateOf({ isTyped: typed !== null, moved, isPending, error }),
    error,
    revision: stored.revision,
    takeTheirs: () => {
      reset();
      setTyped(null);
    },
    saveOver: () => {
      reset();
      setTyped(typed === null ? null : { ...typed, revision: stored.revision });
    },
  };
}

interface Standing {
  isTyped: boolean;
  moved: boolean;
  isPending: boolean;
  error: Error | null;
}

function stateOf({ isTyped, moved, isPending, error }: Standing): Saving["state"] {
  if (!isTyped) return "saved";
  if (isPending) return "saving";
  if (moved) return "moved";
  return error === null || (error instanceof ApiError && error.code === "draft_moved") ? "unsaved" : "failed";
}
