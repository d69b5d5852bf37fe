import type { Evidence, PromptSubject, TargetResult } from "../release/evidence.ts";
import type { Release } from "../release/release.ts";

/** A proper release with one slot, for tests of what is decided about releases. */
export function sampleRelease(over: Partial<Release> = {}): Release {
  return {
    workflow: "triage",
    number: 1,
    stage: "shadow",
    development: false,
    whenOff: "hold",
    share: 1,
    salt: "triage",
    assignBy: "/event_id",
    scope: null,
    automation: null,
    sample: 0,
    prompts: { classify: { prompt: "classifier", version: "1", hash: "hash1", model: "p/one" } },
    thresholds: { review_below: 0.75 },
    tools: ["look", "send"],
    revoked: [],
    riskThreshold: "low",
    createdBy: "kim",
    reason: "because",
    evidence: [],
    approvals: [],
    ...over,
  };
}

export function sampleTarget(over: Partial<TargetResult> = {}): TargetResult {
  return {
    name: "Category accuracy",
    metric: "accuracy",
    target: ">= 95%",
    critical: false,
    value: 0.97,
    interval: { low: 0.93, high: 0.99 },
    hits: 97,
    cases: 100,
    status: "PASS",
    note: "",
    needed: null,
    ...over,
  };
}

/** Evidence for version 1 of the sample release that passes, made with `sampleSuite`. */
export function sampleEvidence(over: Partial<Evidence> = {}, subject: Partial<PromptSubject> = {}): Evidence {
  return {
    evidenceId: "evl_1",
    suite: "regression",
    suiteHash: "suite1",
    scorersHash: "",
    datasets: [{ name: "golden", kind: "golden", version: 3, hash: "g3", cases: 100 }],
    subject: { kind: "prompt", prompt: "classifier", version: "1", hash: "hash1", model: "p/one", ...subject },
    verdict: "PASS",
    targets: [sampleTarget()],
    cases: 100,
    inContext: false,
    by: "kim",
    at: 1,
    ...over,
  };
}
