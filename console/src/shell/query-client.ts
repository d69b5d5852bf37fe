import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client.ts";

/** A refusal is an answer and is not asked for again; silence is, twice. */
export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (times, error) => times < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
      networkMode: "always",
    },
    mutations: { retry: false, networkMode: "always" },
  },
});
