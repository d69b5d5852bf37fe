import { isObject } from "../../base/json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { REPAIR_OPENING } from "../port.ts";
import type { Message } from "../port.ts";

/** A question and the answer it should have. */
export interface Shot {
  text: string;
  output: JsonObject;
}

/** What a chat holds for a model that learns from the examples in it. */
export interface Conversation {
  shots: Shot[];
  /** The text to answer. */
  query: string;
  /** In a repair: the answer that was refused, and the top-level fields it was refused for. */
  refused?: { answer: JsonObject | undefined; fields: string[] };
}

/**
 * Reads examples from a chat in two forms, in this order:
 * 1. inside a system message, blocks of `Input: …` (any number of lines) followed by `Output: {…}` on a line of its own;
 * 2. a user message followed by an assistant message whose content is a JSON object.
 * The last user message is the question, unless it asks for a repair; then it is the one before the refused answer.
 */
export function readConversation(messages: readonly Message[]): Conversation {
  const shots = messages.filter(({ role }) => role === "system").flatMap(({ content }) => blocks(content));
  const turns = messages.filter(({ role }) => role !== "system");
  let asked = turns.findLastIndex(({ role }) => role === "user");
  const request = turns[asked]?.content ?? "";
  const repairs = request.startsWith(REPAIR_OPENING) && turns[asked - 1]?.role === "assistant";
  const refused = repairs
    ? { answer: jsonObject(turns[asked - 1]?.content ?? ""), fields: namedFields(request) }
    : undefined;
  if (repairs) asked = turns.slice(0, asked).findLastIndex(({ role }) => role === "user");
  for (let i = 0; i < asked - 1; i++) {
    const [question, answer] = [turns[i] as Message, turns[i + 1] as Message];
    const output = question.role === "user" && answer.role === "assistant" ? jsonObject(answer.content) : undefined;
    if (output !== undefined) shots.push({ text: question.content, output });
  }
  return { shots, query: turns[asked]?.content ?? "", ...(refused === undefined ? {} : { refused }) };
}

const BLOCK = /^[ \t]*Input:[ \t]*([\s\S]*?)\n[ \t]*Output:[ \t]*(\{.*\})[ \t]*$/gim;

function blocks(system: string): Shot[] {
  return [...system.matchAll(BLOCK)].flatMap(([, text, answer]) => {
    const output = jsonObject(answer as string);
    return output === undefined ? [] : [{ text: (text as string).trim(), output }];
  });
}

function jsonObject(text: string): JsonObject | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `- /category: must be …` names the field `category`. */
function namedFields(request: string): string[] {
  return [...request.matchAll(/^- \/([^/:\s]+)/gm)].map(([, field]) => field as string);
}
