import { canonicalJson, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Keyring } from "./keyring.ts";

/** What a wait compares with: equal in JSON, so `1` is `1.0` and `"1"` is not. */
export type Scalar = string | number | boolean | null;

/** Conditions of a wait, by dotted path into the event. All must hold. */
export type Where = Readonly<Record<string, Scalar>>;

/** Bytes of one token. */
export const TOKEN_BYTES = 16;
/** Texts longer than this are not looked for. UTF-16 units. */
export const LONGEST_VALUE = 1_024;
/** So many values of an event are looked for at most, those outside of lists and nearest to its root first. */
const MOST_VALUES = 256;

/**
 * An event, in one of the versions it can be read in; null: in whichever is current, which is what a reference without a
 * version names.
 */
export interface EventForm {
  version: number | null;
  event: JsonObject;
}

/**
 * What an event is found by: keyed hashes of its type and of type, path and value of each of its scalars, one after the
 * other. Equal values show as equal; nobody without the project's key can tell, or guess, what they are.
 */
export function eventTokens(keyring: Keyring, type: string, forms: readonly EventForm[]): Uint8Array {
  const tokens = forms.flatMap(({ version, event }) => [
    token(keyring, type, version),
    ...valuesOf(event).map(([path, value]) => token(keyring, type, version, path, value)),
  ]);
  return Buffer.concat(tokens);
}

/** What a wait looks for: the first token is that of the event's type, the others are its conditions. */
export function waitTokens(keyring: Keyring, type: string, version: number | null, where: Where): Uint8Array {
  const conditions = Object.entries(where).map(([path, value]) => token(keyring, type, version, path, value));
  return Buffer.concat([token(keyring, type, version), ...conditions]);
}

function token(keyring: Keyring, type: string, version: number | null, ...at: [path?: string, value?: Scalar]): Buffer {
  return Buffer.from(keyring.eventToken(canonicalJson([type, version, ...(at as Json[])])));
}

/** The scalars of an event that a path leads to, each with its path. */
function valuesOf(event: JsonObject): [path: string, value: Scalar][] {
  const found: [string, Scalar][] = [];
  const lists: [string, Json[]][] = [];
  collect([["", event]], found, lists);
  // Values in lists stand at a place that says little: they come after all others.
  collect(lists, found, null);
  return found;
}

/** Level by level, so that a document that is too large loses what lies deepest. */
function collect(start: readonly [string, Json][], found: [string, Scalar][], lists: [string, Json[]][] | null): void {
  let level = start;
  while (level.length > 0 && found.length < MOST_VALUES) {
    const next: [string, Json][] = [];
    for (const [path, value] of level) {
      if (Array.isArray(value) && lists !== null) lists.push([path, value]);
      else if (Array.isArray(value) || isObject(value)) next.push(...childrenOf(path, value));
      else if (isSought(value) && found.length < MOST_VALUES) found.push([path, value]);
    }
    level = next;
  }
}

function childrenOf(path: string, value: Json[] | JsonObject): [string, Json][] {
  // A path is split at its dots, so that none leads to a name that has one.
  const children = Object.entries(value).filter(([name]) => !name.includes("."));
  return children.map(([name, child]) => [path === "" ? name : `${path}.${name}`, child]);
}

function isSought(value: Exclude<Json, Json[] | JsonObject>): boolean {
  return typeof value !== "string" || value.length <= LONGEST_VALUE;
}
