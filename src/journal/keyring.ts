import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomFillSync } from "node:crypto";

/** What the project's key (`SLUICE_KEY`, 32 bytes) is used for; each use has a key of its own, derived by HKDF. */
export interface Keyring {
  /** For record MACs and chains. 32 bytes. */
  readonly chainKey: Uint8Array;
  /** For hashes of bearer tokens. 32 bytes. */
  readonly tokenKey: Uint8Array;
  wrap(dataKey: Uint8Array): Uint8Array;
  /** Throws where the key is another one, or the bytes were changed. */
  unwrap(wrapped: Uint8Array): Uint8Array;
  /** Seals bytes that belong to no run, such as a quarantined body. */
  sealBytes(bytes: Uint8Array): Uint8Array;
  openBytes(sealed: Uint8Array): Uint8Array;
  /** HMAC of an event's canonical body: equal bodies are seen without being shown. 32 bytes. */
  bodyMac(canonical: string): Uint8Array;
  /** HMAC of what a wait for an event looks for (`event-tokens.ts`). 16 bytes. */
  eventToken(text: string): Uint8Array;
}

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createKeyring(master: Uint8Array): Keyring {
  if (master.length !== KEY_BYTES)
    throw new RangeError(`The key must have ${KEY_BYTES} bytes; this one has ${master.length}.`);
  const derive = (use: string): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", master, "sluice", `sluice/1/${use}`, KEY_BYTES));
  const wrapKey = derive("wrap");
  const sealKey = derive("seal");
  const bodyKey = derive("body");
  const eventKey = derive("event");
  return {
    chainKey: derive("chain"),
    tokenKey: derive("token"),
    wrap: (dataKey) => encrypt(wrapKey, dataKey, "key"),
    unwrap: (wrapped) => decrypt(wrapKey, wrapped, "key"),
    sealBytes: (bytes) => encrypt(sealKey, bytes, "bytes"),
    openBytes: (sealed) => decrypt(sealKey, sealed, "bytes"),
    bodyMac: (canonical) => createHmac("sha256", bodyKey).update(canonical).digest(),
    eventToken: (text) => createHmac("sha256", eventKey).update(text).digest().subarray(0, 16),
  };
}

// Random bytes in one draw of 4 KB: a draw per nonce costs as much as the encryption.
const pool = Buffer.alloc(4_096);
let poolAt = pool.length;

export function randomBytes(length: number): Uint8Array {
  if (poolAt + length > pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const bytes = Uint8Array.prototype.slice.call(pool, poolAt, poolAt + length);
  poolAt += length;
  return bytes;
}

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. `bound` is authenticated with it: bytes moved elsewhere do not open. */
export function encrypt(key: Uint8Array, plain: Uint8Array, bound: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(bound));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export function decrypt(key: Uint8Array, sealed: Uint8Array, bound: string): Uint8Array {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce)
    .setAAD(Buffer.from(bound))
    .setAuthTag(sealed.subarray(end));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
}
