/** Features of a text and how often each occurs: `w` words, `b` pairs of neighbouring words, `t` letters in threes. */
export type Features = Map<string, number>;

/** Beyond this many different words a text says nothing new about its subject, and costs time. */
const MAX_DISTINCT_WORDS = 3_000;
const MAX_WORD = 32;
// Scripts that put no spaces between words: their words are taken as pairs of characters.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** Lower case, accents folded, in any script; no stemming, which would know one language only. */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
  const words: string[] = [];
  for (const [run] of folded.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (UNSPACED.test(run)) words.push(...pairs(run));
    else words.push(run.length > MAX_WORD ? run.slice(0, MAX_WORD) : run);
  }
  return words;
}

function pairs(run: string): string[] {
  const characters = [...run];
  if (characters.length === 1) return characters;
  return characters.slice(0, -1).map((character, i) => character + (characters[i + 1] as string));
}

/** Features of a text. Digits count as words but not in threes: numbers that look alike mean nothing alike. */
export function featuresOf(text: string): Features {
  const features: Features = new Map();
  const words = wordsOf(text);
  const counts = new Map<string, number>();
  let previous = "";
  for (const word of words) {
    const known = counts.get(word);
    if (known === undefined && counts.size >= MAX_DISTINCT_WORDS) continue;
    counts.set(word, (known ?? 0) + 1);
    if (previous !== "") add(features, `b${previous} ${word}`, 1);
    previous = word;
  }
  for (const [word, count] of counts) {
    add(features, `w${word}`, count);
    if (!/\p{N}/u.test(word)) addThrees(features, word, count);
  }
  return features;
}

function addThrees(features: Features, word: string, count: number): void {
  const padded = ` ${word} `;
  for (let i = 0; i + 3 <= padded.length; i++) add(features, `t${padded.slice(i, i + 3)}`, count);
}

function add(features: Features, key: string, count: number): void {
  features.set(key, (features.get(key) ?? 0) + count);
}
