/** Roles, weakest first; each may do what those before it may. */
export type Role = "viewer" | "reviewer" | "editor" | "operator" | "admin";

/**
 * What a secret is good for: `bearer` is a token of a program, `login` a code that is exchanged once for a session,
 * `session` a person at the console. None of them does for another.
 */
export type TokenKind = "bearer" | "login" | "session";

/** A secret that lets somebody in, stored only as a hash. Times are epoch milliseconds. */
export interface Token {
  tokenId: string;
  kind: TokenKind;
  name: string;
  role: Role;
  /** Who made it; null where that was not noted. */
  createdBy: string | null;
  /** Of a session: when its code was redeemed. */
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
}

export interface Redemption {
  codeHash: Uint8Array;
  /** The session's secret, its first end. */
  sessionHash: Uint8Array;
  expiresAt: number;
}

export interface TokenStore {
  /** Sign-ins that ended a month ago or more are forgotten with it. */
  addToken(token: Token, hash: Uint8Array): Promise<void>;
  token(tokenId: string): Promise<Token | null>;
  tokenByHash(hash: Uint8Array): Promise<Token | null>;
  tokens(): Promise<Token[]>;
  /** False where there is no such token. */
  revokeToken(tokenId: string): Promise<boolean>;
  /** Makes a login code that is still good a session under the same id; of several at once, one gets it. Null for the others. */
  redeemLogin(redemption: Redemption): Promise<Token | null>;
  /** Moves the end of a session. False where it has ended, or was revoked. */
  extendSession(tokenId: string, expiresAt: number): Promise<boolean>;
}
