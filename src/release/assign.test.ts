import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STAGES, compareStages } from "../base/stage.ts";
import { isInShare, isSampled, isWithin, lowerForShare, placeOf, promptsFor, stageFor } from "./assign.ts";
import type { Candidate, PromptGrant } from "./release.ts";

const keys = Array.from({ length: 100_000 }, (_, i) => `evt_${i}`);

describe("a share of the keys", () => {
  test.each([0.01, 0.1, 0.25, 0.5, 0.9])("of %d is within 1 %% of that over 100,000 keys", (share) => {
    const within = keys.filter((key) => isWithin(share, "triage", key)).length;
    expect(Math.abs(within / keys.length - share)).toBeLessThan(0.01);
  });

  test("moves keys one way only when it grows", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const growing = fc.property(share, share, fc.jsonValue(), fc.string(), (a, b, key, salt) => {
      const value = JSON.parse(JSON.stringify(key)) as never;
      return !isWithin(Math.min(a, b), salt, value) || isWithin(Math.max(a, b), salt, value);
    });
    expect(fc.check(growing).failed).toBe(false);
  });

  test("divides keys anew under another salt", () => {
    const [a, b] = ["one", "two"].map((salt) => keys.slice(0, 10_000).map((key) => isWithin(0.5, salt, key)));
    const same = (a as boolean[]).filter((within, i) => within === (b as boolean[])[i]).length;
    expect(Math.abs(same / 10_000 - 0.5)).toBeLessThan(0.03);
  });

  test("takes the value, not how it is written", () => {
    expect(placeOf("s", { a: 1, b: [2] })).toBe(placeOf("s", { b: [2], a: 1 }));
    expect(placeOf("s", "1")).not.toBe(placeOf("s", 1));
    // The first 53 bits of SHA-256("s\n\"evt_1\""), by another program.
    expect(placeOf("s", "evt_1")).toBe(0.5460832963733201);
  });

  test("of nothing has no key, the whole has every one, and what has no key is in no part", () => {
    expect(isWithin(0, "s", "a")).toBe(false);
    expect(isWithin(1, "s", undefined)).toBe(true);
    expect(isWithin(0.999_999, "s", undefined)).toBe(false);
  });
});

describe("keys outside the traffic share", () => {
  test("act at most at suggestion, and where a person decides anyway, at shadow", () => {
    expect(STAGES.map(lowerForShare)).toEqual(["off", "shadow", "shadow", "suggestion", "suggestion", "suggestion"]);
    for (const stage of STAGES) expect(compareStages(lowerForShare(stage), stage)).toBeLessThanOrEqual(0);
  });

  test("are found by the pointer that the release names", () => {
    const release = { stage: "narrow", share: 0.5, salt: "triage", assignBy: "/customer/id" } as const;
    const events = keys.slice(0, 200).map((id, i) => ({ event_id: id, customer: { id: `c${i % 20}` } }));
    const stages = new Map<string, Set<string>>();
    for (const event of events) {
      const stage = stageFor(release, event);
      expect(stage).toBe(isInShare(release, event) ? "narrow" : "suggestion");
      stages.set(event.customer.id, (stages.get(event.customer.id) ?? new Set()).add(stage));
    }
    expect([...stages.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...stages.values()].flatMap((each) => [...each]))).toEqual(new Set(["narrow", "suggestion"]));
    expect(stageFor({ ...release, share: 0.99 }, { event_id: "evt_1" })).toBe("suggestion");
  });
});

const grant: PromptGrant = { prompt: "classifier", version: "1", hash: "h1", model: "local/a", fallbacks: ["local/b"] };
const candidate: Candidate = { version: "2", hash: "h2", model: "local/c", share: 1, mode: "live", salt: "x" };
const event = { event_id: "evt_1" };

describe("a candidate", () => {
  test("that is live takes the slot's place as a whole, and the run knows what it stands in for", () => {
    expect(promptsFor({ prompts: { classify: { ...grant, candidate } }, assignBy: "/event_id" }, event)).toEqual({
      prompts: { classify: { prompt: "classifier", version: "2", hash: "h2", model: "local/c" } },
      assigned: { classify: { mode: "live", version: "2", instead: "1" } },
    });
  });

  test("in shadow stands beside what serves", () => {
    const shadow = { ...candidate, mode: "shadow" } as const;
    const prompts = { classify: { ...grant, candidate: shadow } };
    expect(promptsFor({ prompts, assignBy: "/event_id" }, event)).toEqual({
      prompts: { classify: { ...grant, candidate: shadow } },
      assigned: { classify: { mode: "shadow", version: "2", instead: "1" } },
    });
  });

  test("is nothing to keys outside its share", () => {
    const prompts = { classify: { ...grant, candidate: { ...candidate, share: 0 } } };
    expect(promptsFor({ prompts, assignBy: "/event_id" }, event)).toEqual({
      prompts: { classify: grant },
      assigned: {},
    });
  });
});

test("a sample is of decisions, the same whenever it is asked for, and not the traffic share again", () => {
  const events = keys.slice(0, 20_000).map((event_id) => ({ event_id }));
  const sampled = events.filter((each) => isSampled(0.05, "triage", each));
  expect(Math.abs(sampled.length / events.length - 0.05)).toBeLessThan(0.01);
  const inShare = sampled.filter(({ event_id }) => isWithin(0.05, "triage", event_id)).length;
  expect(inShare / sampled.length).toBeLessThan(0.15);
  expect(isSampled(0, "triage", event)).toBe(false);
});
