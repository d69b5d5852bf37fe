import type { Neighbour } from "./neighbours.ts";

/** Neighbours asked, and how sharply the near ones outweigh the far ones. */
const ASKED = 12;
const SHARPNESS = 2;
/** Weight of nobody's vote: a lead among distant neighbours is no lead. About that of one neighbour at similarity 0.14. */
const DOUBT = 0.02;

export interface Ballot<T> {
  /** By share of the vote, the winner first; empty when nobody near has an opinion. */
  ranked: { value: T; share: number }[];
  /** Lead of the winner over the second, 0 to 1; near 0 where all neighbours are far. */
  margin: number;
}

/** The neighbours' opinions weighed by how near they are; an opinion of `undefined` is an abstention. */
export function vote<T>(neighbours: readonly Neighbour[], opinion: (index: number) => T | undefined): Ballot<T> {
  const weights = new Map<string, { value: T; weight: number }>();
  let total = 0;
  for (const { index, similarity } of neighbours.slice(0, ASKED)) {
    const value = opinion(index);
    const weight = Math.max(0, similarity) ** SHARPNESS;
    if (value === undefined || weight === 0) continue;
    const key = JSON.stringify(value);
    const held = weights.get(key);
    if (held === undefined) weights.set(key, { value, weight });
    else held.weight += weight;
    total += weight;
  }
  const ranked = [...weights.values()]
    .sort((a, b) => b.weight - a.weight)
    .map(({ value, weight }) => ({ value, share: weight / total }));
  const lead = (ranked[0]?.share ?? 0) - (ranked[1]?.share ?? 0);
  return { ranked, margin: (lead * total) / (total + DOUBT) };
}
