import type { Token } from "../../api/schema.gen.ts";

export type AccessState = "good" | "not used yet" | "revoked" | "expired";

/** How an entry stands at `now`. */
export function stateOf({ kind, expires_at: expires, revoked_at: revoked }: Token, now: number): AccessState {
  if (revoked !== null) return "revoked";
  if (expires !== null && new Date(expires).getTime() <= now) return "expired";
  return kind === "login" ? "not used yet" : "good";
}

/** Whoever is in first, and the newest of them first. */
export function inOrder(items: readonly Token[], now: number): Token[] {
  const over = (token: Token): number => (["good", "not used yet"].includes(stateOf(token, now)) ? 0 : 1);
  return [...items].sort((a, b) => over(a) - over(b) || b.created_at.localeCompare(a.created_at));
}
