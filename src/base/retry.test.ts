import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FailureInfo } from "./failure.ts";
import { FAILURE_POLICY } from "./failure.ts";
import { retryDelay } from "./retry.ts";

const info: FailureInfo = { class: "transient", code: "http_503", message: "" };

describe("the pause before another attempt", () => {
  test("doubles up to its ceiling, and is never less than half of that", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (attempt) => {
        const policy = FAILURE_POLICY.transient;
        const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
        const delay = retryDelay(policy, attempt, info);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
        expect(delay).toBeLessThanOrEqual(ceiling);
      }),
    );
  });

  test("is as long as the other side asked, where that is longer", () => {
    const policy = FAILURE_POLICY.rate_limited;
    expect(retryDelay(policy, 1, { ...info, retryAfterMs: 600_000 })).toBe(600_000);
    expect(retryDelay(policy, 8, { ...info, retryAfterMs: 1 })).toBeGreaterThan(1);
  });

  test("differs between runs that failed together", () => {
    const delays = Array.from({ length: 50 }, () => retryDelay(FAILURE_POLICY.transient, 6, info));
    expect(new Set(delays).size).toBeGreaterThan(10);
  });
});
