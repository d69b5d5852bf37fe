import type { JsonObject } from "../base/json.ts";
import type { Message } from "./port.ts";

/** What an answer is taken to need where its prompt does not say `max_output_tokens`. */
const DEFAULT_OUTPUT_TOKENS = 1_024;

/** What a call may use up, in tokens, before anybody has counted: rather too many than too few. */
export interface TokenEstimate {
  inputTokens: number;
  outputTokens: number;
}

/** A token is rarely less than three bytes of UTF-8, in any script; a message costs a few beside its text. */
const BYTES_PER_TOKEN = 3;
const TOKENS_PER_MESSAGE = 4;

/** A schema is sent with every call of its prompt, and is the same object each time. */
const schemaBytes = new WeakMap<JsonObject, number>();

function bytesOf(schema: JsonObject | undefined): number {
  if (schema === undefined) return 0;
  const known = schemaBytes.get(schema) ?? Buffer.byteLength(JSON.stringify(schema));
  schemaBytes.set(schema, known);
  return known;
}

export function estimateTokens(
  messages: readonly Message[],
  schema: JsonObject | undefined,
  maxOutputTokens: number | undefined,
): TokenEstimate {
  const bytes = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), bytesOf(schema));
  const inputTokens = Math.ceil(bytes / BYTES_PER_TOKEN) + messages.length * TOKENS_PER_MESSAGE;
  return { inputTokens, outputTokens: maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS };
}
