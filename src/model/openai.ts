import { AsyncLocalStorage } from "node:async_hooks";
import type { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { OutputInterface } from "ai";
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { openExchange } from "./exchange.ts";
import type { Exchange, Peer } from "./exchange.ts";
import { CallFailed } from "./port.ts";
import type { Message, ModelPort, ModelReply, ModelRequest } from "./port.ts";
import { wireSchema } from "./wire-schema.ts";

/** How a provider is asked for JSON: by schema, as any JSON object, or in words only. */
export type StructuredOutput = "json_schema" | "json_object" | "none";

export interface OpenAiSettings {
  provider: string;
  baseUrl: string;
  /** The key, or null for a server that takes none. */
  apiKey: string | null;
  keyVariable?: string;
  headers: Readonly<Record<string, string>>;
  structuredOutput: StructuredOutput;
  /** OpenAI's own newer models take only `max_completion_tokens`; other servers know only `max_tokens`. */
  maxTokensField: "max_tokens" | "max_completion_tokens";
  /** The server reads all of JSON Schema, so no keyword is put into words. */
  wholeSchema: boolean;
}

// Bound at load: the determinism guard replaces the globals while workflow code runs.
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;
const monotonic = performance.now.bind(performance);

/** A model behind an OpenAI-compatible base URL, through the AI SDK, which is loaded at the first call. */
export function openAiModel(settings: OpenAiSettings): ModelPort {
  const models = new ChatModels(settings);
  return { call: async (request) => await callWithTimeout(settings, models, request) };
}

/** The exchange of the call under way: the SDK's model is made once, and each call has a record of its own. */
const exchanges = new AsyncLocalStorage<Exchange>();

type Provider = ReturnType<typeof createOpenAICompatible>;
type ChatModel = ReturnType<Provider["chatModel"]>;

/** The SDK's models by name. Making one costs as much as a call. */
class ChatModels {
  readonly #settings: OpenAiSettings;
  readonly #made = new Map<string, ChatModel>();
  #provider: Provider | null = null;

  constructor(settings: OpenAiSettings) {
    this.#settings = settings;
  }

  async model(name: string): Promise<ChatModel> {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const settings = this.#settings;
    const sdk = await import("@ai-sdk/openai-compatible");
    this.#provider ??= sdk.createOpenAICompatible({
      name: settings.provider,
      baseURL: settings.baseUrl,
      headers: { ...settings.headers },
      fetch: async (input, init) => await (exchanges.getStore() as Exchange).fetch(input, init),
      supportsStructuredOutputs: settings.structuredOutput === "json_schema",
      transformRequestBody: (body) => renameMaxTokens(body, settings),
      ...(settings.apiKey === null ? {} : { apiKey: settings.apiKey }),
    });
    const made = this.#provider.chatModel(name);
    this.#made.set(name, made);
    return made;
  }
}

async function callWithTimeout(
  settings: OpenAiSettings,
  models: ChatModels,
  request: ModelRequest,
): Promise<ModelReply> {
  request.signal.throwIfAborted();
  const peer = peerOf(settings);
  const exchange = openExchange(peer);
  const controller = new AbortController();
  const abort = (): void => controller.abort(request.signal.reason);
  request.signal.addEventListener("abort", abort, { once: true });
  const timer = startTimer(() => controller.abort(), request.timeoutMs);
  const started = monotonic();
  try {
    const model = await models.model(request.model);
    await exchanges.run(exchange, () => generate(settings, model, request, controller.signal));
    return replyOf(exchange, monotonic() - started);
  } catch (error) {
    request.signal.throwIfAborted();
    const late = controller.signal.aborted;
    throw withEvidence(exchange, late ? tooSlow(settings, request) : (exchange.failure ?? unexpected(settings, error)));
  } finally {
    stopTimer(timer);
    request.signal.removeEventListener("abort", abort);
  }
}

/** A failed call with what of an answer had come by then. */
function withEvidence({ received, requestId }: Exchange, failure: Failure): CallFailed {
  return new CallFailed(failure, received.raw(true), requestId);
}

