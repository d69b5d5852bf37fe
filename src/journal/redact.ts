import { isObject, pointerToken } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { RunVault } from "./vault.ts";

/** A value marked sensitive by its schema. */
export interface Mark {
  pointer: string;
  kind: string;
}

/** Text that was part of a marked value and must not show anywhere else in the run either. */
interface Needle {
  text: string;
  kind: string;
  /** Short or numeric text only counts as a word of its own. */
  word: RegExp | null;
  /** The text as JSON strings write it, once and twice nested, plain and in \u form: made on first need. */
  escaped: string[] | null;
}

const WHOLE_MIN = 3;
const WORD_MIN = 4;
const SUBSTRING_MIN = 8;
const PIECE_MIN = 16;
const MAX_NEEDLES = 4_000;
// A private character and, after it, one from the supplementary private plane, which numbers the token.
const STAND_IN = "\ue000";
const STAND_IN_BASE = 0xf0000;
const STAND_INS = /\ue000[\u{f0000}-\u{ffffd}]/gu;
const IDENTIFIERS = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[ ().-]?\d){6,}/g;

/**
 * Takes marked values out of everything a run writes. A value is found where its schema marks it, and then,
 * by its text (whole, by line, by sentence, by the addresses and numbers in it), in whatever the run says later.
 */
export class Redactor {
  readonly #vault: RunVault;
  /** Kinds of values that are hidden wherever they stand. */
  readonly #known = new Map<string | number, string>();
  /** Kinds of values that are hidden under the name they were marked under: too short to be hidden everywhere. */
  readonly #byKey = new Map<string, Map<string | number, string>>();
  #needles: Needle[] = [];

  constructor(vault: RunVault) {
    this.#vault = vault;
    for (const { kind, original } of vault.originals()) if (kind !== "undeclared") this.#learn(original, kind, null);
  }

  /** `value` with the marked places hidden; what they hold is known from here on. */
  hideMarked(value: Json, marks: readonly Mark[]): Json {
    if (marks.length === 0) return value;
    const byPointer = new Map(marks.map((mark) => [mark.pointer, mark.kind]));
    return this.#hideAt(value, "", byPointer);
  }

  /** `value` with everything known to be sensitive hidden, wherever it stands. */
  hideKnown(value: Json): Json {
    if (this.#known.size === 0 && this.#byKey.size === 0) return value;
    return this.#hideKnown(value, "");
  }

  /** The same for text that may hold JSON in any nesting of escapes, such as a provider's raw answer. */
  hideInText(text: string): string {
    if (this.#needles.length === 0) return text;
    return this.#scan(text);
  }

  #hideAt(value: Json, pointer: string, marks: ReadonlyMap<string, string>): Json {
    const kind = marks.get(pointer);
    if (kind !== undefined) {
      const key = pointer.slice(pointer.lastIndexOf("/") + 1);
      if (kind !== "undeclared") this.#learn(value, kind, key);
      return this.#vault.hide(value, kind);
    }
    if (Array.isArray(value)) return value.map((item, i) => this.#hideAt(item, `${pointer}/${i}`, marks));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#hideAt(item, `${pointer}/${pointerToken(key)}`, marks)]),
    );
  }

  #hideKnown(value: Json, key: string): Json {
    if (typeof value === "string" || typeof value === "number") {
      const kind = this.#known.get(value) ?? this.#byKey.get(key)?.get(value);
      if (kind !== undefined) return this.#vault.hide(value, kind);
      return typeof value === "string" ? this.#scan(value) : value;
    }
    if (Array.isArray(value)) return value.map((item) => this.#hideKnown(item, key));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#hideKnown(item, name)]));
  }

  #scan(text: string): string {
    // Found text is held out under stand-ins until the end, so that no needle matches inside another's token.
    if (text.includes(STAND_IN)) return this.#vault.hide(text, "text");
    const tokens: string[] = [];
    const standIn = (found: string, kind: string): string => {
      tokens.push(this.#vault.hide(found, kind));
      return STAND_IN + String.fromCodePoint(STAND_IN_BASE + tokens.length - 1);
    };
    const escapes = text.includes("\\");
    let out = text;
    for (const needle of this.#needles) {
      if (needle.word === null) out = out.replaceAll(needle.text, (found) => standIn(found, needle.kind));
      else if (out.includes(needle.text)) out = out.replace(needle.word, (found) => standIn(found, needle.kind));
      if (!escapes) continue;
      needle.escaped ??= escapedForms(needle.text);
      for (const form of needle.escaped) out = out.replaceAll(form, (found) => standIn(found, needle.kind));
    }
    if (tokens.length === 0) return text;
    return out.replace(STAND_INS, (found) => tokens[(found.codePointAt(1) as number) - STAND_IN_BASE] as string);
  }

  #learn(value: Json, kind: string, key: string | null): void {
    if (Array.isArray(value)) for (const item of value) this.#learn(item, kind, key);
    else if (isObject(value)) for (const [name, item] of Object.entries(value)) this.#learn(item, kind, name);
    else if (typeof value === "string" || typeof value === "number") this.#learnScalar(value, kind, key);
  }

  #learnScalar(value: string | number, kind: string, key: string | null): void {
    const text = String(value);
    if (key !== null) this.#byKey.set(key, (this.#byKey.get(key) ?? new Map()).set(value, kind));
    if (text.length < WHOLE_MIN || this.#known.has(value)) return;
    if (typeof value === "string" || text.length >= 5) this.#known.set(value, kind);
    const pieces = new Set([text, text.trim(), ...piecesOf(text)]);
    const fresh = [...pieces].filter((piece) => piece.length >= WORD_MIN).map((piece) => needleFor(piece, kind));
    // Longest first: a whole value goes as one token before its lines could break it up.
    this.#needles = [...this.#needles, ...fresh].sort((a, b) => b.text.length - a.text.length).slice(0, MAX_NEEDLES);
  }
}

function piecesOf(text: string): string[] {
  const lines = text.split(/[\r\n]+/);
  const sentences = text.split(/[\r\n]+|(?<=[.!?。！？;])\s+/);
  const parts = [...lines, ...sentences].map((part) => part.trim()).filter((part) => part.length >= PIECE_MIN);
  return [...parts, ...[...text.matchAll(IDENTIFIERS)].map((match) => match[0].trim())];
}

function needleFor(text: string, kind: string): Needle {
  const short = text.length < SUBSTRING_MIN || /^\d+$/.test(text);
  const word = short ? new RegExp(`(?<![\\p{L}\\p{N}])${escapeRegExp(text)}(?![\\p{L}\\p{N}])`, "gu") : null;
  return { text, kind, word, escaped: null };
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** Forms in which JSON may write `text`, other than the text itself. */
function escapedForms(text: string): string[] {
  const nest = (form: string): string => JSON.stringify(form).slice(1, -1);
  const ascii = (form: string): string =>
    form.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const once = nest(text);
  const forms = [once, ascii(once), nest(once), nest(ascii(once)), ascii(nest(once))];
  return [...new Set(forms)].filter((form) => form !== text).sort((a, b) => b.length - a.length);
}
