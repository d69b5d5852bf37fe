import { createHmac, randomBytes } from "node:crypto";
import { newId } from "../base/id.ts";
import type { Parts } from "./parts.ts";
import type { Sluice } from "./sluice.ts";

const PREFIX = "slu_";
const SECRET_BYTES = 32;

/** Bearer tokens: shown once, kept as a keyed hash, expiring and revocable. */
export function accessOf({
  store,
  engine,
}: Parts): Pick<Sluice, "createToken" | "listTokens" | "revokeToken" | "authenticate"> {
  const { keyring, clock } = engine;
  const hashOf = (secret: string): Uint8Array => createHmac("sha256", keyring.tokenKey).update(secret).digest();
  return {
    async createToken(name, role, expiresAt) {
      const secret = `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64url")}`;
      const token = { tokenId: newId("tok"), name, role, createdAt: clock.now(), expiresAt, revokedAt: null };
      await store.addToken(token, hashOf(secret));
      return { token, secret };
    },
    listTokens: () => store.tokens(),
    revokeToken: (tokenId) => store.revokeToken(tokenId),
    async authenticate(secret) {
      if (!secret.startsWith(PREFIX)) return null;
      // Looked up by its hash: nothing about the secret can be learned from how long that takes.
      const token = await store.tokenByHash(hashOf(secret));
      if (token === null || token.revokedAt !== null) return null;
      if (token.expiresAt !== null && token.expiresAt <= clock.now()) return null;
      return { name: token.name, role: token.role };
    },
  };
}
