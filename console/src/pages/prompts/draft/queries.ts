import { queryOptions } from "@tanstack/react-query";
import { call } from "../../../api/client.ts";

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
