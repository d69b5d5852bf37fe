import { createHmac } from "node:crypto";
import { isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { canonicalJson } from "../base/json.ts";
import { decrypt, encrypt, KEY_BYTES, randomBytes } from "./keyring.ts";
import type { Keyring } from "./keyring.ts";

const TOKEN = /\[redacted:[a-z0-9_]{1,32}:[A-Za-z0-9_-]{22}\]/g;
const COMMITMENT_BYTES = 16;

/**
 * The originals of one run, under the run's own key. In the journal each is replaced by a token
 * `[redacted:KIND:COMMITMENT]`; the vault knows what the tokens stand for, and forgets with its key.
 */
export class RunVault {
  readonly #runId: string;
  readonly #dataKey: Uint8Array;
  readonly #commitKey: Uint8Array;
  readonly #originals = new Map<string, Json>();
  #unsealed: [string, Json][] = [];

  constructor(runId: string, dataKey: Uint8Array) {
    this.#runId = runId;
    this.#dataKey = dataKey;
    this.#commitKey = createHmac("sha256", dataKey).update("commit").digest();
  }

  /** A vault for a new run, and its key wrapped for the store. */
  static create(runId: string, keyring: Keyring): { vault: RunVault; wrappedKey: Uint8Array } {
    const dataKey = randomBytes(KEY_BYTES);
    return { vault: new RunVault(runId, dataKey), wrappedKey: keyring.wrap(dataKey) };
  }

  /** The token for `original`; the same value of the same kind has the same one throughout the run. */
  hide(original: Json, kind: string): string {
    const text = JSON.stringify(original);
    const token = `[redacted:${kind}:${this.#mac(`${kind}\n${text}`).subarray(0, COMMITMENT_BYTES).toString("base64url")}]`;
    if (!this.#originals.has(token)) {
      this.#originals.set(token, original);
      this.#unsealed.push([token, original]);
    }
    return token;
  }

  /** HMAC of a value's canonical form under the run's key, hex: equal inputs show as equal, and nothing else. */
  fingerprint(value: Json): string {
    return this.#mac(canonicalJson(value)).toString("hex").slice(0, 32);
  }

  /** The originals hidden since the last call, encrypted; null where there are none. */
  drain(): Uint8Array | null {
    if (this.#unsealed.length === 0) return null;
    const plain = Buffer.from(JSON.stringify(this.#unsealed));
    this.#unsealed = [];
    return encrypt(this.#dataKey, plain, this.#runId);
  }

  /** Takes back what `drain` gave, where it did not reach the disk. */
  requeue(sealed: Uint8Array): void {
    this.#unsealed.push(...this.#opened(sealed));
  }

  /** Reads back what `drain` gave. Throws where the bytes are not this run's. */
  load(sealed: Uint8Array): void {
    for (const [token, original] of this.#opened(sealed)) this.#originals.set(token, original);
  }

  #opened(sealed: Uint8Array): [string, Json][] {
    return JSON.parse(Buffer.from(decrypt(this.#dataKey, sealed, this.#runId)).toString()) as [string, Json][];
  }

  /** Every original and the kind it was hidden as. */
  *originals(): Generator<{ kind: string; original: Json }> {
    for (const [token, original] of this.#originals) yield { kind: token.split(":")[1] as string, original };
  }

  /** `value` with tokens replaced by what they stand for, where `may` allows it. Tokens of other runs stay as they are. */
  restore(value: Json, may: (original: Json) => boolean = () => true): Json {
    if (this.#originals.size === 0) return value;
    if (typeof value === "string") return this.#restoreText(value, may);
    if (Array.isArray(value)) return value.map((item) => this.restore(item, may));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [String(this.#restoreText(key, may)), this.restore(item, may)]),
    );
  }

  #restoreText(text: string, may: (original: Json) => boolean): Json {
    if (!text.includes("[redacted:")) return text;
    const whole = this.#originals.get(text);
    if (whole !== undefined) return may(whole) ? whole : text;
    return text.replace(TOKEN, (token) => {
      const original = this.#originals.get(token);
      return typeof original === "string" && may(original) ? original : token;
    });
  }

  #mac(text: string): Buffer {
    return createHmac("sha256", this.#commitKey).update(text).digest();
  }
}
