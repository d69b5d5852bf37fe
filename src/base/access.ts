/** Roles, weakest first; each may do what those before it may. */
export type Role = "viewer" | "reviewer" | "editor" | "operator" | "admin";

/** A bearer token, stored only as a hash. Times are epoch milliseconds. */
export interface Token {
  tokenId: string;
  name: string;
  role: Role;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
}

export interface TokenStore {
  addToken(token: Token, hash: Uint8Array): Promise<void>;
  tokenByHash(hash: Uint8Array): Promise<Token | null>;
  tokens(): Promise<Token[]>;
  /** False where there is no such token. */
  revokeToken(tokenId: string): Promise<boolean>;
}
