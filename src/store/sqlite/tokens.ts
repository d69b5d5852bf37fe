import type { Token } from "../../base/access.ts";
import { plain, type Operation } from "./operation.ts";

const TOKEN =
  "SELECT token_id AS tokenId, name, role, created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt FROM tokens";

interface AddInput {
  token: Token;
  hash: Uint8Array;
}

export const addToken: Operation<AddInput, AddInput, null> = plain("addToken", (db, { token, hash }) => {
  db.change(
    "INSERT INTO tokens (token_id, hash, name, role, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    token.tokenId,
    hash,
    token.name,
    token.role,
    token.createdAt,
    token.expiresAt,
    token.revokedAt,
  );
  return null;
});

export const tokenByHash: Operation<Uint8Array, Uint8Array, Token | null> = plain(
  "tokenByHash",
  (db, hash) => (db.get(`${TOKEN} WHERE hash = ?`, hash) as Token | undefined) ?? null,
);

export const tokens: Operation<null, null, Token[]> = plain("tokens", (db) =>
  db.all<Token>(`${TOKEN} ORDER BY created_at, token_id`),
);

/** Revoking twice keeps the first time. */
export const revokeToken: Operation<string, string, boolean> = plain(
  "revokeToken",
  (db, tokenId, now) =>
    db.change("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE token_id = ?", now, tokenId) === 1,
);
