import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FAILURE_POLICY } from "./failure.ts";
import type { FailureClass } from "./failure.ts";
import { overrideMistakes, policyOf } from "./failure-overrides.ts";

const CLASSES = (Object.keys(FAILURE_POLICY) as FailureClass[]).filter((name) => name !== "poison");

describe("overrides of the failure table", () => {
  test.each<[string, unknown, string[]]>([
    ["nothing", undefined, []],
    ["a sound one", { timeout: { attempts: 1, fallback: false, then: "review", baseDelayMs: 0, maxDelayMs: 5 } }, []],
    ["what is not given", { timeout: undefined, bug: { attempts: undefined } }, []],
    ["no object", [], ["failures"]],
    ["no failure class", { timeuot: {} }, ["failures.timeuot"]],
    ["no policy", { timeout: 3 }, ["failures.timeout"]],
    ["no option", { timeout: { atempts: 3 } }, ["failures.timeout.atempts"]],
    ["the one class that no code is left for", { poison: { attempts: 9 } }, ["failures.poison"]],
    ["no attempt at all", { timeout: { attempts: 0 } }, ["failures.timeout.attempts"]],
    ["fewer than none", { timeout: { attempts: -1 } }, ["failures.timeout.attempts"]],
    ["half an attempt", { timeout: { attempts: 1.5 } }, ["failures.timeout.attempts"]],
    ["a pause that no timer holds", { timeout: { maxDelayMs: 1e12 } }, ["failures.timeout.maxDelayMs"]],
    ["a pause that ends before it begins", { timeout: { baseDelayMs: -5 } }, ["failures.timeout.baseDelayMs"]],
    ["a route there is not", { timeout: { then: "retry" } }, ["failures.timeout.then"]],
    ["a word for a truth", { timeout: { fallback: "yes" } }, ["failures.timeout.fallback"]],
    ["all of them at once", { timeout: { attempts: 0, then: 1 }, x: {} }, ["failures.timeout.attempts", "failures.timeout.then", "failures.x"]], // prettier-ignore
  ])("with %s are told by their place", (_what, value, places) => {
    const found = overrideMistakes(value);
    expect(found.map(({ path }) => path.join("."))).toEqual(places);
    for (const { message } of found) expect(message).toMatch(/\.$/);
  });

  test("suggest the near name", () => {
    expect(overrideMistakes({ timeuot: {} })[0]?.fix).toContain("timeout");
    expect(overrideMistakes({ bug: { attemts: 1 } })[0]?.fix).toContain("attempts");
  });

  test("never throw, whatever they are", () => {
    fc.assert(fc.property(fc.anything(), (value) => Array.isArray(overrideMistakes(value))));
    expect(overrideMistakes(null)).toHaveLength(1);
  });

  test("change what they name and nothing else, the later before the earlier", () => {
    fc.assert(
      fc.property(fc.constantFrom(...CLASSES), fc.integer({ min: 1, max: 9 }), (name, attempts) => {
        const changed = policyOf(name, { [name]: { attempts: 99 } }, undefined, {
          [name]: { attempts, then: undefined },
        });
        expect(changed).toEqual({ ...FAILURE_POLICY[name], attempts });
      }),
    );
  });
});
