import type { Token } from "../../api/schema.gen.ts";

export type AccessState = "good" | "not used yet" | "revoked" | "expired";

/** How an entry stands at `now`. */
export function stateOf({ kind, expires_at: expires, revoked_at: revoked }: Token, now: number): AccessState {
  if (revoked !== null) return "revoked";
  if (expires !== null && new Date(expires).getTime() <= now) return "expired";
  return kind === "login" ? "not used yet" : "good";
}

export function isOver(token: Token, now: number): boolean {
  const state = stateOf(token, now);
  return state === "revoked" || state === "expired";
}

/** Whoever is in first, and the newest of them first. */
export function inOrder(items: readonly Token[], now: number): Token[] {
  return [...items].sort(
    (a, b) => Number(isOver(a, now)) - Number(isOver(b, now)) || b.created_at.localeCompare(a.created_at),
  );
}
