import { queryOptions } from "@tanstack/react-query";
import { call } from "./client.ts";
import type { Session } from "./schema.gen.ts";

export type Role = "viewer" | "reviewer" | "editor" | "operator" | "admin";

/** Weakest first; each may do what those before it may. */
const ROLES: readonly Role[] = ["viewer", "reviewer", "editor", "operator", "admin"];

export type { Session };

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => call("GET /v1/session", { signal }),
  staleTime: 60_000,
  retry: false,
});

export function redeem(code: string): Promise<Session> {
  return call("POST /v1/session", { body: { code } });
}

export function signOut(): Promise<null> {
  return call("DELETE /v1/session");
}

/** Only for what to show: the server decides by itself. */
export function atLeast(session: Session | undefined, role: Role): boolean {
  return session !== undefined && ROLES.indexOf(session.role) >= ROLES.indexOf(role);
}
