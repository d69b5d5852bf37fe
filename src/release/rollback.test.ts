import { describe, expect, test } from "vitest";
import { sampleRelease } from "../testing/sample-release.ts";
import { differencesOf } from "./differences.ts";
import { knownGood } from "./known-good.ts";
import type { PromptGrant, Release } from "./release.ts";
import { fallbackFirst, formerRelease, rolledBack, stillWithdrawn } from "./rollback.ts";

const grant = (version: string, over: Partial<PromptGrant> = {}): PromptGrant => ({
  prompt: "classifier",
  version,
  hash: `hash${version}`,
  model: "p/one",
  ...over,
});
const released = (number: number, version: string, over: Partial<Release> = {}): Release =>
  sampleRelease({ number, stage: "narrow", prompts: { classify: grant(version) }, ...over });
const any = (): boolean => true;

describe("going back to a release", () => {
  test("serves its versions again and raises nothing of what it had", () => {
    const target = released(2, "1", {
      stage: "expanded",
      share: 1,
      scope: null,
      automation: null,
      sample: 0,
      riskThreshold: "high",
      tools: ["look", "send", "refund"],
      thresholds: { review_below: 0.5, other: 1 },
    });
    const present = released(7, "2", {
      stage: "partial",
      share: 0.2,
      scope: "a",
      automation: "b",
      sample: 0.1,
      riskThreshold: "low",
      tools: ["look", "send"],
      thresholds: { review_below: 0.8, other: 2 },
    });
    const next = rolledBack(present, target);
    expect(differencesOf(present, next, any)).toEqual([
      { what: "prompts.classify.version", from: "2", to: "1", direction: "lower", slot: "classify" },
    ]);
  });

  test("takes what was lower then", () => {
    const target = released(2, "1", {
      stage: "suggestion",
      share: 0.1,
      scope: "a && c",
      automation: "b",
      sample: 0.2,
      riskThreshold: "low",
      tools: ["look"],
      thresholds: { review_below: 0.9 },
    });
    const present = released(7, "2", { scope: "a", riskThreshold: "medium" });
    const next = rolledBack(present, target);
    expect(differencesOf(present, next, any).map(({ direction }) => direction)).not.toContain("raise");
    expect(next).toMatchObject({ stage: "suggestion", share: 0.1, scope: "a && c", automation: "b", sample: 0.2 });
    expect(next).toMatchObject({ riskThreshold: "low", revoked: ["send"], thresholds: { review_below: 0.9 } });
  });

  test("ends an experiment that decides, lets one beside the runs go on, and withdraws what served", () => {
    const tried = { version: "3", hash: "hash3", model: "p/one", share: 0.1, salt: "s" };
    const live = released(7, "2", { prompts: { classify: grant("2", { candidate: { ...tried, mode: "live" } }) } });
    const next = rolledBack(live, released(1, "1"), { inFlight: "finish" });
    expect(next.prompts["classify"]).toEqual(grant("1"));
    expect(next.withdrawn).toEqual([
      { prompt: "classifier", version: "2", hash: "hash2", inFlight: "finish", release: 8 },
      { prompt: "classifier", version: "3", hash: "hash3", inFlight: "finish", release: 8 },
    ]);
    const shadow = released(7, "2", { prompts: { classify: grant("2", { candidate: { ...tried, mode: "shadow" } }) } });
    expect(rolledBack(shadow, released(1, "1")).prompts["classify"]?.candidate?.version).toBe("3");
  });

  test("or of one slot only leaves the others and all settings", () => {
    const draft = { ...grant("8"), prompt: "drafter" };
    const present = released(7, "2", { prompts: { classify: grant("2"), draft } });
    const target = released(2, "1", {
      stage: "shadow",
      prompts: { classify: grant("1"), draft: { ...draft, version: "4" } },
    });
    const next = rolledBack(present, target, { slot: "classify" });
    expect(differencesOf(present, next, any).map(({ what }) => what)).toEqual(["prompts.classify.version"]);
  });

  test("a model that is taken away is withdrawn alone; what serves again is withdrawn no more", () => {
    const present = released(7, "2", { prompts: { classify: grant("2", { fallbacks: ["p/two", "p/three"] }) } });
    const target = {
      ...present,
      prompts: { classify: fallbackFirst(present.prompts["classify"] as PromptGrant, "classify") },
    };
    const next = rolledBack(present, target, { slot: "classify" });
    expect(next.prompts["classify"]).toEqual(grant("2", { model: "p/two", fallbacks: ["p/three"] }));
    expect(next.withdrawn).toMatchObject([{ version: "2", model: "p/one" }]);
    expect(stillWithdrawn(next)).toHaveLength(1);
    expect(stillWithdrawn({ ...next, prompts: present.prompts })).toEqual([]);
  });
});

