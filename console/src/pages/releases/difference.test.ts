import { describe, expect, test } from "vitest";
import type { ReleaseDocument } from "../../api/coming.ts";
import { differences } from "./difference.ts";

const BEFORE: ReleaseDocument = {
  workflow: "triage",
  number: 3,
  stage: "partial",
  development: false,
  when_off: "hold",
  share: 1,
  assign_by: "/event_id",
  scope: null,
  automation: null,
  sample: 0,
  prompts: {
    classify: { prompt: "classifier", version: "1", hash: "a", model: "openai/m", fallbacks: [], candidate: null },
  },
  thresholds: { review_below: 0.75 },
  tools: ["escalate"],
  revoked: [],
  risk_threshold: "low",
  created_by: "ola",
  created_at: "2026-06-01T00:00:00Z",
  reason: "first",
  evidence: [],
  approvals: [],
  override: null,
};

describe("the difference of two releases", () => {
  test("is empty where only who, when and why are other", () => {
    expect(differences(BEFORE, { ...BEFORE, number: 4, created_by: "pia", reason: "again" })).toEqual([]);
  });

  test("names each part with what it was and is, a threshold that is new too", () => {
    const candidate = {
      version: "2",
      hash: "b",
      model: "openai/m",
      fallbacks: [],
      share: 0.1,
      mode: "shadow" as const,
    };
    const slot = BEFORE.prompts["classify"];
    const after: ReleaseDocument = {
      ...BEFORE,
      stage: "narrow",
      share: 0.25,
      scope: "output.category == 'billing'",
      thresholds: { review_below: 0.7, refund_above: 50 },
      tools: [],
      revoked: ["escalate"],
      prompts: slot === undefined ? {} : { classify: { ...slot, candidate } },
    };
    expect(differences(BEFORE, after)).toEqual([
      { what: "stage", before: "partial", after: "narrow" },
      { what: "share", before: "100 %", after: "25 %" },
      { what: "scope", before: "everything", after: "output.category == 'billing'" },
      { what: "review_below", before: "0.75", after: "0.7" },
      { what: "classify: candidate", before: "none", after: "2 on openai/m, shadow, 10 %" },
      { what: "tools", before: "escalate", after: "none" },
      { what: "revoked", before: "none", after: "escalate" },
      { what: "refund_above", before: "–", after: "50" },
    ]);
  });
});
