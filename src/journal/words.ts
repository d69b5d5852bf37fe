/** Words of a text, told apart by a hash, with their places in it. Parallel arrays: one entry a word. */
export interface Words {
  hashes: number[];
  /** How much a word says: its letters and digits; a sign of a script without spaces counts twice. */
  weights: number[];
  starts: number[];
  ends: number[];
}

function emptyWords(): Words {
  return { hashes: [], weights: [], starts: [], ends: [] };
}

const SEPARATOR = -1;
/** Written or not, the word is the same: marks, invisible and direction characters. */
const IGNORED = -2;
/** Set on signs of scripts that write without spaces: each is a word by itself. */
const SIGN = 0x10000;

// What each UTF-16 unit means, filled in as units are met; 0 is "not met yet". A letter: what it is folded to, plus one.
const units = new Int32Array(65_536);

function meaningOf(unit: number): number {
  const text = String.fromCharCode(unit);
  const letter = text.normalize("NFD").toLowerCase().charCodeAt(0) + 1;
  let meaning = SEPARATOR;
  if (unit >= 0xd800 && unit <= 0xdfff) meaning = letter;
  else if (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u.test(text)
  )
    meaning = letter | SIGN;
  else if (/[\p{L}\p{N}]/u.test(text)) meaning = letter;
  else if (/[\p{M}\p{Cf}]/u.test(text)) meaning = IGNORED;
  units[unit] = meaning;
  return meaning;
}

const BACKSLASH = 0x5c;
const ESCAPED_SPACE = /[nrtbf]/;
const ENTITY = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/iy;

/** Where an escape at `at` ends, and the unit it stands for; -1 for a separator. Null where there is none. */
interface Escape {
  end: number;
  unit: number;
}

/** JSON escapes of any nesting, JSON pointer escapes, HTML entities, percent escapes. */
function escapeAt(text: string, at: number): Escape | null {
  const unit = text.charCodeAt(at);
  if (unit === BACKSLASH) return backslash(text, at);
  if (unit === 0x7e) return /[01]/.test(text[at + 1] ?? "") ? { end: at + 2, unit: -1 } : null;
  if (unit === 0x26) {
    ENTITY.lastIndex = at;
    return ENTITY.test(text) ? { end: ENTITY.lastIndex, unit: -1 } : null;
  }
  if (unit !== 0x25) return null;
  const hex = /^[0-7][0-9a-f]$/i.test(text.slice(at + 1, at + 3)) ? text.slice(at + 1, at + 3) : null;
  return hex === null ? null : { end: at + 3, unit: Number.parseInt(hex, 16) };
}

function backslash(text: string, at: number): Escape {
  let end = at + 1;
  while (text.charCodeAt(end) === BACKSLASH) end++;
  const next = text[end] ?? "";
  if (next === "u" && /^[0-9a-f]{4}$/i.test(text.slice(end + 1, end + 5)))
    return { end: end + 5, unit: Number.parseInt(text.slice(end + 1, end + 5), 16) };
  return { end: ESCAPED_SPACE.test(next) ? end + 1 : end, unit: -1 };
}

/**
 * Reads the words of `text`, whatever escapes it is written in, and hands each run of neighbouring words that are among
 * `wanted` (null: all) to `seen`. Upper and lower case, accents and the kind of space and punctuation between words make
 * no difference.
 */
export function readWords(text: string, wanted: ReadonlySet<number> | null, seen: (run: Words) => void): void {
  const reader = new RunReader(wanted, seen);
  const length = text.length;
  let hash = 0;
  let weight = 0;
  let start = -1;
  let end = 0;
  for (let at = 0; at < length;) {
    let unit = text.charCodeAt(at);
    let next = at + 1;
    // The four characters that may begin an escape: \ ~ & %
    if (unit === BACKSLASH || unit === 0x7e || unit === 0x26 || unit === 0x25) {
      const escape = escapeAt(text, at);
      if (escape !== null) {
        next = escape.end;
        unit = escape.unit < 0 ? 0x20 : escape.unit;
      }
    }
    const meaning = units[unit] || meaningOf(unit);
    if (start >= 0 && (meaning === SEPARATOR || meaning >= SIGN)) {
      reader.word(hash, weight, start, end);
      start = -1;
    }
    if (meaning >= SIGN) reader.word(meaning, 2, at, next);
    else if (meaning > 0) {
      if (start < 0) {
        start = at;
        hash = 0;
        weight = 0;
      }
      hash = (Math.imul(hash, 31) + meaning) | 0;
      weight++;
      end = next;
    }
    at = next;
  }
  if (start >= 0) reader.word(hash, weight, start, end);
  reader.end();
}

/** Collects neighbouring words as long as they are wanted. */
class RunReader {
  readonly #wanted: ReadonlySet<number> | null;
  readonly #seen: (run: Words) => void;
  #run = emptyWords();

  constructor(wanted: ReadonlySet<number> | null, seen: (run: Words) => void) {
    this.#wanted = wanted;
    this.#seen = seen;
  }

  word(hash: number, weight: number, start: number, end: number): void {
    if (this.#wanted !== null && !this.#wanted.has(hash)) {
      this.end();
      return;
    }
    this.#run.hashes.push(hash);
    this.#run.weights.push(weight);
    this.#run.starts.push(start);
    this.#run.ends.push(end);
  }

  end(): void {
    if (this.#run.hashes.length === 0) return;
    this.#seen(this.#run);
    this.#run = emptyWords();
  }
}

/** All words of `text`. */
export function wordsOf(text: string): Words {
  let all = emptyWords();
  readWords(text, null, (run) => (all = run));
  return all;
}

/** One hash for `count` words from `from`. */
export function sequenceHash(hashes: readonly number[], from: number, count: number): number {
  let hash = count;
  for (let i = from; i < from + count; i++) hash = (Math.imul(hash, 0x01000193) ^ (hashes[i] as number)) | 0;
  return hash;
}
