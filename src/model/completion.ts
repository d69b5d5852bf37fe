import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { FinishReason, Usage } from "./port.ts";

/** A chat completion, as far as it is any of our business. */
export interface Completion {
  /** What the model wrote; for a refusal, its words of refusal. "" where it wrote nothing. */
  text: string;
  finishReason: FinishReason;
  usage: Usage | null;
  model: string;
  id: string | undefined;
  fingerprint: string | undefined;
}

/** Reads the first choice of a body; undefined where the body is no chat completion. */
export function readCompletion(body: JsonObject): Completion | undefined {
  const choice = firstChoice(body);
  const message = choice?.["message"];
  if (choice === undefined || !isObject(message)) return undefined;
  const content = textOf(message["content"]);
  if (content === undefined) return undefined;
  const refusal = refusalOf(message);
  return {
    text: refusal ?? content,
    finishReason: finishReason(choice["finish_reason"], refusal),
    usage: usageOf(body["usage"]),
    model: asText(body["model"]) ?? "",
    id: asText(body["id"]),
    fingerprint: asText(body["system_fingerprint"]),
  };
}

export function firstChoice(body: JsonObject): JsonObject | undefined {
  const first = Array.isArray(body["choices"]) ? body["choices"][0] : undefined;
  return isObject(first) ? first : undefined;
}

/** Some servers answer in parts; what is no text (a thought, a picture) is no part of the answer. */
function textOf(content: Json | undefined): string | undefined {
  if (content === undefined || content === null) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  return content
    .map((part) => (isObject(part) && part["type"] === "text" ? (asText(part["text"]) ?? "") : ""))
    .join("");
}

function refusalOf(message: JsonObject): string | undefined {
  const parts = Array.isArray(message["content"]) ? message["content"] : [];
  const said = [message["refusal"], ...parts.map((part) => (isObject(part) ? part["refusal"] : undefined))];
  return said.map(asText).find((text) => text !== undefined && text !== "");
}

function asText(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function finishReason(raw: Json | undefined, refusal: string | undefined): FinishReason {
  if (refusal !== undefined) return "refusal";
  return raw === "stop" || raw === "length" || raw === "content_filter" ? raw : "other";
}

/** No model counts so many tokens in one call: such a figure would spend a budget that nobody spent. */
const MAX_TOKENS = 1_000_000_000;

/** Null where the provider did not count, or counted nonsense: what is not known must not look free, or ruinous. */
function usageOf(reported: Json | undefined): Usage | null {
  if (!isObject(reported)) return null;
  const [inputTokens, outputTokens] = [count(reported["prompt_tokens"]), count(reported["completion_tokens"])];
  if (inputTokens === undefined || outputTokens === undefined) return null;
  const cachedInputTokens = partOf(inputTokens, reported["prompt_tokens_details"], "cached_tokens");
  const reasoningTokens = partOf(outputTokens, reported["completion_tokens_details"], "reasoning_tokens");
  return {
    inputTokens,
    outputTokens,
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

function count(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS ? value : undefined;
}

function partOf(whole: number, details: Json | undefined, name: string): number | undefined {
  const part = isObject(details) ? count(details[name]) : undefined;
  return part === undefined || part > whole ? undefined : part;
}
