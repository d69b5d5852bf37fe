/** Beyond that the comparison of two texts would take seconds; what follows is left out on both sides. */
const MOST_WORDS = 5_000;

/**
 * How alike two texts are, 0 to 1: ROUGE-L, the F measure of their longest common run of words in order (C.-Y. Lin, 2004).
 * Words are runs of letters and digits; case says nothing. Two texts without words are alike.
 */
export function textSimilarity(wanted: string, given: string): number {
  const left = wordsOf(wanted);
  const right = wordsOf(given);
  if (left.length === 0 && right.length === 0) return 1;
  return (2 * longestCommon(left, right)) / (left.length + right.length);
}

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).slice(0, MOST_WORDS);
}

function longestCommon(left: readonly string[], right: readonly string[]): number {
  let row = new Uint32Array(right.length + 1);
  for (const word of left) {
    const next = new Uint32Array(right.length + 1);
    right.forEach((other, index) => {
      const longer = Math.max(row[index + 1] as number, next[index] as number);
      next[index + 1] = word === other ? (row[index] as number) + 1 : longer;
    });
    row = next;
  }
  return row[right.length] as number;
}
