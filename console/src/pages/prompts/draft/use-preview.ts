import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError, call } from "../../../api/client.ts";
import type { PromptPreview } from "../../../api/schema.gen.ts";
import type { PromptDocument } from "./document.ts";

/** Runs that are decided anew. */
const RUNS = 200;
const LOOK_MS = 400;

interface Seen {
  preview: PromptPreview | undefined;
  error: Error | null;
  /** It is of another document than the one that was asked for. */
  isOld: boolean;
  again(): void;
}

/** What `document` would have decided of the last runs, as far as it is known; the one before stays until there is another. */
export function usePreview(name: string, document: PromptDocument | null, workflow: string): Seen {
  const begun = useQuery({
    queryKey: ["prompts", name, "preview", workflow, document],
    queryFn: ({ signal }) =>
      call("POST /v1/prompts/{name}/preview", {
        params: { name },
        body: { document: document ?? {}, workflow, runs: RUNS },
        signal,
      }),
    enabled: document !== null,
    staleTime: Infinity,
    // It is stopped once it is left; the answers it had are kept by the server.
    gcTime: 0,
    retry: false,
  });
  const id = begun.data?.preview_id;
  useStopped(name, id);
  const seen = useQuery({
    queryKey: ["prompts", name, "previews", id],
    queryFn: ({ signal }) =>
      call("GET /v1/prompts/{name}/previews/{preview_id}", { params: { name, preview_id: id ?? "" }, signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === "running" ? LOOK_MS : false),
    placeholderData: keepPreviousData,
    retry: false,
  });
  // A server that was started anew knows no preview of before.
  const isGone = seen.error instanceof ApiError && seen.error.status === 404;
  return {
    preview: seen.data,
    error: begun.error ?? seen.error,
    isOld: seen.isPlaceholderData || begun.data === undefined,
    again: () => void (isGone || begun.isError ? begun.refetch() : seen.refetch()),
  };
}

/** Nobody pays for answers that nobody waits for: one that is not looked at any more is stopped. */
function useStopped(name: string, id: string | undefined): void {
  useEffect(() => {
    if (id === undefined) return undefined;
    return () => {
      void call("POST /v1/prompts/{name}/previews/{preview_id}/cancel", {
        params: { name, preview_id: id },
      }).catch(() => undefined);
    };
  }, [name, id]);
}
