import { createHmac, randomBytes } from "node:crypto";
import type { Token } from "../base/access.ts";
import { newId } from "../base/id.ts";
import type { Parts } from "./parts.ts";
import type { Sluice } from "./sluice.ts";

const PREFIX = "slu_";
const SECRET_BYTES = 32;
const MAX_KNOWN = 1_000;

/** Bearer tokens: shown once, kept as a keyed hash, expiring and revocable. */
export function accessOf({
  store,
  engine,
}: Parts): Pick<Sluice, "createToken" | "listTokens" | "revokeToken" | "authenticate"> {
  const { keyring, clock } = engine;
  const hashOf = (secret: string): Uint8Array => createHmac("sha256", keyring.tokenKey).update(secret).digest();
  // This process alone changes tokens, so what it has read stays true until it revokes.
  const known = new Map<string, Token>();
  let revocations = 0;
  return {
    async createToken(name, role, expiresAt) {
      const secret = `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64url")}`;
      const token = { tokenId: newId("tok"), name, role, createdAt: clock.now(), expiresAt, revokedAt: null };
      await store.addToken(token, hashOf(secret));
      return { token, secret };
    },
    listTokens: () => store.tokens(),
    async revokeToken(tokenId) {
      const revoked = await store.revokeToken(tokenId);
      known.clear();
      // What is being read at this moment may be from before: it is not remembered.
      revocations++;
      return revoked;
    },
    async authenticate(secret) {
      if (!secret.startsWith(PREFIX)) return null;
      // Looked up by its hash: nothing about the secret can be learned from how long that takes.
      const hash = hashOf(secret);
      const name = Buffer.from(hash).toString("base64");
      const before = revocations;
      const token = known.get(name) ?? (await store.tokenByHash(hash));
      if (token === null || token.revokedAt !== null) return null;
      if (known.size >= MAX_KNOWN) known.clear();
      if (before === revocations) known.set(name, token);
      if (token.expiresAt !== null && token.expiresAt <= clock.now()) return null;
      return { name: token.name, role: token.role };
    },
  };
}
