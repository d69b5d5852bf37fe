import { jsonrepair } from "jsonrepair";
import { atPointer } from "../base/json.ts";
import type { Json, Problem } from "../base/json.ts";
import type { ModelReply, Unusable } from "../model/port.ts";
import type { PromptSpec } from "./spec.ts";
import { parseStrictJson } from "./strict-json.ts";
import type { StrictJsonCode } from "./strict-json.ts";

export type InvalidCode = StrictJsonCode | Unusable["code"] | "schema" | "rule";

/** What of a reply is judged. */
export type Judged = Pick<ModelReply, "text" | "finishReason" | "unusable">;
type RefusedCode = "refusal" | "content_filter" | "length";

export type ReplyVerdict =
  | { verdict: "valid"; output: Json }
  | { verdict: "invalid"; code: InvalidCode; problems: Problem[] }
  | { verdict: "refused"; code: RefusedCode; message: string };

/** A business rule on an output. Anything but `true` fails it; text says why. */
export interface OutputRule {
  name: string;
  /** The field it is about, as a JSON pointer: the repair call then says where to look. */
  pointer?: string;
  check(output: Json): boolean | string | Promise<boolean | string>;
}

const REFUSED: Record<RefusedCode, string> = {
  refusal: "The model refused to answer.",
  content_filter: "The provider's content filter stopped the answer.",
  length: "The answer was cut off at the output limit (limits.max_output_tokens).",
};

/** Decides what a model's reply is worth: strict JSON, then the prompt's schema. Pure. */
export function checkReply(spec: PromptSpec, reply: Judged): ReplyVerdict {
  const stop = reply.finishReason;
  if (stop === "refusal" || stop === "content_filter" || stop === "length")
    return { verdict: "refused", code: stop, message: REFUSED[stop] };
  if (reply.unusable !== undefined) {
    const { code, message } = reply.unusable;
    return { verdict: "invalid", code, problems: [{ pointer: "", message }] };
  }
  const parsed = parseStrictJson(reply.text);
  if (!parsed.ok) return { verdict: "invalid", code: parsed.code, problems: parsed.problems };
  const problems = spec.output.validate(parsed.value);
  if (problems.length > 0) return { verdict: "invalid", code: "schema", problems };
  return { verdict: "valid", output: parsed.value };
}

/** All the rules an output breaks. What a rule throws is not an answer, and passes through. */
export async function checkRules(rules: readonly OutputRule[], output: Json): Promise<Problem[]> {
  const answers = await Promise.all(rules.map(async (rule) => ({ rule, answer: await rule.check(output) })));
  return answers
    .filter(({ answer }) => answer !== true)
    .map(({ rule, answer }) => ({
      pointer: rule.pointer ?? "",
      message: `The rule "${rule.name}" does not hold${typeof answer === "string" ? `: ${answer}` : "."}`,
    }));
}

/** The confidence the output states, at the place the spec names; null where there is none. */
export function confidenceOf(spec: PromptSpec, output: Json): number | null {
  if (spec.confidence === null) return null;
  const value = atPointer(output, spec.confidence);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Guessing takes time by the square of the length: 180,000 characters of quotes took twelve seconds. */
const LENIENT_LIMIT = 16_000;

/** What an answer may have meant: an object or array that can be read from it. A draft for a person, never a decision. */
export function readLeniently(text: string): Json | undefined {
  if (text.length > LENIENT_LIMIT) return undefined;
  try {
    const parsed = parseStrictJson(jsonrepair(text));
    return parsed.ok && typeof parsed.value === "object" && parsed.value !== null ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}
