import { shareOf } from "./class-counts.ts";
import { passes } from "./judgement.ts";
import type { Calibration } from "./report.ts";
import type { ScoredCase } from "./result.ts";

const BINS = 10;

/**
 * How far confidence is from being right: expected calibration error (Guo and others, 2017) over ten bins of equal width, each
 * open below and closed above, the first closed at both ends.
 */
export class CalibrationCounts {
  readonly #field: string | null;
  readonly #bins: { attempts: number; confidence: number; right: number }[] = Array.from({ length: BINS }, () => ({
    attempts: 0,
    confidence: 0,
    right: 0,
  }));
  #without = 0;

  /** Right in one field; null: in all that is expected. */
  constructor(field: string | null) {
    this.#field = field;
  }

  add(scored: ScoredCase): void {
    const right = passes(scored, this.#field);
    if (right === null) return;
    const { outcome, confidence } = scored.result;
    if (outcome !== "answered" || confidence === null || !(confidence >= 0 && confidence <= 1)) {
      this.#without++;
      return;
    }
    const bin = this.#bins[Math.max(0, Math.ceil(confidence * BINS) - 1)];
    if (bin === undefined) return;
    bin.attempts++;
    bin.confidence += confidence;
    bin.right += Number(right);
  }

  get attempts(): number {
    return this.#bins.reduce((sum, bin) => sum + bin.attempts, 0);
  }

  end(repeat: number): Calibration {
    const all = this.attempts;
    const off = this.#bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0);
    return {
      ece: all === 0 ? null : off / all,
      bins: this.#bins.map(({ attempts, confidence, right }, index) => ({
        low: index / BINS,
        high: (index + 1) / BINS,
        attempts,
        confidence: attempts === 0 ? null : confidence / attempts,
        accuracy: shareOf(right, attempts, repeat),
      })),
      without: this.#without,
    };
  }
}
