import type { Problem } from "../base/json.ts";
import { REPAIR_OPENING } from "../model/port.ts";
import type { Message } from "../model/port.ts";

/** An answer beyond this is shown to the model without its middle. */
const SHOWN_CHARS = 8_000;
const SHOWN_PROBLEMS = 20;

/**
 * The conversation of the one repair call: what was asked, what the model answered, and what is wrong with it.
 * The problems are ours; the answer is shown as the model's own words.
 */
export function repairMessages(messages: readonly Message[], answer: string, problems: readonly Problem[]): Message[] {
  return repairMessagesShown(messages, shortened(answer), problems);
}

/** The same, where the answer is as the model was shown it: what a record of the repair holds. */
export function repairMessagesShown(
  messages: readonly Message[],
  shown: string,
  problems: readonly Problem[],
): Message[] {
  return [...messages, { role: "assistant", content: shown }, { role: "user", content: repairRequest(problems) }];
}

function repairRequest(problems: readonly Problem[]): string {
  const lines = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ pointer, message }) => `- ${pointer === "" ? "" : `${pointer}: `}${message}`);
  if (problems.length > SHOWN_PROBLEMS) lines.push(`- and ${problems.length - SHOWN_PROBLEMS} more`);
  return [
    REPAIR_OPENING,
    ...lines,
    "Answer the original request again, with these mistakes put right: one JSON value that fits the schema, with no text or code fence around it.",
  ].join("\n");
}

function shortened(answer: string): string {
  if (answer.trim() === "") return "(no text)";
  if (answer.length <= SHOWN_CHARS) return answer;
  const half = SHOWN_CHARS / 2;
  const left = answer.length - SHOWN_CHARS;
  return `${answer.slice(0, half)}\n[… ${left} characters left out …]\n${answer.slice(-half)}`;
}
