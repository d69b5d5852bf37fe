import { atPointer, isObject, pointerToken } from "./json.ts";
import type { Json, Problem } from "./json.ts";

/** What `JSON.parse` takes in silence, and where. */
export interface JsonFinding extends Problem {
  code: "duplicate_keys" | "number_range" | "broken_text" | "forbidden_key";
}

/** Everything in a text that is known to be JSON which `JSON.parse` swallows, in the order of the text. */
export function scanJson(text: string): JsonFinding[] {
  const scan = new Scan(text);
  scan.value("");
  return scan.found;
}

/**
 * Keys that occur twice in one object: RFC 8785 has no form for such a document. `value` is the text parsed; counting
 * its members against the colons of the text is so cheap that it can be asked of every event.
 */
export function duplicateKeys(text: string, value: Json): Problem[] {
  if (colonsOf(text) === membersOf(value)) return [];
  return scanJson(text)
    .filter(({ code }) => code === "duplicate_keys")
    .map(({ pointer, message }) => ({ pointer, message }));
}

/**
 * Whole numbers that were read as others: an identifier of 64 bits becomes its neighbour's. Fractions are not looked at:
 * who sends them means a measure, and a double is one. As cheap as `duplicateKeys` where there are none.
 */
export function roundedIntegers(text: string, value: Json): Problem[] {
  if (!holdsLargeInteger(value)) return [];
  return scanJson(text)
    .filter(({ code, pointer }) => code === "number_range" && isLargeInteger(atPointer(value, pointer)))
    .map(({ pointer, message }) => ({ pointer, message }));
}

function isLargeInteger(value: Json | undefined): boolean {
  return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
}

function holdsLargeInteger(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsLargeInteger);
  return isObject(value) ? Object.values(value).some(holdsLargeInteger) : isLargeInteger(value);
}

/** Colons outside of strings: one a member. */
function colonsOf(text: string): number {
  let colons = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === COLON) colons++;
    else if (c === QUOTE) at = endOfString(text, at);
  }
  return colons;
}

const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the closing quote is: the next one with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let at = start; ;) {
    at = text.indexOf('"', at + 1);
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
}

function membersOf(value: Json): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + membersOf(item), 0);
  if (!isObject(value)) return 0;
  const names = Object.keys(value);
  return names.reduce((sum, name) => sum + membersOf(value[name] as Json), names.length);
}

/**
 * Whether a number is still the same after it was read: the double it becomes, written out, is the number that was written.
 * 0.1 is; 0.74999999999999999999 becomes 0.75, and 1e-999 becomes 0. Whole numbers beyond 2^53 are not, even where a double
 * happens to meet them: other programs cannot rely on it (RFC 7493), and they are mostly identifiers.
 */
function isKept(token: string): boolean {
  const number = Number(token);
  if (!Number.isFinite(number) || (/^-?\d+$/.test(token) && !Number.isSafeInteger(number))) return false;
  return decimal(token) === decimal(String(number));
}

/** One text for one number: its digits from the first to the last that counts, and where the point is. */
function decimal(token: string): string {
  const [mantissa = "", exponent = "0"] = token.replace(/^-/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  let [first, last] = [0, digits.length];
  while (digits[first] === "0") first++;
  while (last > first && digits[last - 1] === "0") last--;
  return first === last ? "0" : `${digits.slice(first, last)}e${Number(exponent) + whole.length - first}`;
}

/** Walks text that is known to be JSON, and finds what `JSON.parse` swallows. */
class Scan {
  readonly found: JsonFinding[] = [];
  #at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }

  value(pointer: string): void {
    this.#space();
    const c = this.#text[this.#at];
    if (c === "{") this.#object(pointer);
    else if (c === "[") this.#array(pointer);
    else if (c === '"') this.#string(pointer);
    else this.#scalar(pointer);
    this.#space();
  }

  #object(pointer: string): void {
    const keys = new Set<string>();
    this.#at++;
    this.#space();
    while (this.#text[this.#at] !== "}") {
      const key = this.#string(pointer);
      const place = `${pointer}/${pointerToken(key)}`;
      if (keys.has(key)) this.#report("duplicate_keys", place, `The key "${key}" occurs twice; which one is meant?`);
      if (key === "__proto__") this.#report("forbidden_key", place, `The key "__proto__" is not allowed.`);
      keys.add(key);
      this.#space();
      this.#at++; // colon
      this.value(place);
      if (this.#text[this.#at] === ",") this.#at++;
      this.#space();
    }
    this.#at++;
  }

  #array(pointer: string): void {
    this.#at++;
    this.#space();
    for (let index = 0; this.#text[this.#at] !== "]"; index++) {
      this.value(`${pointer}/${index}`);
      if (this.#text[this.#at] === ",") this.#at++;
      this.#space();
    }
    this.#at++;
  }

  #string(pointer: string): string {
    const start = this.#at++;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at++;
    const decoded = JSON.parse(this.#text.slice(start, this.#at)) as string;
    if (!decoded.isWellFormed())
      this.#report("broken_text", pointer, "The text holds half a surrogate pair, which is not a character.");
    return decoded;
  }

  #scalar(pointer: string): void {
    const start = this.#at;
    while (this.#at < this.#text.length && !/[\s,\]}]/.test(this.#text[this.#at] as string)) this.#at++;
    const token = this.#text.slice(start, this.#at);
    if (/^[tfn]/.test(token)) return;
    if (!isKept(token)) {
      const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token;
      this.#report(
        "number_range",
        pointer,
        `The number ${shown} cannot be held exactly; give it fewer digits, or write it as text.`,
      );
    }
  }

  #space(): void {
    while (/[\s]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #report(code: JsonFinding["code"], pointer: string, message: string): void {
    this.found.push({ code, pointer, message });
  }
}
