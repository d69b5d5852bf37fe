import { isObject, pointerToken } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { RunVault } from "./vault.ts";
import { readWords, sequenceHash, wordsOf } from "./words.ts";
import type { Words } from "./words.ts";

/** A value marked sensitive by its schema. */
export interface Mark {
  pointer: string;
  kind: string;
}

/** A part of a text that has to go. */
interface Span {
  start: number;
  end: number;
  kind: string;
}

/** Shorter values are hidden only where they are marked, or stand under the same name. */
const WHOLE_MIN = 3;
/** Values of this many characters are also looked for inside other text, as they stand. */
const SUBSTRING_MIN = 8;
/** So many neighbouring words of a marked text, with so many letters and digits in all, are a quotation of it. */
const QUOTE_WORDS = 4;
const QUOTE_WEIGHT = 16;
/** A marked value with fewer letters and digits than this is too common a word to be found by its text. */
const SHORT_WEIGHT = 4;
/**
 * Addresses and long numbers. An address is looked for where its word begins, else only 64 characters back from its @:
 * from every character of a long text without a space it would take time by the square of its length.
 */
const IDENTIFIERS =
  /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[ ().-]?\d){6,}/g;

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Takes marked values out of everything a run writes. A value is found where its schema marks it, and then by its words
 * in whatever the run says later: whole, or any four neighbouring words of it, or the addresses and long numbers in it;
 * in any case, spacing and escaping. A paraphrase is not found.
 */
export class Redactor {
  readonly #vault: RunVault;
  /** Words of the schemas' own closed sets (`enum`, `const`): never sensitive by their text. */
  readonly #vocabulary: ReadonlySet<string>;
  /** Kinds of values that are hidden wherever they stand. */
  readonly #known = new Map<string | number, string>();
  /** Kinds of values that are hidden under the name they were marked under: too short to be hidden everywhere. */
  readonly #byKey = new Map<string, Map<string | number, string>>();
  readonly #words = new Set<number>();
  /** Kinds by the hash of a quotation that is just long enough. */
  readonly #quotes = new Map<number, string>();
  /** Short values and identifiers, by their first word. */
  readonly #short = new Map<number, { hashes: number[]; kind: string }[]>();
  #whole: { text: string; kind: string }[] = [];

  constructor(vault: RunVault, vocabulary: ReadonlySet<string> = NOTHING) {
    this.#vault = vault;
    this.#vocabulary = vocabulary;
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
    if (this.#words.size === 0 && this.#whole.length === 0) return text;
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
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [this.#scan(name), this.#hideKnown(item, name)]),
    );
  }

  #scan(text: string): string {
    const spans = [...this.#wholeSpans(text), ...this.#quotedSpans(text)];
    if (spans.length === 0) return text;
    spans.sort((a, b) => a.start - b.start || b.end - a.end);
    let out = "";
    let at = 0;
    for (const { start, end, kind } of spans) {
      if (end <= at) continue;
      const from = Math.max(start, at);
      out += text.slice(at, from) + this.#vault.hide(text.slice(from, end), kind);
      at = end;
    }
    return out + text.slice(at);
  }

  #wholeSpans(text: string): Span[] {
    const spans: Span[] = [];
    for (const { text: whole, kind } of this.#whole)
      for (let at = text.indexOf(whole); at >= 0; at = text.indexOf(whole, at + whole.length))
        spans.push({ start: at, end: at + whole.length, kind });
    return spans;
  }

  #quotedSpans(text: string): Span[] {
    const spans: Span[] = [];
    readWords(text, this.#words, (run) => this.#quotesIn(run, spans));
    return spans;
  }

  #quotesIn(run: Words, spans: Span[]): void {
    const add = (from: number, count: number, kind: string): void => {
      const [start, end] = [run.starts[from] as number, run.ends[from + count - 1] as number];
      const last = spans.at(-1);
      // Quotations that overlap are one: its words are neighbours.
      if (last !== undefined && last.end >= start && last.start <= start) last.end = Math.max(last.end, end);
      else spans.push({ start, end, kind });
    };
    for (let from = 0; from < run.hashes.length; from++) {
      for (const { hashes, kind } of this.#short.get(run.hashes[from] as number) ?? [])
        if (hashes.every((hash, i) => run.hashes[from + i] === hash)) add(from, hashes.length, kind);
      const count = quoteLength(run, from);
      const kind = count === 0 ? undefined : this.#quotes.get(sequenceHash(run.hashes, from, count));
      if (kind !== undefined) add(from, count, kind);
    }
  }

  #learn(value: Json, kind: string, key: string | null): void {
    if (Array.isArray(value)) for (const item of value) this.#learn(item, kind, key);
    else if (isObject(value)) for (const [name, item] of Object.entries(value)) this.#learn(item, kind, name);
    else if (typeof value === "string" || typeof value === "number") this.#learnScalar(value, kind, key);
  }

  #learnScalar(value: string | number, kind: string, key: string | null): void {
    const text = String(value);
    if (key !== null)
      this.#byKey.set(key, (this.#byKey.get(key) ?? new Map<string | number, string>()).set(value, kind));
    if (text.length < WHOLE_MIN || this.#known.has(value) || this.#vocabulary.has(text)) return;
    if (typeof value === "string" || text.length >= 5) this.#known.set(value, kind);
    if (text.length >= SUBSTRING_MIN && typeof value === "string") {
      // Longest first: a whole value goes as the token it has everywhere.
      this.#whole = [...this.#whole, { text, kind }].sort((a, b) => b.text.length - a.text.length);
    }
    this.#learnWords(wordsOf(text), kind);
    for (const [identifier] of text.matchAll(IDENTIFIERS)) {
      this.#learnShort(wordsOf(identifier), kind);
      if (!identifier.includes("@")) this.#learnShort(wordsOf(identifier.replace(/\D/g, "")), kind);
    }
  }

  #learnWords(words: Words, kind: string): void {
    let quotes = 0;
    for (let from = 0; from < words.hashes.length; from++) {
      const count = quoteLength(words, from);
      if (count === 0) continue;
      quotes++;
      this.#quotes.set(sequenceHash(words.hashes, from, count), kind);
    }
    if (quotes === 0) this.#learnShort(words, kind);
    else for (const hash of words.hashes) this.#words.add(hash);
  }

  #learnShort({ hashes, weights }: Words, kind: string): void {
    const [first] = hashes;
    if (first === undefined || weights.reduce((sum, weight) => sum + weight, 0) < SHORT_WEIGHT) return;
    for (const hash of hashes) this.#words.add(hash);
    this.#short.set(first, [...(this.#short.get(first) ?? []), { hashes, kind }]);
  }
}

/** How many words from `from` on make a quotation that is just long enough; 0 where the run ends before. */
function quoteLength(run: Words, from: number): number {
  let weight = 0;
  for (let at = from; at < run.hashes.length; at++) {
    weight += run.weights[at] as number;
    const count = at - from + 1;
    if (count >= QUOTE_WORDS && weight >= QUOTE_WEIGHT) return count;
  }
  return 0;
}
