import { createHmac, randomBytes } from "node:crypto";
import type { Role, Token, TokenKind, TokenStore } from "../base/access.ts";
import { newId } from "../base/id.ts";
import type { Parts } from "./parts.ts";
import type { Caller, Sluice } from "./sluice.ts";

/** What a secret of each kind begins with, so that one that was lost says what it opens. */
const PREFIX: Readonly<Record<TokenKind, string>> = { bearer: "slu_", login: "sll_", session: "sls_" };
const SECRET_BYTES = 32;
const MAX_KNOWN = 1_000;

const HOUR_MS = 3_600_000;
/** A session ends this long after it was used last: long enough for a person to come back the next working day. */
const SESSION_IDLE_MS = 24 * HOUR_MS;
/** And this long after it began, however much it is used. */
const SESSION_MS = 7 * 24 * HOUR_MS;
/** Its end moves in steps, so that a session in use costs a write an hour and not one a request. */
const SESSION_STEP_MS = HOUR_MS;

type AccessPart = Pick<
  Sluice,
  | "createToken"
  | "listTokens"
  | "revokeToken"
  | "authenticate"
  | "authenticateSession"
  | "createLogin"
  | "redeemLogin"
  | "stillGood"
  | "onRevoked"
>;

/** Bearer tokens, one-time login codes and sessions: shown once, kept as a keyed hash, expiring and revocable. */
export function accessOf({ store, engine }: Parts): AccessPart {
  const { keyring, clock } = engine;
  const hashOf = (secret: string): Uint8Array => createHmac("sha256", keyring.tokenKey).update(secret).digest();
  const known = new KnownTokens(store);
  const listeners = new Set<(tokenId: string) => void>();

  const add = async (kind: TokenKind, given: Given): Promise<{ token: Token; secret: string }> => {
    const secret = newSecret(kind);
    const tokenId = newId(kind === "bearer" ? "tok" : "ses");
    const token: Token = { tokenId, kind, ...given, createdAt: clock.now(), revokedAt: null };
    await store.addToken(token, hashOf(secret));
    return { token, secret };
  };
  const find = async (kind: TokenKind, secret: string): Promise<Token | null> => {
    if (!secret.startsWith(PREFIX[kind])) return null;
    // Looked up by its hash: nothing about the secret can be learned from how long that takes.
    const token = await known.find(hashOf(secret));
    return token !== null && token.kind === kind && isGood(token, clock.now()) ? token : null;
  };

  return {
    createToken: (name, role, expiresAt, by = null) => add("bearer", { name, role, expiresAt, createdBy: by }),
    createLogin: (name, role, expiresAt, by) => add("login", { name, role, expiresAt, createdBy: by }),
    listTokens: () => store.tokens(),
    async revokeToken(tokenId) {
      const revoked = await store.revokeToken(tokenId);
      known.forget();
      for (const listener of listeners) listener(tokenId);
      return revoked;
    },
    async authenticate(secret) {
      const token = await find("bearer", secret);
      return token === null ? null : callerOf(token);
    },
    async authenticateSession(secret) {
      const token = await find("session", secret);
      if (token === null) return null;
      const expiresAt = sessionEnd(token.createdAt, clock.now());
      if (expiresAt - (token.expiresAt ?? 0) < SESSION_STEP_MS) return callerOf(token);
      known.note(hashOf(secret), { ...token, expiresAt });
      // A store that cannot write now does not keep anybody from looking.
      const extended = await store.extendSession(token.tokenId, expiresAt).catch(() => null);
      if (extended === false) known.forget();
      return extended === false ? null : callerOf({ ...token, expiresAt });
    },
    async redeemLogin(code) {
      // Asked of the reader first: what was only guessed takes no turn of the writer.
      const login = await find("login", code);
      if (login === null) return null;
      const secret = newSecret("session");
      const now = clock.now();
      const redemption = { codeHash: hashOf(code), sessionHash: hashOf(secret), expiresAt: sessionEnd(now, now) };
      const token = await store.redeemLogin(redemption);
      known.forget();
      return token === null ? null : { caller: callerOf(token), secret };
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

interface Given {
  name: string;
  role: Role;
  expiresAt: number | null;
  createdBy: string | null;
}

function newSecret(kind: TokenKind): string {
  return `${PREFIX[kind]}${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

function isGood({ revokedAt, expiresAt }: Token, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

function sessionEnd(createdAt: number, now: number): number {
  return Math.min(now + SESSION_IDLE_MS, createdAt + SESSION_MS);
}

function callerOf({ tokenId, kind, name, role, expiresAt }: Token): Caller {
  return { name, role, kind: kind === "session" ? "session" : "token", tokenId, expiresAt };
}

/** What was read of tokens by their hash. This process alone changes them, so it stays true until it does. */
class KnownTokens {
  readonly #store: TokenStore;
  readonly #byHash = new Map<string, Token>();
  #changes = 0;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  async find(hash: Uint8Array): Promise<Token | null> {
    const name = nameOf(hash);
    const remembered = this.#byHash.get(name);
    if (remembered !== undefined) return remembered;
    const before = this.#changes;
    const token = await this.#store.tokenByHash(hash);
    // What was read while something changed may be from before: it is not remembered.
    if (token !== null && before === this.#changes) this.note(hash, token);
    return token;
  }

  note(hash: Uint8Array, token: Token): void {
    if (this.#byHash.size >= MAX_KNOWN) this.#byHash.clear();
    this.#byHash.set(nameOf(hash), token);
  }

  forget(): void {
    this.#byHash.clear();
    this.#changes++;
  }
}

function nameOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString("base64");
}
