import { createHmac, randomBytes } from "node:crypto";
import type { Role, Token, TokenKind, TokenStore } from "../base/access.ts";
import type { Clock } from "../base/clock.ts";
import { newId } from "../base/id.ts";

/** What a secret of each kind begins with, so that one that was lost says what it opens. */
const PREFIX: Readonly<Record<TokenKind, string>> = { bearer: "slu_", login: "sll_", session: "sls_" };
const SECRET_BYTES = 32;
const MAX_KNOWN = 1_000;

export interface Given {
  name: string;
  role: Role;
  expiresAt: number | null;
  createdBy: string | null;
}

/** Secrets of every kind: shown once, kept as a keyed hash, and good only as the kind they were made as. */
export class Secrets {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #key: Uint8Array;
  /** This process alone changes tokens, so what was read of them by their hash stays true until it does. */
  readonly #known = new Map<string, Token>();
  #changes = 0;

  constructor(store: TokenStore, clock: Clock, key: Uint8Array) {
    this.#store = store;
    this.#clock = clock;
    this.#key = key;
  }

  fresh(kind: TokenKind): { secret: string; hash: Uint8Array } {
    const secret = `${PREFIX[kind]}${randomBytes(SECRET_BYTES).toString("base64url")}`;
    return { secret, hash: this.hashOf(secret) };
  }

  hashOf(secret: string): Uint8Array {
    return createHmac("sha256", this.#key).update(secret).digest();
  }

  async add(kind: TokenKind, given: Given): Promise<{ token: Token; secret: string }> {
    const { secret, hash } = this.fresh(kind);
    const tokenId = newId(kind === "bearer" ? "tok" : "ses");
    const token: Token = { tokenId, kind, ...given, createdAt: this.#clock.now(), revokedAt: null };
    await this.#store.addToken(token, hash);
    return { token, secret };
  }

  /** Null where the secret is of another kind, expired, revoked or none. */
  async find(kind: TokenKind, secret: string): Promise<Token | null> {
    if (!secret.startsWith(PREFIX[kind])) return null;
    // Looked up by its hash: nothing about the secret can be learned from how long that takes.
    const token = await this.#byHash(this.hashOf(secret));
    return token !== null && token.kind === kind && isGood(token, this.#clock.now()) ? token : null;
  }

  async #byHash(hash: Uint8Array): Promise<Token | null> {
    const remembered = this.#known.get(nameOf(hash));
    if (remembered !== undefined) return remembered;
    const before = this.#changes;
    const token = await this.#store.tokenByHash(hash);
    // What was read while something changed may be from before: it is not remembered.
    if (token !== null && before === this.#changes) this.note(hash, token);
    return token;
  }

  note(hash: Uint8Array, token: Token): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(nameOf(hash), token);
  }

  /** Called after each change of tokens but an addition. */
  forget(): void {
    this.#known.clear();
    this.#changes++;
  }
}

export function isGood({ revokedAt, expiresAt }: Token, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

function nameOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString("base64");
}
