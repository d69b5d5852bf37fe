import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STAGES } from "../base/stage.ts";
import { EFFECTS, KINDS, RISKS, compareRisks } from "./define.ts";
import { guard } from "./guard.ts";
import type { GuardInput, Verdict } from "./guard.ts";

const write: GuardInput = {
  name: "escalate",
  tool: { effect: "write", kind: "other", risk: "low" },
  argumentProblems: [],
  grants: ["escalate"],
  revoked: [],
  stage: "partial",
  riskThreshold: "low",
};
const read: GuardInput = { ...write, tool: { effect: "read", kind: "other", risk: "high" } };
const answer = (input: GuardInput): string => {
  const { verdict, reason } = guard(input);
  return `${verdict} ${reason}`;
};

describe("permission comes first", () => {
  test.each<[string, Partial<GuardInput>, string]>([
    ["a tool nobody registered", { tool: undefined }, "deny unknown_tool"],
    ["a tool that was not granted", { grants: ["escalate_all", "ESCALATE"] }, "deny not_granted"],
    ["a tool that was taken away", { revoked: ["escalate"] }, "deny revoked"],
    ["wrong arguments", { argumentProblems: [{ pointer: "/id", message: "is required" }] }, "deny invalid_arguments"],
    ["the first of several reasons", { grants: [], revoked: ["escalate"], stage: "off" }, "deny not_granted"],
  ])("%s", (_, change, expected) => {
    expect(answer({ ...write, ...change })).toBe(expected);
    expect(answer({ ...read, ...change })).toBe(expected);
  });

  test("checks end at the one that decides, with its detail", () => {
    expect(guard({ ...write, argumentProblems: [{ pointer: "/id", message: "is required" }] }).checks).toEqual([
      { check: "registered", passed: true },
      { check: "granted", passed: true },
      { check: "not_revoked", passed: true },
      { check: "arguments", passed: false, detail: "/id is required" },
    ]);
  });
});

describe("the stage decides what a permitted call may do", () => {
  const rows: [string, GuardInput["tool"], "low" | "medium" | "high", string[]][] = [
    [
      "a read",
      { effect: "read", kind: "other", risk: "high" },
      "low",
      ["deny", "execute", "execute", "execute", "execute", "execute"],
    ],
    [
      "a write of low risk",
      { effect: "write", kind: "other", risk: "low" },
      "low",
      ["deny", "block", "propose", "execute", "execute", "execute"],
    ],
    [
      "a write over the threshold",
      { effect: "write", kind: "other", risk: "medium" },
      "low",
      ["deny", "block", "propose", "propose", "propose", "propose"],
    ],
    [
      "a write of medium risk under a threshold that was promoted",
      { effect: "write", kind: "other", risk: "medium" },
      "medium",
      ["deny", "block", "propose", "propose", "execute", "execute"],
    ],
    [
      "a refund, however harmless",
      { effect: "write", kind: "refund", risk: "low" },
      "high",
      ["deny", "block", "propose", "propose", "propose", "propose"],
    ],
    [
      "an account change",
      { effect: "write", kind: "account_change", risk: "low" },
      "high",
      ["deny", "block", "propose", "propose", "propose", "propose"],
    ],
    [
      "an external message",
      { effect: "write", kind: "external_message", risk: "low" },
      "high",
      ["deny", "block", "propose", "propose", "propose", "propose"],
    ],
  ];
  test.each(rows)("%s", (_, tool, riskThreshold, expected) => {
    expect(STAGES.map((stage) => guard({ ...write, tool, riskThreshold, stage }).verdict)).toEqual(expected);
  }); // prettier-ignore

  test("the reason is the one that settled the verdict", () => {
    const risky = { ...write, risk: "high" } as const;
    expect(answer({ ...risky, stage: "shadow" })).toBe("block stage_shadow");
    expect(answer({ ...risky, stage: "partial" })).toBe("propose risk_above_threshold");
    expect(answer({ ...write, stage: "suggestion" })).toBe("propose stage_suggestion");
    expect(answer({ ...write, tool: { effect: "write", kind: "refund", risk: "low" } })).toBe(
      "propose kind_needs_review",
    );
    expect(answer(write)).toBe("execute ok");
  });
});

describe("whatever the call", () => {
  const names = fc.subarray(["escalate", "other"]);
  const input = fc.record({
    name: fc.constant("escalate"),
    tool: fc.option(fc.record({ effect: fc.constantFrom(...EFFECTS), kind: fc.constantFrom(...KINDS), risk: fc.constantFrom(...RISKS) }), { nil: undefined }),
    risk: fc.constantFrom(...RISKS),
    argumentProblems: fc.array(fc.constant({ pointer: "/a", message: "is wrong" }), { maxLength: 1 }),
    grants: names,
    revoked: names,
    stage: fc.constantFrom(...STAGES),
    riskThreshold: fc.constantFrom(...RISKS),
  }); // prettier-ignore
  const order: Verdict[] = ["execute", "propose", "block", "deny"];

  test("a write executes only where every condition for it holds", () => {
    fc.assert(
      fc.property(input, (call) => {
        const { verdict, reason, checks } = guard(call);
        if (verdict === "execute" && call.tool?.effect === "write") {
          expect(["partial", "narrow", "expanded"]).toContain(call.stage);
          expect(call.grants.includes("escalate") && !call.revoked.includes("escalate")).toBe(true);
          expect([call.tool.kind, call.argumentProblems]).toEqual(["other", []]);
          expect(
            compareRisks(call.risk, call.riskThreshold) <= 0 && compareRisks(call.tool.risk, call.riskThreshold) <= 0,
          ).toBe(true);
        }
        expect(reason === "ok").toBe(verdict === "execute");
        expect(checks.length > 0 && (verdict === "execute" || checks.at(-1)?.passed === false)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a call's own risk, a lower stage, a revocation never give it more", () => {
    fc.assert(
      fc.property(input, (call) => {
        const rank = (changed: GuardInput): number => order.indexOf(guard(changed).verdict);
        const { risk: _, ...plain } = call;
        expect(rank(call)).toBeGreaterThanOrEqual(rank(plain));
        expect(rank({ ...call, revoked: ["escalate"] })).toBe(order.indexOf("deny"));
        const lower = STAGES[STAGES.indexOf(call.stage) - 1];
        if (lower !== undefined) expect(rank({ ...call, stage: lower })).toBeGreaterThanOrEqual(rank(call));
      }),
    );
  });
});
