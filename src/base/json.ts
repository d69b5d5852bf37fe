import canonicalize from "canonicalize";

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A place in a document (RFC 6901) and what is wrong there. */
export interface Problem {
  pointer: string;
  message: string;
}

/** Nesting beyond this is refused at every door: deeper documents exhaust the stack of whatever reads them next. */
export const MAX_DEPTH = 128;

export class JsonTooDeep extends Error {
  constructor() {
    super(`The document is nested deeper than ${MAX_DEPTH} levels.`);
  }
}

/** Strict JSON. Throws `SyntaxError` (not JSON) or `JsonTooDeep`. */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (deeperThan(text, MAX_DEPTH)) throw new JsonTooDeep();
  return value;
}

function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > limit) return true;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return false;
}

/** Whether a value nests deeper than `limit`; one that holds itself does. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return limit === 0 || Object.values(value).some((item) => isDeeperThan(item, limit - 1));
}

/**
 * What parses, and has no form to hash, store or send on: half characters, numbers beyond the range of a double, and in
 * YAML whatever is no JSON. The value nests no deeper than `MAX_DEPTH`.
 */
export function notPortable(value: unknown, pointer = ""): Problem[] {
  const here = (message: string): Problem[] => [{ pointer, message }];
  if (typeof value === "string") return value.isWellFormed() ? [] : here("holds half a surrogate pair");
  if (typeof value === "number") return Number.isFinite(value) ? [] : here("is beyond the range of a double");
  if (Array.isArray(value)) return value.flatMap((item, index) => notPortable(item, `${pointer}/${index}`));
  if (value === null || typeof value === "boolean") return [];
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return here("is not a JSON value");
  return Object.entries(value).flatMap(([key, item]) => {
    const below = `${pointer}/${pointerToken(key.toWellFormed())}`;
    const name = key.isWellFormed() ? [] : [{ pointer: below, message: "has a name with half a surrogate pair" }];
    return [...name, ...notPortable(item, below)];
  });
}

/** RFC 8785 form: equal documents give equal text. */
export function canonicalJson(value: Json): string {
  return canonicalize(value) as string;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One step of a JSON pointer, escaped. */
export function pointerToken(key: string | number): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The value at an RFC 6901 pointer, or undefined where there is none. Own properties only. */
export function atPointer(document: Json, pointer: string): Json | undefined {
  if (pointer === "") return document;
  let at: Json | undefined = document;
  for (const raw of pointer.slice(1).split("/")) {
    const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    at = childOf(at, key);
    if (at === undefined) return undefined;
  }
  return at;
}

/** The value at a dotted path (`ticket.subject`), or undefined where there is none. Own properties only. */
export function atPath(document: Json, path: string): Json | undefined {
  let at: Json | undefined = document;
  for (const key of path.split(".")) {
    at = childOf(at, key);
    if (at === undefined) return undefined;
  }
  return at;
}

function childOf(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
  if (isObject(value) && Object.hasOwn(value, key)) return value[key];
  return undefined;
}
