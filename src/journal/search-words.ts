import { isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";

const TOKEN = /\[redacted:[a-z0-9_]{1,32}:[A-Za-z0-9_-]{22}\]/g;
/** Letters, digits and marks; ids keep what joins their parts. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:[_-]+[\p{L}\p{N}\p{M}]+)*/gu;
/** Scripts that put no spaces between words. */
const UNSPACED =
  /(?:(?=[\p{L}\p{M}])[\p{Script=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])+/gu;
const ACCENT = /[\u0300-\u036f]/g;
/** Longer words are found by their beginning of this length. */
const MAX_WORD = 64;
/** Distinct words of one text that can be found; what is beyond them cannot. */
const MAX_WORDS = 4_000;
/** Words of a question that count. */
const MAX_ASKED = 16;
const SINGLE = /^[a-z0-9]$/;

/**
 * The words a run is found by, as they stand in an index: small letters without accents; an id whole and by its parts; text
 * of scripts without spaces by each two neighbouring characters. Tokens of redaction have none. In no order, each once.
 */
export function searchWords(values: readonly Json[]): string[] {
  const words = new Set<string>();
  for (const value of values) collect(value, words);
  return [...words];
}

function collect(value: Json, words: Set<string>): void {
  if (words.size >= MAX_WORDS) return;
  if (typeof value === "string") addText(value.includes("[redacted:") ? value.replace(TOKEN, " ") : value, words);
  else if (typeof value === "number") addText(String(value), words);
  else if (Array.isArray(value)) for (const item of value) collect(item, words);
  else if (isObject(value)) for (const item of Object.values(value)) collect(item, words);
}

function addText(text: string, words: Set<string>): void {
  for (const piece of piecesOf(text)) {
    if (words.size >= MAX_WORDS) return;
    if (piece.unspaced) addPairs([...piece.text], words);
    else addWord(piece.text, words);
  }
}

function addWord(word: string, words: Set<string>): void {
  words.add(cut(word));
  if (word.includes("_") || word.includes("-")) for (const part of word.split(/[_-]+/)) words.add(cut(part));
}

/** The last character stands alone too, so that every character begins a word. */
function addPairs(characters: readonly string[], words: Set<string>): void {
  characters.forEach((character, at) => words.add(character + (characters[at + 1] ?? "")));
}

/** What some word of a run has to be, or to begin with. */
export interface AskedWord {
  text: string;
  /** A single letter or digit begins too many words to mean any but itself. */
  whole: boolean;
}

/** What is asked of each run that is found; empty where the question holds no letter or digit. */
export function askedWords(question: string): AskedWord[] {
  const asked = new Set<string>();
  for (const { text, unspaced } of piecesOf(question)) {
    if (!unspaced) asked.add(cut(text));
    else {
      const characters = [...text];
      const pairs = characters.slice(1).map((character, at) => `${characters[at] ?? ""}${character}`);
      for (const pair of pairs.length === 0 ? characters : pairs) asked.add(pair);
    }
  }
  return [...asked].slice(0, MAX_ASKED).map((text) => ({ text, whole: SINGLE.test(text) }));
}

interface Piece {
  text: string;
  unspaced: boolean;
}

const ASCII = /^[\u0020-\u007e\s]*$/;

function* piecesOf(text: string): Generator<Piece> {
  const folded = fold(text);
  const plain = ASCII.test(folded);
  for (const [word] of folded.matchAll(WORD)) {
    if (plain) yield { text: word, unspaced: false };
    else yield* split(word);
  }
}

/** Parts of a word where the script changes between one with spaces and one without. */
function* split(word: string): Generator<Piece> {
  let at = 0;
  for (const match of word.matchAll(UNSPACED)) {
    yield* spaced(word.slice(at, match.index));
    yield { text: match[0], unspaced: true };
    at = match.index + match[0].length;
  }
  yield* spaced(word.slice(at));
}

function* spaced(text: string): Generator<Piece> {
  const word = text.replace(/^[_-]+|[_-]+$/g, "");
  if (word !== "") yield { text: word, unspaced: false };
}

/** Müller and MÜLLER are muller, ＡＢＣ is abc, Straße is strasse. */
function fold(text: string): string {
  const small = text.toLowerCase();
  if (ASCII.test(small)) return small;
  return small.replaceAll("ß", "ss").normalize("NFKD").replace(ACCENT, "").normalize("NFC").toLowerCase();
}

function cut(word: string): string {
  return word.length <= MAX_WORD ? word : word.slice(0, MAX_WORD).replace(/[\ud800-\udbff]$/, "");
}
