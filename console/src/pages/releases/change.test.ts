import { describe, expect, test } from "vitest";
import type { Release } from "../../api/schema.gen.ts";
import { isEmptyChange, withField, withSlot, withThreshold, withTool } from "./change.ts";

const PRESENT = {
  stage: "partial",
  share: 1,
  scope: null,
  thresholds: { review_below: 0.75 },
  tools: ["escalate", "mail"],
  revoked: ["mail"],
} as unknown as Release;

describe("a change that is drafted", () => {
  test("holds only what is other than at present, and forgets what is set back", () => {
    const raised = withField(withField({}, PRESENT, "stage", "narrow"), PRESENT, "share", 0.5);
    expect(raised).toEqual({ stage: "narrow", share: 0.5 });
    expect(withField(raised, PRESENT, "stage", "partial")).toEqual({ share: 0.5 });
  });

  test("takes a threshold and puts it back", () => {
    const lower = withThreshold({}, PRESENT, "review_below", 0.6);
    expect(lower).toEqual({ thresholds: { review_below: 0.6 } });
    expect(isEmptyChange(withThreshold(lower, PRESENT, "review_below", 0.75))).toBe(true);
  });

  test("grants what is not granted and revokes what is, each once", () => {
    const both = withTool(withTool({}, PRESENT, "lookup", true), PRESENT, "escalate", false);
    expect(both).toEqual({ tools: { grant: ["lookup"], revoke: ["escalate"] } });
    expect(withTool(both, PRESENT, "lookup", true)).toEqual(both);
    expect(withTool(both, PRESENT, "escalate", true)).toEqual({ tools: { grant: ["lookup"] } });
    expect(isEmptyChange(withTool(withTool(both, PRESENT, "escalate", true), PRESENT, "lookup", false))).toBe(true);
  });

  test("grants again what was taken away, though it is still named", () => {
    expect(withTool({}, PRESENT, "mail", true)).toEqual({ tools: { grant: ["mail"] } });
    expect(withTool({}, PRESENT, "mail", false)).toEqual({});
  });

  test("sets members of a slot, takes a candidate away by null, and drops a slot without members", () => {
    const set = withSlot({}, "classify", { version: "2", candidate: null });
    expect(set).toEqual({ prompts: { classify: { version: "2", candidate: null } } });
    const less = withSlot(set, "classify", { candidate: undefined });
    expect(less).toEqual({ prompts: { classify: { version: "2" } } });
    expect(withSlot(less, "classify", { version: undefined })).toEqual({});
  });
});
