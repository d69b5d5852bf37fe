import { JsonTooDeep, MAX_DEPTH, parseJson, pointerToken } from "../base/json.ts";
import type { Json, Problem } from "../base/json.ts";

export type StrictJsonCode =
  | "not_json"
  | "too_deep"
  | "duplicate_keys"
  | "number_range"
  | "broken_text"
  | "forbidden_key";

export type StrictJson = { ok: true; value: Json } | { ok: false; code: StrictJsonCode; problems: Problem[] };

/**
 * Parses a model's answer as JSON and as nothing else. `JSON.parse` is not enough for a decision: it keeps the last of two
 * equal keys, rounds large integers, turns `1e999` into Infinity and lets half a surrogate pair through, all in silence.
 */
export function parseStrictJson(text: string): StrictJson {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof JsonTooDeep)
      return failed("too_deep", "", `The answer nests deeper than ${MAX_DEPTH} levels.`);
    return failed("not_json", "", notJson(text, error));
  }
  const scan = new Scan(text);
  scan.value("");
  return scan.found ?? { ok: true, value };
}

function failed(code: StrictJsonCode, pointer: string, message: string): StrictJson & { ok: false } {
  return { ok: false, code, problems: [{ pointer, message }] };
}

function notJson(text: string, error: unknown): string {
  if (text.trim() === "") return "The answer is empty; one JSON value was expected.";
  if (/^\s*```/.test(text)) return "The answer is wrapped in a code fence; the JSON alone was expected.";
  const detail = error instanceof Error ? error.message.replace(/\.?$/, ".") : "";
  return `The answer is not JSON. ${detail}`;
}

/** Walks text that is known to be JSON, and finds what `JSON.parse` swallows. */
class Scan {
  found: (StrictJson & { ok: false }) | undefined;
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
    const number = Number(token);
    if (!Number.isFinite(number) || (/^-?\d+$/.test(token) && !Number.isSafeInteger(number)))
      this.#report(
        "number_range",
        pointer,
        `The number ${token.slice(0, 40)} cannot be held exactly; write it as text.`,
      );
  }

  #space(): void {
    while (/[\s]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #report(code: StrictJsonCode, pointer: string, message: string): void {
    this.found ??= { ok: false, code, problems: [] };
    if (this.found.code === code) this.found.problems.push({ pointer, message });
  }
}
