/**
 * The known name nearest to a mistyped one, or undefined when none is near enough to be meant: at most `within` edits
 * away, a third of its letters unless given.
 */
export function nearest(name: string, known: Iterable<string>, within?: number): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = (within ?? Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `Did you mean "x"?`, or else the list of what there is; "" when there is nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(name, names);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (names.length === 0) return "";
  const shown = names.slice(0, 12).map((each) => `"${each}"`);
  return `Known: ${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}.`;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours; `limit` where it is at least that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(cell(last, j) + 1, cell(row, j - 1) + 1, cell(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, cell(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return Math.min(limit, cell(last, b.length));
}

function cell(row: readonly number[], index: number): number {
  return row[index] as number;
}
