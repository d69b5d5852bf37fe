import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";

export interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

/** The one model that the in-context server serves. */
export const LOCAL_MODEL = "in-context";

/** How a repair request begins. Part of the protocol between us and a model that is no language model (`local/in-context`). */
export const REPAIR_OPENING: string = "Your last answer cannot be used:";

export interface ModelRequest {
  /** Name of a configured provider: `openai`, `local`, … */
  provider: string;
  /** The model's name at that provider. */
  model: string;
  messages: readonly Message[];
  /** JSON Schema the answer has to fit. It is asked of the provider, and checked by the caller: no provider is trusted with it. */
  outputSchema?: JsonObject;
  /** Name given to the schema in the request: letters, digits, `_`, `-`. */
  schemaName?: string;
  temperature?: number;
  maxOutputTokens?: number;
  /** From the call to the last byte of the reply. */
  timeoutMs: number;
  /** The caller's abort; the call rejects with its reason. */
  signal: AbortSignal;
}

/** Tokens as the provider counted them. `cachedInputTokens` and `reasoningTokens` are parts of input and output. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens?: number;
  reasoningTokens?: number;
}

export type FinishReason = "stop" | "length" | "content_filter" | "refusal" | "other";

/** An answer that came, and cannot be read as text: an invalid one, whatever it says. */
export interface Unusable {
  code: "reply_too_large" | "broken_text";
  message: string;
}

/** The body of a reply as it came, as far as it was read. */
export interface RawReply {
  raw: string;
  /** Set where it is not kept as it is: `cut`, only its beginning is. The text says what is missing. */
  rawNote?: { cut: boolean; text: string };
}

export interface ModelReply extends RawReply {
  /** What the model wrote; for a refusal, its words of refusal. */
  text: string;
  unusable?: Unusable;
  finishReason: FinishReason;
  /** Null where the provider did not report it: unknown is not zero. */
  usage: Usage | null;
  /** The request body as sent; credentials travel in headers, which are not kept. */
  request: Json;
  /** The model the provider says it used. */
  providerModel: string;
  fingerprint?: string;
  requestId?: string;
  latencyMs: number;
}

/** A call that failed, with what of the answer had come by then. */
export class CallFailed extends Failure {
  /** Of the answer, what had come; "" where nothing had. */
  readonly reply: RawReply;
  readonly requestId: string | undefined;
  constructor(failure: Failure, reply: RawReply, requestId?: string) {
    super(failure.info, { cause: failure.cause });
    this.reply = reply;
    this.requestId = requestId;
  }
}

/**
 * One call of a language model; no retries inside.
 *
 * Throws `Failure`: `rate_limited` (429, with `retryAfterMs`; also an account without quota), `transient` (5xx, connection lost, also in the middle of the
 * body, or a body that is not the protocol), `timeout`, `refused` (a content filter
 * or a prompt too long, told by an error status), `bug` (a configuration no retry mends: 400, 401, 403, 404, a missing key).
 * The caller's abort is rethrown as it is.
 */
export interface ModelPort {
  call(request: ModelRequest): Promise<ModelReply>;
}
