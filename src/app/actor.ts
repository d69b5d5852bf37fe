import type { Role } from "../base/access.ts";

/** Who acts: the token's name and role. Every change names one. */
export interface Actor {
  name: string;
  role: Role;
}

/** An actor as it was let in. Times are epoch milliseconds. */
export interface Caller extends Actor {
  /** `token`: a program with a bearer token. `session`: a person at the console. */
  kind: "token" | "session";
  tokenId: string;
  expiresAt: number | null;
}
