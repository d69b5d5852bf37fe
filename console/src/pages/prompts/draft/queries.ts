import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { ApiError, call } from "../../../api/client.ts";
import type { PromptPreview } from "../../../api/coming.ts";
import type { PromptDocument } from "./document.ts";

export const promptQuery = (name: string) =>
  queryOptions({
    queryKey: ["prompts", name, "all"],
    queryFn: ({ signal }) => call("GET /v1/prompts/{name}", { params: { name }, signal }),
    staleTime: 5_000,
  });

export const draftQuery = (name: string, draftId: string) =>
  queryOptions({
    queryKey: ["prompts", name, "draft", draftId],
    queryFn: ({ signal }) =>
      call("GET /v1/prompts/{name}/drafts/{draft_id}", { params: { name, draft_id: draftId }, signal }),
    // Somebody else may change it: whoever writes in it hears of that soon.
    refetchInterval: 5_000,
  });

/** Runs that are computed again. */
const RUNS = 200;
const LOOK_MS = 400;

/** What the document would have decided of the last runs, as far as it is known; the one before stays until there is another. */
export function usePreview(
  name: string,
  document: PromptDocument | null,
  workflow: string | undefined,
): { preview: PromptPreview | undefined; error: Error | null; isOld: boolean; again(): void } {
  const begun = useQuery({
    queryKey: ["prompts", name, "preview", workflow, document],
    queryFn: ({ signal }) =>
      call("POST /v1/prompts/{name}/preview", {
        params: { name },
        body: { document: document ?? {}, workflow: workflow ?? "", runs: RUNS },
        signal,
      }),
    enabled: document !== null && workflow !== undefined,
    staleTime: Infinity,
    gcTime: 600_000,
    retry: false,
  });
  const seen = usePolled(name, begun.data?.preview_id);
  // A server that was started anew knows no preview of before.
  const isGone = seen.error instanceof ApiError && seen.error.status === 404;
  return {
    preview: seen.data,
    error: begun.error ?? seen.error,
    isOld: seen.isPlaceholderData || begun.data === undefined,
    again: () => void (isGone || begun.isError ? begun.refetch() : seen.refetch()),
  };
}

function usePolled(name: string, id: string | undefined): UseQueryResult<PromptPreview> {
  return useQuery({
    queryKey: ["prompts", name, "previews", id],
    queryFn: ({ signal }) =>
      call("GET /v1/prompts/{name}/previews/{preview_id}", { params: { name, preview_id: id ?? "" }, signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === "running" ? LOOK_MS : false),
    placeholderData: keepPreviousData,
  });
}
