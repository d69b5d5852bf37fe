import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { incompleteBeta } from "./beta.ts";
import { casesNeeded, exactInterval, lowerBound, pairedTest, pairedVerdict, upperBound } from "./statistics.ts";

interface Vectors {
  bounds: [number, number, string, string, string, string][];
  paired: [number, number, string][];
  needed: [number, number, number, number][];
}
const VECTORS = JSON.parse(readFileSync(new URL("fixtures/exact-statistics.json", import.meta.url), "utf8")) as Vectors;

const require = createRequire(import.meta.url);
const { jStat } = require("jstat") as {
  jStat: {
    beta: { inv(p: number, a: number, b: number): number };
    binomial: { cdf(k: number, n: number, p: number): number };
  };
};

function relative(value: number, wanted: number): number {
  return value === wanted ? 0 : Math.abs(value / wanted - 1);
}

describe("exact bounds of a proportion", () => {
  it.each(VECTORS.bounds)("of %d in %d are those of an outside program, to eleven digits", (hits, cases, ...wanted) => {
    const { low, high } = exactInterval(hits, cases);
    [low, high, lowerBound(hits, cases), upperBound(hits, cases)].forEach((bound, index) => {
      expect(relative(bound, Number(wanted[index]))).toBeLessThan(1e-11);
    });
  });

  // R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I,
  // method 5 (Clopper-Pearson).
  it.each([
    [81, 263, 0.2527, 0.3676],
    [15, 148, 0.0578, 0.1617],
    [0, 20, 0, 0.1684],
    [1, 29, 0.0009, 0.1776],
  ])("of %d in %d are those printed by Newcombe", (hits, cases, low, high) => {
    expect(exactInterval(hits, cases).low).toBeCloseTo(low, 4);
    expect(exactInterval(hits, cases).high).toBeCloseTo(high, 4);
  });

  it("agree with an independent library, as far as that is exact", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.nat(), (cases, at) => {
        const hits = at % (cases + 1);
        const low = hits === 0 ? 0 : jStat.beta.inv(0.025, hits, cases - hits + 1);
        const high = hits === cases ? 1 : jStat.beta.inv(0.975, hits + 1, cases - hits);
        expect(Math.abs(exactInterval(hits, cases).low - low)).toBeLessThan(1e-6);
        expect(Math.abs(exactInterval(hits, cases).high - high)).toBeLessThan(1e-6);
      }),
      { numRuns: 300 },
    );
  });

  it("leave exactly one chance in twenty, counted with whole numbers of any length", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (cases, at) => {
        const hits = 1 + (at % cases);
        expect(relative(tail(hits, cases, lowerBound(hits, cases)), 0.05)).toBeLessThan(1e-12);
      }),
      { numRuns: 100 },
    );
  });

  it("mirror each other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(), (cases, at) => {
        const hits = at % (cases + 1);
        expect(1 - exactInterval(cases - hits, cases).high).toBeCloseTo(exactInterval(hits, cases).low, 12);
        expect(lowerBound(hits, cases)).toBeGreaterThanOrEqual(exactInterval(hits, cases).low);
        expect(upperBound(hits, cases)).toBeLessThanOrEqual(exactInterval(hits, cases).high);
      }),
    );
  });

  it("hold for ten million cases", () => {
    const { low, high } = exactInterval(9_999_999, 10_000_000);
    expect(1 - high).toBeCloseTo(2.5317807e-9, 15);
    expect(1 - low).toBeCloseTo(5.5716412e-7, 12);
  });

  it("are refused for what is no proportion", () => {
    for (const [hits, cases] of [
      [1, 0],
      [-1, 3],
      [4, 3],
      [Number.NaN, 3],
    ] as const)
      // prettier-ignore
      expect(() => exactInterval(hits, cases)).toThrow(RangeError);
    expect(() => incompleteBeta(0.5, 0, 1)).toThrow(RangeError);
  });
});

/** P(X >= hits) among `cases` at exactly the double `rate`, by integer arithmetic. */
function tail(hits: number, cases: number, rate: number): number {
  let mantissa = rate;
  let scale = 1n;
  for (; !Number.isInteger(mantissa); mantissa *= 2) scale *= 2n;
  const scaled = BigInt(mantissa);
  let sum = 0n;
  let choose = 1n;
  for (let k = cases; k >= hits; k--) {
    sum += choose * scaled ** BigInt(k) * (scale - scaled) ** BigInt(cases - k);
    choose = (choose * BigInt(k)) / BigInt(cases - k + 1);
  }
  return Number((sum * 2n ** 80n) / scale ** BigInt(cases)) / 2 ** 80;
}

describe("cases still needed", () => {
  it.each(VECTORS.needed)(
    "after %d hits in %d for %d: %d more, as counted one by one outside",
    (hits, cases, bound, more) => {
      expect(casesNeeded(hits, cases, bound)).toBe(more);
    },
  );

  it("for 98 %: 149 positives without an error, 236 with one, 313 with two", () => {
    expect(casesNeeded(0, 0, 0.98)).toBe(149);
    expect(casesNeeded(0, 1, 0.98)).toBe(235);
    expect(casesNeeded(0, 2, 0.98)).toBe(311);
  });

  it("are the fewest that do", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 5 }),
        fc.constantFrom(0.9, 0.95, 0.98, 0.995),
        (hits, errors, bound) => {
          const more = casesNeeded(hits, hits + errors, bound) ?? Number.NaN;
          const boundWith = (cases: number): number =>
            hits + cases > 0 ? lowerBound(hits + cases, hits + errors + cases) : 0;
          expect(boundWith(more)).toBeGreaterThanOrEqual(bound);
          if (more > 0) expect(boundWith(more - 1)).toBeLessThan(bound);
        },
      ),
    );
  });

  it("are no number where everything has to be right, and none where nothing has to", () => {
    expect(casesNeeded(10, 10, 1)).toBeNull();
    expect(casesNeeded(0, 10, 0)).toBe(0);
  });
});

describe("the exact paired test", () => {
  it.each(VECTORS.paired)("of %d worse and %d better gives the outside program's p", (worse, better, p) => {
    expect(relative(pairedTest(worse, better), Number(p))).toBeLessThan(1e-12);
    expect(pairedTest(better, worse)).toBe(pairedTest(worse, better));
  });

  // S. Siegel, Nonparametric Statistics for the Behavioral Sciences (1956), table D: one-tailed, to three places.
  it.each([
    [1, 10, 0.011],
    [3, 14, 0.029],
    [5, 20, 0.021],
  ])("of %d among %d is twice the tail that Siegel prints", (few, all, tailed) => {
    expect(pairedTest(few, all - few) / 2).toBeCloseTo(tailed, 3);
  });

  it("agrees with an independent library", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (worse, better) => {
        const tailed = jStat.binomial.cdf(Math.min(worse, better), worse + better, 0.5);
        expect(pairedTest(worse, better)).toBeCloseTo(Math.min(1, 2 * tailed), 6);
      }),
    );
  });

  it("shows nothing where chance would do, and a side where it would not", () => {
    expect(pairedVerdict(5, 0)).toBe("nothing");
    expect(pairedVerdict(6, 0)).toBe("worse");
    expect(pairedVerdict(0, 6)).toBe("better");
    expect(pairedVerdict(0, 0)).toBe("nothing");
  });
});
