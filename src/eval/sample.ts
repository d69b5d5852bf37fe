import type { Spread } from "./report.ts";

/** Figures of many attempts in eight bytes each, so that percentiles are exact. */
export class Sample {
  #values: Float64Array<ArrayBuffer> = new Float64Array(64);
  #count = 0;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  get count(): number {
    return this.#count;
  }

  spread(): Spread {
    const sorted = this.#values.slice(0, this.#count).sort();
    const total = sorted.reduce((sum, value) => sum + value, 0);
    const none = this.#count === 0;
    return {
      attempts: this.#count,
      total,
      avg: none ? null : total / this.#count,
      p50: none ? null : percentile(sorted, 0.5),
      p95: none ? null : percentile(sorted, 0.95),
    };
  }
}

/** With linear interpolation between the two nearest (Hyndman and Fan's type 7, the default of R and NumPy). */
function percentile(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}
