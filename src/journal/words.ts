/** Words of a text, told apart by a hash, with their places in it. Parallel arrays: one entry a word. */
export interface Words {
  hashes: number[];
  /** How much a word says: its letters and digits; a sign of a script without spaces counts twice. */
  weights: number[];
  starts: number[];
  ends: number[];
}

export function emptyWords(): Words {
  return { hashes: [], weights: [], starts: [], ends: [] };
}

const SEPARATOR = 1;
const LETTER = 2;
/** A word by itself: scripts that write without spaces. */
const SIGN = 3;
/** Written or not, the word is the same: marks, invisible and direction characters. */
const IGNORED = 4;

// By UTF-16 unit, filled in as units are met: 0 is "not met yet".
const classes = new Uint8Array(65_536);
const folded = new Uint16Array(65_536);

function classify(unit: number): number {
  const text = String.fromCharCode(unit);
  folded[unit] = text.normalize("NFD").toLowerCase().charCodeAt(0);
  let found = SEPARATOR;
  if (unit >= 0xd800 && unit <= 0xdfff) found = LETTER;
  else if (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u.test(text)
  )
    found = SIGN;
  else if (/[\p{L}\p{N}]/u.test(text)) found = LETTER;
  else if (/[\p{M}\p{Cf}]/u.test(text)) found = IGNORED;
  classes[unit] = found;
  return found;
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
 * Reads the words of `text`, whatever escapes it is written in, and hands each run of neighbouring words that `wanted`
 * knows to `seen`. Upper and lower case, accents and the kind of space and punctuation between words make no difference.
 */
export function readWords(text: string, wanted: (hash: number) => boolean, seen: (run: Words) => void): void {
  let run = emptyWords();
  let hash = 0;
  let weight = 0;
  let start = -1;
  let end = 0;
  const close = (): void => {
    if (start < 0) return;
    if (wanted(hash)) {
      run.hashes.push(hash);
      run.weights.push(weight);
      run.starts.push(start);
      run.ends.push(end);
    } else if (run.hashes.length > 0) {
      seen(run);
      run = emptyWords();
    }
    start = -1;
    hash = 0;
    weight = 0;
  };
  const length = text.length;
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
    const kind = classes[unit] || classify(unit);
    if (kind === SEPARATOR) close();
    else if (kind !== IGNORED) {
      if (kind === SIGN) close();
      if (start < 0) start = at;
      hash = (Math.imul(hash, 31) + (folded[unit] as number) + 1) | 0;
      weight += kind === SIGN ? 2 : 1;
      end = next;
      if (kind === SIGN) close();
    }
    at = next;
  }
  close();
  if (run.hashes.length > 0) seen(run);
}

/** All words of `text`. */
export function wordsOf(text: string): Words {
  let all = emptyWords();
  readWords(
    text,
    () => true,
    (run) => (all = run),
  );
  return all;
}

/** One hash for `count` words from `from`. */
export function sequenceHash(hashes: readonly number[], from: number, count: number): number {
  let hash = count;
  for (let i = from; i < from + count; i++) hash = (Math.imul(hash, 0x01000193) ^ (hashes[i] as number)) | 0;
  return hash;
}
