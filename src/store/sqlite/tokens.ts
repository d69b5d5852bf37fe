import type { Redemption, Token } from "../../base/access.ts";
import { plain, type Operation } from "./operation.ts";

const TOKEN =
  "SELECT token_id AS tokenId, kind, name, role, created_by AS createdBy, created_at AS createdAt," +
  " expires_at AS expiresAt, revoked_at AS revokedAt FROM tokens";

/** How long an ended sign-in is still listed. */
const KEPT_MS = 30 * 86_400_000;

interface AddInput {
  token: Token;
  hash: Uint8Array;
}

export const addToken: Operation<AddInput, AddInput, null> = plain("addToken", (db, { token, hash }, now) => {
  db.change("DELETE FROM tokens WHERE kind <> 'bearer' AND coalesce(revoked_at, expires_at) < ?", now - KEPT_MS);
  db.change(
    "INSERT INTO tokens (token_id, kind, hash, name, role, created_by, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    token.tokenId,
    token.kind,
    hash,
    token.name,
    token.role,
    token.createdBy,
    token.createdAt,
    token.expiresAt,
    token.revokedAt,
  );
  return null;
});

export const token: Operation<string, string, Token | null> = plain(
  "token",
  (db, tokenId) => (db.get(`${TOKEN} WHERE token_id = ?`, tokenId) as Token | undefined) ?? null,
);

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

/** The code is gone by the same statement that asks whether it is good. */
export const redeemLogin: Operation<Redemption, Redemption, Token | null> = plain(
  "redeemLogin",
  (db, { codeHash, sessionHash, expiresAt }, now) => {
    const redeemed = db.change(
      "UPDATE tokens SET kind = 'session', hash = ?, created_at = ?, expires_at = ?" +
        " WHERE hash = ? AND kind = 'login' AND revoked_at IS NULL AND expires_at > ?",
      sessionHash,
      now,
      expiresAt,
      codeHash,
      now,
    );
    return redeemed === 1 ? (db.get(`${TOKEN} WHERE hash = ?`, sessionHash) as unknown as Token) : null;
  },
);

interface Extension {
  tokenId: string;
  expiresAt: number;
}

export const extendSession: Operation<Extension, Extension, boolean> = plain(
  "extendSession",
  (db, { tokenId, expiresAt }, now) =>
    db.change(
      "UPDATE tokens SET expires_at = ? WHERE token_id = ? AND kind = 'session' AND revoked_at IS NULL AND expires_at > ?",
      expiresAt,
      tokenId,
      now,
    ) === 1,
);