describe("the release to go back to", () => {
  const history = (...versions: string[]): Release[] => versions.map((version, index) => released(index + 1, version));

  test("is the last one that served other prompts", () => {
    expect(formerRelease(history("1", "2", "2"), any).number).toBe(1);
    expect(formerRelease(history("1", "2", "3", "3"), any).number).toBe(2);
    expect(formerRelease(history("2", "1", "2"), any).number).toBe(2);
  });

  test("is one that may be gone back to", () => {
    expect(formerRelease(history("1", "2", "3"), ({ number }) => number !== 2).number).toBe(1);
    expect(() => formerRelease(history("1", "2", "3"), () => false)).toThrow("was withdrawn");
    expect(() => formerRelease(history("1", "1"), any)).toThrow("No release before it has served other prompts");
  });

  test("of one slot is the last one that served another version in it", () => {
    const draft = { ...grant("8"), prompt: "drafter" };
    const both = (number: number, version: string, of: string): Release =>
      sampleRelease({ number, prompts: { classify: grant(version), draft: { ...draft, version: of } } });
    const all = [both(1, "1", "8"), both(2, "2", "8"), both(3, "2", "9")];
    expect(formerRelease(all, any).number).toBe(2);
    expect(formerRelease(all, any, "classify").number).toBe(1);
  });

  test("a slot without a fallback model has none to go on with", () => {
    expect(() => fallbackFirst(grant("1"), "classify")).toThrow('The slot "classify" has no fallback model');
  });
});

describe("what may be gone back to", () => {
  const served = { prompt: "classifier", version: "1", hash: "hash1", model: "p/one" };
  const name = (model: string): string => (model.includes("/") ? model : `p/${model}`);
  const known = (past: readonly Release[], next: Partial<Release> = {}, what = served): boolean => {
    const present = released(9, "2", next);
    return knownGood([...past, present], { present, next: present }, name)(what);
  };

  test("is what the gate let through with evidence, however the model is written", () => {
    const past = [released(1, "1", { stage: "shadow", proven: [served] })];
    expect([known(past), known(past, {}, { ...served, model: "one" })]).toEqual([true, true]);
    expect(known(past, {}, { ...served, hash: "other" })).toBe(false);
    expect(known(past, {}, { ...served, model: "p/two" })).toBe(false);
  });

  test.each<[string, Partial<Release>, boolean]>([
    ["the same stage", {}, true],
    ["a higher stage", { stage: "expanded" }, true],
    ["a lower stage", { stage: "partial" }, false],
    ["a smaller share", { share: 0.1 }, false],
    ["a narrower scope", { scope: "a" }, false],
    ["a narrower automation", { automation: "a" }, false],
    ["a development release", { development: true }, false],
  ])("is what was in force under %s, where that let it do as much: %j %s", (_what, past, expected) => {
    expect(known([released(1, "1", past)])).toBe(expected);
  });

  test("is nothing that was withdrawn since, proven or not", () => {
    const taken = { prompt: "classifier", version: "1", hash: "hash1", inFlight: "review", release: 3 } as const;
    const past = [released(1, "1", { proven: [served] })];
    expect(known(past, { withdrawn: [taken] })).toBe(false);
    expect(known(past, { withdrawn: [{ ...taken, model: "p/one" }] })).toBe(false);
    expect(known(past, { withdrawn: [{ ...taken, model: "p/two" }] })).toBe(true);
  });

  test("is among development releases what was in force in one", () => {
    expect(known([released(1, "1", { development: true })], { development: true })).toBe(true);
  });
});
