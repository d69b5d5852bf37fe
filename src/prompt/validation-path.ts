import type { FailureInfo } from "../base/failure.ts";
import type { Json, Problem } from "../base/json.ts";
import type { Message } from "../model/port.ts";
import { checkReply, checkRules } from "./check.ts";
import type { Judged, OutputRule, ReplyVerdict } from "./check.ts";
import { repairMessages } from "./repair.ts";
import type { PromptSpec } from "./spec.ts";

type Valid = Extract<ReplyVerdict, { verdict: "valid" }>;
export type Invalid = Extract<ReplyVerdict, { verdict: "invalid" }>;

/** What a repair call saw of the answer before it. */
export interface RepairShown {
  errors: readonly Problem[];
  /** As the model was shown it. */
  answer: string;
}

/**
 * How one way through the validation path asks and keeps what came: a run puts each hop on record, an eval keeps them for its
 * report. A call that has to wait outside the process answers with a `stop` in place of a reply, and the path ends there.
 */
export interface Hops<Stop> {
  /** `repair` is null for the first call. Throws what the call fails with. */
  ask(messages: readonly Message[], repair: RepairShown | null): Promise<{ reply: Judged } | { stop: Stop }>;
  /** Told of each verdict before anything follows from it; one that refuses ends the path by throwing. */
  judged(verdict: Valid | Invalid | Extract<ReplyVerdict, { verdict: "refused" }>): void;
  /** A rule threw: its error is no verdict. Ends the path by throwing. */
  ruleFailed(error: unknown): never;
  /** The first answer is invalid and a repair is about to be asked for. */
  beforeRepair(): Promise<{ stop: Stop } | null>;
  /** What the path ends with where no valid answer came. */
  failed(info: FailureInfo): Error;
}

/** The first answer and its verdict, where they are on record already. */
export interface EarlierReply {
  reply: Judged;
  verdict: Invalid;
}

/**
 * The one way an answer is got of a prompt: call → strict JSON → schema → rules → one repair that shows the mistakes → the same
 * checks again → fail closed.
 */
export async function takeValidationPath<Stop>(
  prompt: { spec: PromptSpec; rules: readonly OutputRule[] },
  messages: readonly Message[],
  hops: Hops<Stop>,
  earlier: EarlierReply | null = null,
): Promise<{ output: Json } | { stop: Stop }> {
  const first = earlier ?? (await hops.ask(messages, null));
  if ("stop" in first) return first;
  const verdict = earlier?.verdict ?? (await judge(prompt, first.reply, hops));
  if (verdict.verdict === "valid") return { output: verdict.output };
  if (prompt.spec.repair.attempts === 0) throw hops.failed(invalidAnswer(verdict, false));
  const stop = await hops.beforeRepair();
  if (stop !== null) return stop;
  const asked = repairMessages(messages, first.reply.text, verdict.problems);
  // The conversation before it is the first call's; beyond that it saw the mistakes, and the answer as they show it.
  const second = await hops.ask(asked, { errors: verdict.problems, answer: asked.at(-2)?.content ?? "" });
  if ("stop" in second) return second;
  const repaired = await judge(prompt, second.reply, hops);
  if (repaired.verdict === "valid") return { output: repaired.output };
  throw hops.failed(invalidAnswer(repaired, true));
}

async function judge<Stop>(
  { spec, rules }: { spec: PromptSpec; rules: readonly OutputRule[] },
  reply: Judged,
  hops: Hops<Stop>,
): Promise<Valid | Invalid> {
  const checked = checkReply(spec, reply);
  if (checked.verdict === "refused") {
    hops.judged(checked);
    throw hops.failed({ class: "refused", code: checked.code, message: checked.message });
  }
  const verdict = checked.verdict === "valid" ? await ruled(rules, checked, hops) : checked;
  hops.judged(verdict);
  return verdict;
}

async function ruled<Stop>(rules: readonly OutputRule[], valid: Valid, hops: Hops<Stop>): Promise<Valid | Invalid> {
  const problems = await checkRules(rules, valid.output).catch((error: unknown) => hops.ruleFailed(error));
  return problems.length === 0 ? valid : { verdict: "invalid", code: "rule", problems };
}

function invalidAnswer({ code, problems }: Invalid, repaired: boolean): FailureInfo {
  const shown = problems.slice(0, 3).map(inWords);
  const message = `The model's answer is invalid${repaired ? ", also after one repair" : ""}: ${shown.join("; ")}`;
  return { class: "invalid_output", code, message, errors: problems };
}

/** A fault of the answer: what a schema says needs its subject, a sentence has one. */
function inWords({ pointer, message }: Problem): string {
  if (!/^[A-Z]/.test(message)) return `${pointer || "the answer"} ${message}`;
  return pointer === "" ? message : `${pointer}: ${message}`;
}
