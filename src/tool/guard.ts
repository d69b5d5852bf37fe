import type { Problem } from "../base/json.ts";
import type { Stage } from "../base/stage.ts";
import { compareRisks } from "./define.ts";
import type { Effect, Risk, ToolKind } from "./define.ts";

/** What becomes of one call, most to least: it happens, a person decides, it is recorded only, it is refused. */
export type Verdict = "execute" | "propose" | "block" | "deny";

/** Why, in a word a program can act on; `ok` where nothing stands in the way. */
export type GuardReason =
  | "ok"
  | "unknown_tool"
  | "not_granted"
  | "revoked"
  | "invalid_arguments"
  | "risk_above_threshold"
  | "stage_off"
  | "stage_shadow"
  | "stage_suggestion"
  | "kind_needs_review"
  | "outside_scope"
  | "version_withdrawn"
  | "affects_much";

export interface GuardInput {
  /** The name that was asked for. */
  name: string;
  /** Undefined where no tool of that name is registered. */
  tool: { readonly effect: Effect; readonly kind: ToolKind; readonly risk: Risk } | undefined;
  /** Of this very call (`tool.riskOf(args)`); the tool's own unless given. Never lowers it. */
  risk?: Risk;
  /** From `checkArguments` and `checkIds`. */
  argumentProblems: readonly Problem[];
  /** Tool names granted to this workflow in this release. */
  grants: readonly string[];
  /** Taken away since; wins over a grant. */
  revoked: readonly string[];
  stage: Stage;
  /** The greatest risk a write may have and still happen by itself, at narrow and expanded. */
  riskThreshold: Risk;
  /** Why a person has to agree to whatever this run writes; absent: nobody has to. */
  person?: { reason: "outside_scope" | "version_withdrawn" | "affects_much"; detail: string };
}

export interface GuardCheck {
  check: "registered" | "granted" | "not_revoked" | "arguments" | "risk" | "stage" | "scope" | "review";
  passed: boolean;
  detail?: string;
}

export interface GuardDecision {
  verdict: Verdict;
  reason: GuardReason;
  /** In the order they were made, up to the one that settled the verdict. */
  checks: GuardCheck[];
}

/** What a check leaves possible at most when it does not pass. */
interface Finding extends GuardCheck {
  ceiling: Verdict;
  reason: GuardReason;
}

const ORDER: readonly Verdict[] = ["execute", "propose", "block", "deny"];

/** Decides one call. Pure; the same answer is asked for again when a write is claimed. */
export function guard(input: GuardInput): GuardDecision {
  const findings = [
    ...permission(input),
    ...(input.tool?.effect === "write" ? writing(input, input.tool) : reading(input)),
  ];
  let verdict: Verdict = "execute";
  let reason: GuardReason = "ok";
  let settledAt = findings.length - 1;
  for (const [i, finding] of findings.entries()) {
    if (finding.passed || ORDER.indexOf(finding.ceiling) <= ORDER.indexOf(verdict)) continue;
    ({ ceiling: verdict, reason } = finding);
    settledAt = i;
    if (verdict === "deny") break;
  }
  const checks = findings
    .slice(0, settledAt + 1)
    .map(({ check, passed, detail }) => ({ check, passed, ...(detail === undefined ? {} : { detail }) }));
  return { verdict, reason, checks };
}

function permission({ name, tool, grants, revoked, argumentProblems }: GuardInput): Finding[] {
  const deny = (check: GuardCheck["check"], passed: boolean, reason: GuardReason, detail: string): Finding => ({
    check, passed, reason, ceiling: "deny", ...(passed ? {} : { detail }),
  }); // prettier-ignore
  return [
    deny("registered", tool !== undefined, "unknown_tool", `no tool is named ${name}`),
    deny("granted", grants.includes(name), "not_granted", `${name} is not among this release's tools`),
    deny("not_revoked", !revoked.includes(name), "revoked", `${name} was taken away from this workflow`),
    deny("arguments", argumentProblems.length === 0, "invalid_arguments", argumentProblems.map(sentence).join("; ")),
  ];
}

function reading({ stage }: GuardInput): Finding[] {
  return [{ check: "stage", passed: stage !== "off", ceiling: "deny", reason: "stage_off", detail: stage }];
}

/** The stage sets how much risk may pass without a person: none below partial, low at partial, the threshold above. */
function writing(input: GuardInput, tool: NonNullable<GuardInput["tool"]>): Finding[] {
  const { stage, riskThreshold } = input;
  const risk = input.risk !== undefined && compareRisks(input.risk, tool.risk) > 0 ? input.risk : tool.risk;
  const limit = stage === "narrow" || stage === "expanded" ? riskThreshold : "low";
  const free = tool.kind === "other";
  return [
    { check: "risk", passed: compareRisks(risk, limit) <= 0, ceiling: "propose", reason: "risk_above_threshold", detail: `${risk}; up to ${limit} may happen at ${stage}` },
    { check: "stage", ...stageCeiling(stage), detail: stage },
    { check: "scope", passed: input.person === undefined, ceiling: "propose", reason: input.person?.reason ?? "outside_scope", ...(input.person === undefined ? {} : { detail: input.person.detail }) },
    { check: "review", passed: free, ceiling: "propose", reason: "kind_needs_review", detail: tool.kind },
  ]; // prettier-ignore
}

function stageCeiling(stage: Stage): { passed: boolean; ceiling: Verdict; reason: GuardReason } {
  if (stage === "off") return { passed: false, ceiling: "deny", reason: "stage_off" };
  if (stage === "shadow") return { passed: false, ceiling: "block", reason: "stage_shadow" };
  if (stage === "suggestion") return { passed: false, ceiling: "propose", reason: "stage_suggestion" };
  return { passed: true, ceiling: "execute", reason: "ok" };
}

function sentence({ pointer, message }: Problem): string {
  return pointer === "" ? message : `${pointer} ${message}`;
}
