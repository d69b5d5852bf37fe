import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleRelease } from "../testing/sample-release.ts";
import type { Direction } from "./change.ts";
import { differencesOf } from "./differences.ts";
import type { Candidate, PromptGrant, Release } from "./release.ts";

const grant: PromptGrant = { prompt: "classifier", version: "1", hash: "hash1", model: "p/one" };
const live: Candidate = { version: "2", hash: "hash2", model: "p/one", share: 0.1, mode: "live", salt: "s" };
const slot = (over: Partial<PromptGrant>): Partial<Release> => ({ prompts: { classify: { ...grant, ...over } } });
const two = ["p/two", "p/three"];

type Row = readonly [what: string, from: Partial<Release>, to: Partial<Release>, there: Direction, back: Direction];
const ROWS: readonly Row[] = [
  ["stage", { stage: "shadow" }, { stage: "suggestion" }, "raise", "lower"],
  ["stage", { stage: "off" }, { stage: "shadow" }, "raise", "lower"],
  ["share", { share: 0.2 }, { share: 0.5 }, "raise", "lower"],
  ["sample", { sample: 0.1 }, { sample: 0 }, "raise", "lower"],
  ["risk_threshold", { riskThreshold: "low" }, { riskThreshold: "medium" }, "raise", "lower"],
  ["when_off", { whenOff: "hold" }, { whenOff: "review" }, "same", "same"],
  ["scope", { scope: "a && b" }, { scope: "a" }, "raise", "lower"],
  ["scope", { scope: "a" }, { scope: null }, "raise", "lower"],
  ["scope", { scope: "a" }, { scope: "b" }, "raise", "raise"],
  ["automation", { automation: "a" }, { automation: null }, "raise", "lower"],
  ["thresholds.review_below", { thresholds: { review_below: 0.8 } }, { thresholds: { review_below: 0.6 } }, "raise", "lower"],
  ["thresholds.min_score", { thresholds: { min_score: 3 } }, { thresholds: { min_score: 2 } }, "raise", "lower"],
  ["thresholds.refuse_above", { thresholds: { refuse_above: 1 } }, { thresholds: { refuse_above: 2 } }, "raise", "lower"],
  ["thresholds.max_sum", { thresholds: { max_sum: 1 } }, { thresholds: { max_sum: 2 } }, "raise", "lower"],
  ["thresholds.other", { thresholds: { other: 1 } }, { thresholds: { other: 2 } }, "raise", "raise"],
  ["thresholds.review_below", { thresholds: {} }, { thresholds: { review_below: 0.9 } }, "raise", "raise"],
  ["tools.send", { tools: ["look"] }, { tools: ["look", "send"] }, "raise", "lower"],
  ["tools.send", { revoked: ["send"] }, { revoked: [] }, "raise", "lower"],
  ["prompts.classify.version", slot({}), slot({ version: "2", hash: "hash2" }), "raise", "raise"],
  ["prompts.classify.version", slot({}), slot({ hash: "other" }), "raise", "raise"],
  ["prompts.classify.model", slot({}), slot({ model: "p/two" }), "raise", "raise"],
  ["prompts.classify.fallbacks", slot({}), slot({ fallbacks: two }), "raise", "lower"],
  ["prompts.classify.fallbacks", slot({ fallbacks: two }), slot({ fallbacks: two.toReversed() }), "raise", "raise"],
  ["prompts.classify.candidate", slot({}), slot({ candidate: live }), "raise", "lower"],
  ["prompts.classify.candidate", slot({}), slot({ candidate: { ...live, mode: "shadow" } }), "same", "same"],
  ["prompts.classify.candidate", slot({ candidate: { ...live, mode: "shadow" } }), slot({ candidate: live }), "raise", "lower"],
  ["prompts.classify.candidate", slot({ candidate: live }), slot({ candidate: { ...live, share: 0.2 } }), "raise", "lower"],
  ["prompts.classify.candidate", slot({ candidate: live }), slot({ candidate: { ...live, salt: "t" } }), "raise", "raise"],
  ["prompts.classify.candidate", slot({ candidate: live }), slot({ candidate: { ...live, model: "p/two" } }), "raise", "raise"],
  ["assign_by", { share: 0.5 }, { share: 0.5, assignBy: "/customer/id" }, "raise", "raise"],
  ["assign_by", {}, { assignBy: "/customer/id" }, "same", "same"],
]; // prettier-ignore

describe("a difference between two releases", () => {
  test.each(ROWS)("%s: %j → %j is a %s, and the way back a %s", (what, from, to, there, back) => {
    const [a, b] = [sampleRelease(from), sampleRelease(to)];
    expect(differencesOf(a, b).map((each) => [each.what, each.direction])).toEqual([[what, there]]);
    expect(differencesOf(b, a).map((each) => [each.what, each.direction])).toEqual([[what, back]]);
  });

  test("a prompt version that was let through before may be gone back to, on the models that were", () => {
    const [now, before] = [
      sampleRelease(slot({ version: "2", hash: "hash2" })),
      sampleRelease(slot({ fallbacks: ["p/two"] })),
    ];
    const directions = (known: readonly string[]): Direction[] =>
      differencesOf(now, before, ({ version, model }) => known.includes(`${version} ${model}`)).map(
        (each) => each.direction,
      );
    expect(directions(["1 p/one", "1 p/two"])).toEqual(["lower", "lower"]);
    expect(directions(["1 p/one"])).toEqual(["raise", "raise"]);
  });

  test("who made it, why and on what evidence is none", () => {
    const other = sampleRelease({
      number: 9,
      createdBy: "lee",
      reason: "x",
      evidence: ["e"],
      approvals: [{ by: "max", at: 1, reason: "y" }],
    });
    expect(differencesOf(sampleRelease(), other)).toEqual([]);
  });
});

const partial: fc.Arbitrary<Partial<Release>> = fc
  .array(fc.tuple(fc.nat(ROWS.length - 1), fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((picks) => Object.assign({}, ...picks.map(([at, first]) => ROWS[at]?.[first ? 1 : 2])) as Partial<Release>);

test("what only lowers there never only lowers back", () => {
  fc.assert(
    fc.property(partial, partial, (one, other) => {
      const [a, b] = [sampleRelease(one), sampleRelease(other)];
      const there = differencesOf(a, b);
      const lowers = there.length > 0 && there.every(({ direction }) => direction === "lower");
      if (lowers) expect(differencesOf(b, a).some(({ direction }) => direction === "raise")).toBe(true);
      expect(differencesOf(a, a)).toEqual([]);
    }),
  );
});
