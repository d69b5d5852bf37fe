import { wordsOf } from "./features.ts";

/** What the examples say about copying a field out of the text: the looks of its values, and the words before them. */
export interface CopyRule {
  shapes: ReadonlyMap<string, number>;
  /** Words seen just before a value, and in how many examples. */
  before: ReadonlyMap<string, number>;
  maxWords: number;
}

export interface Found {
  value: string;
  /** 0 to 1: 1 looks and stands like the values in the examples. */
  fit: number;
}

const MAX_WORDS = 6;
/** A value further in is not looked for: the price of a candidate is paid at every word. */
const MAX_SEARCHED = 20_000;

/** A rule for a field whose values stand in the texts of most examples; undefined where they do not. */
export function learnCopy(pairs: readonly { text: string; value: string }[]): CopyRule | undefined {
  const copied = pairs.filter(({ text, value }) => value.trim() !== "" && text.includes(value));
  if (copied.length === 0 || copied.length < pairs.length * 0.6) return undefined;
  const shapes = new Map<string, number>();
  const before = new Map<string, number>();
  for (const { text, value } of copied) {
    count(shapes, shapeOf(value));
    for (const word of wordsBefore(text, text.indexOf(value))) count(before, word);
  }
  const longest = Math.max(...copied.map(({ value }) => value.split(/\s+/).length));
  return { shapes, before, maxWords: Math.min(longest, MAX_WORDS) };
}

/** Places in the text that look like the values of the examples, best first. */
export function findCopies(rule: CopyRule, text: string): Found[] {
  const searched = text.slice(0, MAX_SEARCHED);
  const tokens = [...searched.matchAll(/\S+/g)].map((match) => ({
    at: match.index,
    end: match.index + match[0].length,
  }));
  const examples = [...rule.shapes.values()].reduce((a, b) => a + b, 0);
  const found: (Found & { at: number })[] = [];
  tokens.forEach((token, i) => {
    for (let words = 1; words <= rule.maxWords && i + words <= tokens.length; words++) {
      const raw = searched.slice(token.at, tokens[i + words - 1]?.end);
      const value = raw.replace(/^[("'«„“[<]+|[)"'»“”\]>.,;:!?]+$/g, "");
      const looks = (rule.shapes.get(shapeOf(value)) ?? 0) / examples;
      if (value === "" || looks === 0) continue;
      const stands = Math.max(
        0,
        ...wordsBefore(searched, token.at).map((word) => (rule.before.get(word) ?? 0) / examples),
      );
      found.push({ value, fit: Math.min(1, (looks + stands) / 2 + (distinctive(value) ? 0.25 : 0)), at: token.at });
    }
  });
  found.sort((a, b) => b.fit - a.fit || b.value.length - a.value.length || a.at - b.at);
  return found.filter(({ value }, i) => found.findIndex((other) => other.value === value) === i);
}

/** `INV-20417` → `A-9`: runs of letters and of digits lose their length. */
function shapeOf(value: string): string {
  return value
    .replace(/\p{Lu}+/gu, "A")
    .replace(/\p{Ll}+|\p{Lo}+/gu, "a")
    .replace(/\p{N}+/gu, "9")
    .replace(/\s+/g, " ");
}

/** A plain lower-case word looks like any other; a value with digits or signs in it does not. */
function distinctive(value: string): boolean {
  return /[\p{N}@/_-]/u.test(value);
}

function wordsBefore(text: string, at: number): string[] {
  return wordsOf(text.slice(Math.max(0, at - 40), at)).slice(-2);
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
