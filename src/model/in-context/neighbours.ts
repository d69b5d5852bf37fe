import { featuresOf } from "./features.ts";
import type { Features } from "./features.ts";

/** How near a text is to one of the examples. */
export interface Neighbour {
  /** Position of the example. */
  index: number;
  /** Cosine of the two weighted texts: 0 nothing in common, 1 the same. */
  similarity: number;
}

export interface Search {
  features: Features;
  /** Nearest first; equal ones in the order of the examples. */
  neighbours: Neighbour[];
  /** Share of the text's words, by weight, that occur in any example: how much of it is known ground. */
  coverage: number;
}

/** Words weigh most; threes carry inflections, compounds, misspellings and cognates. */
const KIND_WEIGHT: Record<string, number> = { w: 1, b: 0.6, t: 0.35 };

/** The examples as weighted vectors (tf-idf), turned around so that a search touches only what it shares with them. */
export class ExampleIndex {
  readonly #size: number;
  readonly #idf = new Map<string, number>();
  readonly #postings = new Map<string, { index: number; weight: number }[]>();
  readonly #rare: number;
  readonly #features: readonly Features[];

  constructor(texts: readonly string[]) {
    this.#size = texts.length;
    this.#features = texts.map(featuresOf);
    const counts = new Map<string, number>();
    for (const features of this.#features)
      for (const key of features.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const [key, count] of counts) this.#idf.set(key, Math.log((this.#size + 1) / (count + 0.5)));
    this.#rare = Math.log((this.#size + 1) / 0.5);
    this.#features.forEach((features, index) => {
      const vector = this.#vector(features);
      for (const [key, weight] of vector) {
        const posting = this.#postings.get(key);
        if (posting === undefined) this.#postings.set(key, [{ index, weight }]);
        else posting.push({ index, weight });
      }
    });
  }

  search(text: string): Search {
    return this.#searchFeatures(featuresOf(text));
  }

  /** As if the example were not one: how the rest would answer it. */
  searchWithout(index: number): Search {
    const features = this.#features[index] as Features;
    const { neighbours } = this.#searchFeatures(features);
    return {
      features,
      neighbours: neighbours.filter((neighbour) => neighbour.index !== index),
      coverage: this.#coverageWithout(index),
    };
  }

  /** The words a text shares with an example, the most telling first. */
  sharedWords(features: Features, index: number, limit: number): string[] {
    const other = this.#features[index] as Features;
    return (
      [...features.keys()]
        .filter((key) => key.startsWith("w") && !/\p{N}/u.test(key) && other.has(key))
        .map((key) => ({ word: key.slice(1), weight: this.#idf.get(key) ?? 0 }))
        // A word that a third of the examples have tells nothing about any of them.
        .filter(({ weight }) => weight > Math.log(3))
        .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
        .slice(0, limit)
        .map(({ word }) => word)
    );
  }

  #searchFeatures(features: Features): Search {
    const scores = new Float64Array(this.#size);
    for (const [key, weight] of this.#vector(features))
      for (const posting of this.#postings.get(key) ?? [])
        scores[posting.index] = (scores[posting.index] as number) + weight * posting.weight;
    const neighbours = Array.from(scores, (similarity, index) => ({ index, similarity }));
    neighbours.sort((a, b) => b.similarity - a.similarity || a.index - b.index);
    return { features, neighbours, coverage: this.#coverage(features, (key) => this.#idf.get(key)) };
  }

  #vector(features: Features): [string, number][] {
    let norm = 0;
    const vector: [string, number][] = [];
    for (const [key, count] of features) {
      const idf = this.#idf.get(key) ?? this.#rare;
      const weight = (KIND_WEIGHT[key[0] as string] as number) * (1 + Math.log(count)) * Math.max(idf, 0);
      norm += weight * weight;
      if (weight > 0) vector.push([key, weight]);
    }
    const length = Math.sqrt(norm) || 1;
    for (const entry of vector) entry[1] /= length;
    return vector;
  }

  #coverageWithout(index: number): number {
    const own = this.#features[index] as Features;
    const alone = (key: string): boolean => this.#postings.get(key)?.length === 1;
    return this.#coverage(own, (key) => (alone(key) ? undefined : this.#idf.get(key)));
  }

  #coverage(features: Features, known: (key: string) => number | undefined): number {
    let [met, all] = [0, 0];
    for (const key of features.keys()) {
      if (!key.startsWith("w")) continue;
      const idf = known(key);
      if (idf !== undefined) met += Math.max(idf, 0);
      all += Math.max(idf ?? this.#rare, 0);
    }
    return all === 0 ? 0 : met / all;
  }
}
