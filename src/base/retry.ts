import type { FailureInfo, FailurePolicy } from "./failure.ts";

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const random = Math.random;

/** Exponential with full jitter; what the other side asked for wins where it is longer. */
export function retryDelay(policy: FailurePolicy, attempt: number, info: FailureInfo): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return Math.max(Math.round(ceiling * (0.5 + random() / 2)), info.retryAfterMs ?? 0);
}
