import type { Parts } from "./parts.ts";
import { Secrets, isGood } from "./secrets.ts";
import { callerOf, signInOf } from "./sign-in.ts";
import type { Sluice } from "./sluice.ts";

type AccessPart = ReturnType<typeof signInOf> &
  Pick<Sluice, "createToken" | "listTokens" | "revokeToken" | "authenticate" | "stillGood" | "onRevoked">;

/** Who is let in: programs by bearer tokens, people by sessions. Both expire and can be revoked. */
export function accessOf({ store, engine: { keyring, clock } }: Parts): AccessPart {
  const secrets = new Secrets(store, clock, keyring.tokenKey);
  const listeners = new Set<(tokenId: string) => void>();
  return {
    ...signInOf(secrets, store, clock),
    createToken: (name, role, expiresAt, by = null) => secrets.add("bearer", { name, role, expiresAt, createdBy: by }),
    listTokens: () => store.tokens(),
    async revokeToken(tokenId) {
      const revoked = await store.revokeToken(tokenId);
      secrets.forget();
      for (const listener of listeners) listener(tokenId);
      return revoked;
    },
    async authenticate(secret) {
      const token = await secrets.find("bearer", secret);
      return token === null ? null : callerOf(token);
    },
    async stillGood({ tokenId }) {
      const token = await store.token(tokenId);
      return token !== null && token.kind !== "login" && isGood(token, clock.now());
    },
    onRevoked(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
