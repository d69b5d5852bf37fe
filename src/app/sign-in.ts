import type { Token, TokenStore } from "../base/access.ts";
import type { Clock } from "../base/clock.ts";
import type { Secrets } from "./secrets.ts";
import type { Caller, Sluice } from "./sluice.ts";

const HOUR_MS = 3_600_000;
/** A session ends this long after it was used last: long enough for a person to come back the next working day. */
const SESSION_IDLE_MS = 24 * HOUR_MS;
/** And this long after it began, however much it is used. */
const SESSION_MS = 7 * 24 * HOUR_MS;
/** Its end moves in steps, so that a session in use costs a write an hour and not one a request. */
const SESSION_STEP_MS = HOUR_MS;

/** One-time login codes, and the sessions they are exchanged for. */
export function signInOf(
  secrets: Secrets,
  store: TokenStore,
  clock: Clock,
): Pick<Sluice, "createLogin" | "redeemLogin" | "authenticateSession"> {
  return {
    createLogin: (name, role, expiresAt, by) => secrets.add("login", { name, role, expiresAt, createdBy: by }),
    async redeemLogin(code) {
      // Asked of the reader first: what was only guessed takes no turn of the writer.
      if ((await secrets.find("login", code)) === null) return null;
      const { secret, hash: sessionHash } = secrets.fresh("session");
      const now = clock.now();
      const redemption = { codeHash: secrets.hashOf(code), sessionHash, expiresAt: sessionEnd(now, now) };
      const token = await store.redeemLogin(redemption);
      secrets.forget();
      return token === null ? null : { caller: callerOf(token), secret };
    },
    async authenticateSession(secret) {
      const token = await secrets.find("session", secret);
      if (token === null) return null;
      const expiresAt = sessionEnd(token.createdAt, clock.now());
      if (expiresAt - (token.expiresAt ?? 0) < SESSION_STEP_MS) return callerOf(token);
      secrets.note(secrets.hashOf(secret), { ...token, expiresAt });
      // A store that cannot write now does not keep anybody from looking.
      const extended = await store.extendSession(token.tokenId, expiresAt).catch(() => null);
      if (extended === false) secrets.forget();
      return extended === false ? null : callerOf({ ...token, expiresAt });
    },
  };
}

function sessionEnd(createdAt: number, now: number): number {
  return Math.min(now + SESSION_IDLE_MS, createdAt + SESSION_MS);
}

export function callerOf({ tokenId, kind, name, role, expiresAt }: Token): Caller {
  return { name, role, kind: kind === "session" ? "session" : "token", tokenId, expiresAt };
}
