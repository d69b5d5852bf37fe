import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Unit } from "./metrics.ts";
import { readTarget } from "./target-text.ts";

describe("what a target demands", () => {
  test.each<[string, Unit, string, number]>([
    [">= 98%", "share", ">=", 0.98],
    [">=99.5 %", "share", ">=", 0.995],
    ["≥ 0.9", "share", ">=", 0.9],
    ["= 100%", "share", "=", 1],
    [" <= 1% ", "share", "<=", 0.01],
    ["> .5", "share", ">", 0.5],
    ["< 2s", "ms", "<", 2_000],
    ["< 2.0 s", "ms", "<", 2_000],
    ["<= 800ms", "ms", "<=", 800],
    ["< 1 min", "ms", "<", 60_000],
    ["< $0.01", "usd", "<", 0.01],
    ["< 0.01 USD", "usd", "<", 0.01],
    ["<= 800", "tokens", "<=", 800],
    ["<= 1.5k", "tokens", "<=", 1_500],
  ])("%j of a metric in %s", (text, unit, comparison, bound) => {
    expect(readTarget(text, unit)).toEqual({ comparison, bound });
  });

  test.each<[string, Unit, RegExp, RegExp]>([
    ["98%", "share", /whether more or less/, />=/],
    [">= 98", "share", /more than everything/, /Did you mean ">= 98%"\?/],
    [">= 101%", "share", /more than everything/, />= 95%/],
    [">= 2s", "share", /unit of this metric.*share/, /95%/],
    ["< 2", "ms", /unit of this metric.*time/, /2s/],
    ["< 5%", "ms", /unit/, /2s/],
    ["< 0.01", "usd", /unit.*dollars/, /\$0\.01/],
    ["< $1s", "usd", /unit/, /\$0\.01/],
    ["< -1s", "ms", /no target/, /2s/],
    [">= high", "share", /no target/, /95%/],
    ["", "share", /no target/, /95%/],
  ])("%j of a metric in %s is refused with what to write", (text, unit, mistake, fix) => {
    expect(readTarget(text, unit)).toEqual({
      mistake: expect.stringMatching(mistake) as string,
      fix: expect.stringMatching(fix) as string,
    });
  });

  test("a percentage is the number that is written, not what binary arithmetic makes of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
        const read = readTarget(`>= ${thousandths / 1_000}%`, "share");
        expect(read).toMatchObject({ bound: Number(`${thousandths}e-5`) });
      }),
    );
  });

  test("is read or refused with a sentence, whatever it says", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom<Unit>("share", "ms", "usd", "tokens"), (text, unit) => {
        const read = readTarget(text, unit);
        if ("mistake" in read) expect(read.mistake).toMatch(/\.$/);
        else expect(Number.isFinite(read.bound) && read.bound >= 0).toBe(true);
      }),
    );
  });
});
