import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isObject } from "../../base/json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { LOCAL_MODEL } from "../port.ts";
import type { Message } from "../port.ts";
import { readConversation } from "./conversation.ts";
import type { Shot } from "./conversation.ts";
import { Learner } from "./learner.ts";

/** Raised whenever the same prompt could be answered otherwise than before. */
const FINGERPRINT = "in-context-1";
const MAX_BODY = 32 * 1024 * 1024;
/** Prompts whose examples stay learned; the examples of a prompt version never change. */
const REMEMBERED = 32;

export interface InContextServer {
  /** Base URL in the OpenAI manner: `http://127.0.0.1:PORT/v1`. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves `in-context` over loopback HTTP in the OpenAI chat-completions protocol, on a free port.
 *
 * It is a real, small, deterministic model: it learns from the examples it finds in the messages (see `readConversation`)
 * and answers like the nearest of them, in the fields of the `response_format` schema. Examples change what it answers;
 * instructions do not. Usage counts four characters as a token.
 */
export async function startInContextServer(): Promise<InContextServer> {
  const app = inContextApp();
  const { promise: listening, resolve } = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, resolve);
  const { port } = await listening;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async close() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}

/** The protocol without the port: for tests in process. */
export function inContextApp(): Hono {
  const app = new Hono();
  const learned = new Map<string, Learner>();
  const limit = bodyLimit({
    maxSize: MAX_BODY,
    onError: (c) => c.json(apiError("The request is too large.", "request_too_large"), 413),
  });
  app.get("/v1/models", (c) =>
    c.json({ object: "list", data: [{ id: LOCAL_MODEL, object: "model", created: 0, owned_by: "local" }] }),
  );
  app.post("/v1/chat/completions", limit, async (c) => {
    const text = await c.req.text();
    const request = readRequest(text);
    if ("error" in request) return c.json({ error: request.error }, request.status);
    return c.json(completion(text, request, learned));
  });
  app.notFound((c) => c.json(apiError(`Nothing is served at ${c.req.path}.`, "not_found"), 404));
  return app;
}

interface ChatRequest {
  messages: Message[];
  schema: JsonObject | undefined;
  maxTokens: number;
}

interface ApiError {
  error: { message: string; type: string; param: null; code: string };
}

function apiError(message: string, code: string): ApiError {
  return { error: { message, type: "invalid_request_error", param: null, code } };
}

function readRequest(text: string): ChatRequest | (ApiError & { status: 400 | 404 }) {
  const body = parsed(text);
  if (!isObject(body)) return { ...apiError("The body must be a JSON object.", "invalid_json"), status: 400 };
  if (body["model"] !== LOCAL_MODEL)
    return {
      ...apiError(
        `There is no model ${JSON.stringify(body["model"] ?? null)} here; the only one is "${LOCAL_MODEL}".`,
        "model_not_found",
      ),
      status: 404,
    };
  if (body["stream"] === true) return { ...apiError("This model does not stream.", "unsupported_value"), status: 400 };
  const messages = Array.isArray(body["messages"]) ? body["messages"].map(readMessage) : [];
  if (messages.length === 0 || messages.some((message) => message === undefined))
    return {
      ...apiError("messages must be a list of {role, content}, with text as content.", "invalid_messages"),
      status: 400,
    };
  const limit = body["max_completion_tokens"] ?? body["max_tokens"];
  return {
    messages: messages as Message[],
    schema: schemaOf(body["response_format"]),
    maxTokens: typeof limit === "number" && limit > 0 ? Math.floor(limit) : Infinity,
  };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function readMessage(message: Json): Message | undefined {
  if (!isObject(message)) return undefined;
  const { role, content } = message;
  const known = role === "developer" ? "system" : role;
  if ((known !== "system" && known !== "user" && known !== "assistant") || typeof content !== "string")
    return undefined;
  return { role: known, content };
}

function schemaOf(format: Json | undefined): JsonObject | undefined {
  const named = isObject(format) ? format["json_schema"] : undefined;
  const schema = isObject(named) ? named["schema"] : undefined;
  return isObject(schema) ? schema : undefined;
}

function completion(text: string, request: ChatRequest, learned: Map<string, Learner>): JsonObject {
  const conversation = readConversation(request.messages);
  const learner = learnerFor(request.schema, conversation.shots, learned);
  const answer = JSON.stringify(learner.answer(conversation));
  const kept = cut(answer, request.maxTokens);
  const asked = request.messages.reduce((sum, { content }) => sum + tokens(content), 0);
  const written = tokens(kept);
  return {
    id: `chatcmpl-${createHash("sha256").update(text).digest("hex").slice(0, 24)}`,
    object: "chat.completion",
    // The same request gives the same bytes; there is no other use for the time.
    created: 0,
    model: LOCAL_MODEL,
    system_fingerprint: FINGERPRINT,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: kept, refusal: null },
        logprobs: null,
        finish_reason: kept === answer ? "stop" : "length",
      },
    ],
    usage: { prompt_tokens: asked, completion_tokens: written, total_tokens: asked + written },
  };
}

/** What was learned from these examples, for as long as it is remembered. */
function learnerFor(schema: JsonObject | undefined, shots: readonly Shot[], learned: Map<string, Learner>): Learner {
  const hash = createHash("sha256").update(JSON.stringify(schema ?? null));
  for (const { text, output } of shots)
    hash.update("\u0000").update(text).update("\u0001").update(JSON.stringify(output));
  const key = hash.digest("base64url");
  const learner = learned.get(key) ?? new Learner(schema, shots);
  learned.delete(key);
  learned.set(key, learner);
  if (learned.size > REMEMBERED) learned.delete(learned.keys().next().value as string);
  return learner;
}

/** About what a tokeniser gives for European languages. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function cut(text: string, maxTokens: number): string {
  return tokens(text) <= maxTokens ? text : text.slice(0, maxTokens * 4);
}