async function generate(
  settings: OpenAiSettings,
  model: ChatModel,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<void> {
  const { generateText } = await import("ai");
  const wire = request.outputSchema === undefined ? undefined : wireSchema(request.outputSchema, settings.wholeSchema);
  await generateText({
    // An object, never the name: the AI SDK sends a model given by name to a hosted gateway.
    model,
    messages: messagesFor(settings, request),
    allowSystemInMessages: true,
    maxRetries: 0,
    abortSignal: signal,
    output: rawOutput(settings, request, wire?.schema),
    providerOptions: { openaiCompatible: { strictJsonSchema: wire?.strict ?? false } },
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxOutputTokens === undefined ? {} : { maxOutputTokens: request.maxOutputTokens }),
  });
}

type ResponseFormat = Awaited<OutputInterface["responseFormat"]>;

/** Asks for the format, and parses nothing: the exchange reads the reply, and the prompt is stricter than the SDK. */
function rawOutput(
  settings: OpenAiSettings,
  request: ModelRequest,
  schema: JsonObject | undefined,
): OutputInterface<string, string, never> {
  return {
    name: "raw",
    responseFormat: Promise.resolve(responseFormat(settings, request, schema)),
    parseCompleteOutput: async ({ text }) => text,
    parsePartialOutput: async ({ text }) => ({ partial: text }),
    createElementStreamTransform: () => undefined,
  };
}

function responseFormat(
  settings: OpenAiSettings,
  request: ModelRequest,
  schema: JsonObject | undefined,
): ResponseFormat {
  if (schema === undefined || settings.structuredOutput === "none") return { type: "text" };
  if (settings.structuredOutput === "json_object") return { type: "json" };
  return {
    type: "json",
    schema,
    name: (request.schemaName ?? "output").replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64),
  };
}

/** A provider that is not given the schema as a parameter is told it in words. */
function messagesFor(settings: OpenAiSettings, request: ModelRequest): Message[] {
  const messages = request.messages.map(({ role, content }) => ({ role, content }));
  if (request.outputSchema === undefined || settings.structuredOutput === "json_schema") return messages;
  const { schema } = wireSchema(request.outputSchema, true);
  const words = `Answer with one JSON object that fits this JSON Schema, and with nothing else:\n${JSON.stringify(schema)}`;
  const [first, ...rest] = messages;
  return first?.role === "system"
    ? [{ role: "system", content: `${first.content}\n\n${words}` }, ...rest]
    : [{ role: "system", content: words }, ...messages];
}

function renameMaxTokens(body: Record<string, unknown>, settings: OpenAiSettings): Record<string, unknown> {
  const { max_tokens, ...rest } = body;
  return max_tokens === undefined ? rest : { ...rest, [settings.maxTokensField]: max_tokens };
}

function replyOf(exchange: Exchange, latencyMs: number): ModelReply {
  const { completion, unusable, received } = exchange;
  const requestId = exchange.requestId ?? completion?.id;
  return {
    text: completion?.text ?? "",
    finishReason: completion?.finishReason ?? "other",
    usage: completion?.usage ?? null,
    ...received.raw(false),
    // Few look at it, and it is as long as the messages.
    get request(): Json {
      return JSON.parse(exchange.sent) as Json;
    },
    providerModel: completion?.model ?? "",
    latencyMs,
    ...(unusable === undefined ? {} : { unusable }),
    ...(completion?.fingerprint === undefined ? {} : { fingerprint: completion.fingerprint }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

function peerOf({ provider, baseUrl, apiKey, keyVariable }: OpenAiSettings): Peer {
  return {
    provider,
    baseUrl,
    ...(keyVariable === undefined ? {} : { keyVariable }),
    ...(apiKey === null ? {} : { secret: apiKey }),
  };
}

function tooSlow({ provider, baseUrl }: OpenAiSettings, { model, timeoutMs }: ModelRequest): Failure {
  const message = `Model ${provider}/${model} (${new URL(baseUrl).host}) took longer than ${timeoutMs} ms.`;
  return new Failure({ class: "timeout", code: "model_timeout", message });
}

/** Nothing was wrong on the wire: the SDK refused the request itself. */
function unexpected({ provider }: OpenAiSettings, error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  return new Failure(
    { class: "bug", code: "bad_request", message: `The request to provider "${provider}" cannot be made: ${detail}` },
    { cause: error },
  );
}
