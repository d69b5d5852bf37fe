import { v7 } from "uuid";

export type IdPrefix =
  | "run"
  | "rev"
  | "evt"
  | "tok"
  | "ses"
  | "qua"
  | "wrk"
  | "rpl"
  | "aud"
  | "wai"
  | "hld"
  | "rdv"
  | "evl"
  | "prp"
  | "drf"
  | "pvw";

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** `run_01k…`: UUID v7 in Crockford base 32, so ids sort by the time they were made, within a millisecond too. */
export function newId(prefix: IdPrefix): string {
  const bytes = v7(undefined, new Uint8Array(16));
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = "";
  for (let i = 0; i < 26; i++) {
    text = DIGITS[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `${prefix}_${text}`;
}
