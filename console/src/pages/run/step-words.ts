import type { TraceStep } from "../../api/schema.gen.ts";
import { plural, words } from "../../parts/format.ts";
import type { Tone } from "../../parts/badge.tsx";

type StepType = TraceStep["type"];

const TYPES: Readonly<Record<StepType, string>> = {
  trigger: "event",
  model_call: "model call",
  validation: "validation",
  repair: "repair",
  rule: "rule",
  tool_call: "tool call",
  agent_step: "agent step",
  code: "code",
  review: "review",
  wait: "wait",
  decision: "decision",
  override: "correction",
};

const SYSTEM_NAMES: Readonly<Record<string, string>> = {
  "@decision": "decision",
  "@decide": "decision",
  "@redrive": "redrive",
  "@restart": "restart",
  "@cancel": "cancellation",
  "@erase": "erasure",
  "@restore": "restored from a backup",
};
const REVIEW_OF = "@review:";
const APPROVED = "@approved";

/** The name of a step as the workflow's author gave it; what the engine added in plain words. */
export function stepName({ name, key = "" }: Pick<TraceStep, "name" | "key">): string {
  if (name.startsWith(REVIEW_OF)) return `review of ${stepName({ name: name.slice(REVIEW_OF.length), key })}`;
  const own = SYSTEM_NAMES[name] ?? name;
  const shownKey = key.endsWith(APPROVED) ? key.slice(0, -APPROVED.length) : key;
  return `${own}${shownKey === "" ? "" : ` · ${shownKey}`}${key.endsWith(APPROVED) ? ", approved" : ""}`;
}

/** What kind of step it is. */
export function typeWord({ type, name, phase }: TraceStep): string {
  if (type === "tool_call" && phase !== undefined) return phase === "result" ? "read" : "write";
  if (type === "override" && name.startsWith("@")) return "command";
  return TYPES[type];
}

/** How a step went, in a word and the colour of its state. */
export interface Verdict {
  tone: Tone;
  word: string;
}

const PHASES: Readonly<Record<NonNullable<TraceStep["phase"]>, Verdict>> = {
  result: { tone: "ok", word: "done" },
  settle: { tone: "ok", word: "sent, settled" },
  claim: { tone: "wait", word: "outcome unknown" },
  proposed: { tone: "wait", word: "proposed, not sent" },
  blocked: { tone: "off", word: "blocked, not sent" },
  denied: { tone: "bad", word: "denied, not sent" },
  simulated: { tone: "off", word: "simulated, not sent" },
};

const STATUSES: Readonly<Record<TraceStep["status"], Verdict>> = {
  success: { tone: "ok", word: "done" },
  error: { tone: "bad", word: "failed" },
  blocked: { tone: "off", word: "blocked" },
  waiting: { tone: "wait", word: "waiting" },
};

export function verdictOf(step: TraceStep): Verdict {
  if (step.type === "review") return reviewVerdict(step);
  if (step.type === "rule") return ruleVerdict(step);
  if (step.validation !== undefined) return validationVerdict(step);
  if (step.error !== undefined) return { tone: "bad", word: words(step.error.class) };
  if (step.type === "tool_call" && step.phase !== undefined) return PHASES[step.phase];
  if (step.type === "trigger") return { tone: "ok", word: "accepted" };
  if (step.type === "decision") return { tone: "ok", word: textIn(step, "disposition") ?? "decided" };
  if (step.type === "override")
    return { tone: "ok", word: `by ${textIn(step, "reviewer_id") ?? textIn(step, "by") ?? "?"}` };
  return STATUSES[step.status];
}

const ANSWERS: Readonly<Record<string, Verdict>> = {
  approve: { tone: "ok", word: "approved" },
  correct: { tone: "ok", word: "corrected" },
  reject: { tone: "bad", word: "rejected" },
};

function reviewVerdict(step: TraceStep): Verdict {
  const answer = ANSWERS[textIn(step, "action") ?? ""];
  if (answer !== undefined) return { tone: answer.tone, word: `${answer.word} by ${textIn(step, "by") ?? "?"}` };
  return { tone: "wait", word: detailOf(step)["escalated"] === true ? "escalated" : "asked" };
}

function ruleVerdict(step: TraceStep): Verdict {
  if (step.error !== undefined) return { tone: "bad", word: "does not hold" };
  return detailOf(step)["overridden"] === true ? { tone: "wait", word: "overridden" } : { tone: "ok", word: "holds" };
}

function validationVerdict({ validation }: TraceStep): Verdict {
  if (validation?.verdict === "valid") return { tone: "ok", word: "valid" };
  const errors = validation?.errors?.length ?? 0;
  const verdict = validation?.verdict ?? "invalid";
  return { tone: "bad", word: errors === 0 ? verdict : `${verdict}, ${plural(errors, "error")}` };
}

/** What a step says about itself; empty where it says nothing. */
export function detailOf({ detail }: TraceStep): Readonly<Record<string, unknown>> {
  return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail : {};
}

export function textIn(step: TraceStep, name: string): string | undefined {
  const value = detailOf(step)[name];
  return typeof value === "string" ? value : undefined;
}

/** Tokens in and out together; undefined where the step used none. */
export function tokensOf({ usage }: TraceStep): number | undefined {
  return usage === undefined ? undefined : usage.input_tokens + usage.output_tokens;
}

/** Epoch ms at which the step began and ended. */
export function spanOf(step: TraceStep): { start: number; end: number } {
  const start = Date.parse(step.started_at);
  return { start, end: start + step.latency_ms };
}
