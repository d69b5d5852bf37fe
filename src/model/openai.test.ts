import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LLMock } from "@copilotkit/aimock";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../base/failure.ts";
import type { FailureInfo } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { openAiModel } from "./openai.ts";
import type { OpenAiSettings } from "./openai.ts";
import type { ModelRequest } from "./port.ts";
import { recordedRaw } from "./received.ts";

const SCHEMA: JsonObject = {
  type: "object",
  required: ["category", "reason"],
  properties: { category: { type: "string", enum: ["billing", "bug"] }, reason: { type: "string", maxLength: 30 } },
};
const KEY = "sk-test-4242";

function settings(baseUrl: string, changes: Partial<OpenAiSettings> = {}): OpenAiSettings {
  return {
    provider: "acme",
    baseUrl,
    apiKey: KEY,
    keyVariable: "ACME_API_KEY",
    headers: {},
    structuredOutput: "json_schema",
    maxTokensField: "max_tokens",
    wholeSchema: false,
    ...changes,
  };
}

function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    provider: "acme",
    model: "gpt-4.1-mini",
    messages: [
      { role: "system", content: "Classify." },
      { role: "user", content: "I was charged twice" },
    ],
    outputSchema: SCHEMA,
    temperature: 0,
    maxOutputTokens: 200,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...changes,
  };
}

async function failureOf(call: Promise<unknown>): Promise<FailureInfo> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return (error as Failure).info;
}

describe("against a peer that speaks the protocol", () => {
  let peer: LLMock;
  const answer = '{"category":"billing","reason":"Charged twice."}';

  beforeAll(async () => {
    peer = await LLMock.create({ port: 0 });
  });
  afterEach(() => void peer.reset());
  afterAll(async () => await peer.stop());

  const call = async (changes: Partial<ModelRequest> = {}, more: Partial<OpenAiSettings> = {}) =>
    await openAiModel(settings(`${peer.url}/v1`, more)).call(request(changes));

  test("the reply carries text, tokens, the model used, both bodies and no key", async () => {
    peer.onMessage("charged twice", {
      content: answer,
      model: "gpt-4.1-mini-2025-04-14",
      systemFingerprint: "fp_1",
      usage: { prompt_tokens: 120, completion_tokens: 15, total_tokens: 135 },
    });
    const reply = await call();
    expect(reply).toMatchObject({
      text: answer,
      finishReason: "stop",
      usage: { inputTokens: 120, outputTokens: 15 },
      providerModel: "gpt-4.1-mini-2025-04-14",
      fingerprint: "fp_1",
      request: { model: "gpt-4.1-mini", temperature: 0, max_tokens: 200 },
    });
    expect(JSON.parse(reply.raw)).toMatchObject({ object: "chat.completion" });
    expect(reply.latencyMs).toBeGreaterThan(0);
    expect(JSON.stringify(reply)).not.toContain(KEY);
    expect(peer.getLastRequest()?.headers["authorization"]).toBeDefined();
  });

  test("the schema is sent closed and strict, with what strict decoders refuse put into words", async () => {
    peer.onMessage("charged twice", { content: answer });
    const reply = await call({ schemaName: "support.classifier v2" });
    expect((reply.request as JsonObject)["response_format"]).toEqual({
      type: "json_schema",
      json_schema: {
        name: "support_classifier_v2",
        strict: true,
        schema: {
          type: "object",
          required: ["category", "reason"],
          additionalProperties: false,
          properties: {
            category: { type: "string", enum: ["billing", "bug"] },
            reason: { type: "string", description: "At most 30 characters." },
          },
        },
      },
    });
  });

  test("a provider without schemas is told the schema in words", async () => {
    peer.onMessage("charged twice", { content: answer });
    const reply = await call({}, { structuredOutput: "json_object" });
    const sent = reply.request as { response_format: unknown; messages: { role: string; content: string }[] };
    expect(sent.response_format).toEqual({ type: "json_object" });
    expect(sent.messages[0]).toMatchObject({
      role: "system",
      content: expect.stringContaining('"maxLength":30') as unknown,
    });
    const bare = (await call({}, { structuredOutput: "none" })).request as JsonObject;
    expect(bare["response_format"]).toBeUndefined();
  });

  test("a limit of tokens goes under the name the provider knows", async () => {
    peer.onMessage("charged twice", { content: answer });
    const { request: sent } = await call({}, { maxTokensField: "max_completion_tokens" });
    expect(sent).toMatchObject({ max_completion_tokens: 200 });
    expect(sent).not.toHaveProperty("max_tokens");
  });

  test.each([
    ["length", "length"],
    ["content_filter", "content_filter"],
    ["stop", "stop"],
    ["tool_calls", "other"],
  ])("a stop for %s is reported as %s", async (raw, finishReason) => {
    peer.onMessage("charged twice", { content: '{"categ', finishReason: raw });
    expect(await call()).toMatchObject({ finishReason, text: '{"categ' });
  });

  test("a model name that looks like a gateway's still goes to the configured address, as a plain name", async () => {
    const outside = vi.spyOn(globalThis, "fetch");
    peer.onMessage("charged twice", { content: answer });
    const reply = await call({ model: "openai/gpt-4.1-mini" });
    expect(reply.request).toMatchObject({ model: "openai/gpt-4.1-mini" });
    expect(peer.getRequests()).toHaveLength(1);
    expect(outside).not.toHaveBeenCalled();
  });

  test("429 is a rate limit with its Retry-After, and is not retried here", async () => {
    peer.on(
      { endpoint: "chat" },
      { error: { message: "Slow down", type: "rate_limit_error" }, status: 429, retryAfter: 7 },
    );
    const failure = await failureOf(call());
    expect(failure).toMatchObject({ class: "rate_limited", code: "http_429", retryAfterMs: 7_000 });
    expect(peer.getRequests()).toHaveLength(1);
  });

  test("500 is transient, and is not retried here", async () => {
    peer.nextRequestError(500, { message: "boom" });
    expect(await failureOf(call())).toMatchObject({
      class: "transient",
      code: "http_500",
      message: expect.stringContaining("boom") as unknown,
    });
    expect(peer.getRequests()).toHaveLength(1);
  });

  test.each([401, 403, 404])(
    "%i is a mistake in the configuration: provider, host and key variable are named",
    async (status) => {
      peer.nextRequestError(status, { message: `Incorrect API key provided: ${KEY}`, code: "invalid_api_key" });
      const failure = await failureOf(call());
      expect(failure).toMatchObject({ class: "bug", code: `http_${status}` });
      expect(failure.message).toContain('Provider "acme"');
      expect(failure.message).toContain(new URL(peer.url).host);
      expect(failure.message).toContain(status === 404 ? "base URL" : "ACME_API_KEY");
      expect(failure.message).not.toContain(KEY);
    },
  );

  test("an account without quota, a filtered prompt and an over-long prompt each have their own code", async () => {
    peer.nextRequestError(429, { message: "no credit", type: "insufficient_quota", code: "insufficient_quota" });
    expect(await failureOf(call())).toMatchObject({ class: "rate_limited", code: "insufficient_quota" });
    peer.nextRequestError(400, { message: "filtered", code: "content_filter" });
    expect(await failureOf(call())).toMatchObject({ class: "refused", code: "content_filter" });
    peer.nextRequestError(400, { message: "too long", code: "context_length_exceeded" });
    expect(await failureOf(call())).toMatchObject({ class: "refused", code: "context_length_exceeded" });
  });
});

describe("against a peer that misbehaves", () => {
  let server: Server;
  let url: string;
  let respond: (response: ServerResponse) => void;
  let received: () => void;
  let arrived: Promise<void>;

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      incoming.resume();
      incoming.on("end", () => {
        received();
        respond(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  beforeEach(() => {
    ({ promise: arrived, resolve: received } = Promise.withResolvers<void>());
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const json = (response: ServerResponse, body: unknown, status = 200): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const completion = (message: JsonObject, more: JsonObject = {}): JsonObject => ({
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }],
    ...more,
  });
  const call = async (changes: Partial<ModelRequest> = {}) => await openAiModel(settings(url)).call(request(changes));

  test("a refusal is told apart from an answer", async () => {
    respond = (response) => json(response, completion({ content: null, refusal: "I can't help with that." }));
    expect(await call()).toMatchObject({ finishReason: "refusal", text: "I can't help with that." });
  });

  test("cached and reasoning tokens are told apart where they are counted", async () => {
    const usage = {
      prompt_tokens: 120,
      completion_tokens: 15,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 4 },
    };
    respond = (response) => json(response, completion({ content: "{}" }, { usage }));
    expect((await call()).usage).toEqual({
      inputTokens: 120,
      outputTokens: 15,
      cachedInputTokens: 64,
      reasoningTokens: 4,
    });
  });

  test("tokens that were not counted are unknown, not zero", async () => {
    respond = (response) => json(response, completion({ content: "{}" }));
    expect((await call()).usage).toBeNull();
    respond = (response) => json(response, completion({ content: "{}" }, { usage: { total_tokens: 9 } }));
    expect((await call()).usage).toBeNull();
  });

  test("a model that never answers ends by the time limit", async () => {
    respond = () => undefined;
    expect(await failureOf(call({ timeoutMs: 60 }))).toMatchObject({ class: "timeout", code: "model_timeout" });
  });

  test("a body that never ends does so too", async () => {
    respond = (response) => void response.writeHead(200, { "content-type": "application/json" }).write('{"choices":[');
    expect(await failureOf(call({ timeoutMs: 60 }))).toMatchObject({ class: "timeout" });
  });

  test("the caller's abort comes back as the caller's own reason", async () => {
    respond = () => undefined;
    const controller = new AbortController();
    const reason = new Error("lease lost");
    const pending = call({ signal: controller.signal });
    await arrived;
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await expect(call({ signal: controller.signal })).rejects.toBe(reason);
  });

  test("a connection lost before or within the body is transient", async () => {
    respond = (response) => void response.destroy();
    expect(await failureOf(call())).toMatchObject({ class: "transient", code: "connection_lost" });
    respond = (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
      response.write('{"choices":[{"message":{"content":"{\\"category\\":', () => response.destroy());
    };
    expect(await failureOf(call())).toMatchObject({ class: "transient", code: "connection_lost" });
  });

  test("nobody listening is transient, and says where nobody listens", async () => {
    const failure = await failureOf(openAiModel(settings("http://127.0.0.1:1/v1")).call(request()));
    expect(failure).toMatchObject({ class: "transient", code: "connection_lost" });
    expect(failure.message).toContain("127.0.0.1:1");
  });

  test.each([
    ["a page", "text/html", "<html>Maintenance</html>"],
    ["JSON without choices", "application/json", '{"ok":true}'],
    ["no choices", "application/json", '{"choices":[]}'],
    ["cut JSON", "application/json", '{"choices":[{"mess'],
    ["nothing", "application/json", ""],
    ["choices of another make", "application/json", '{"choices":[{"delta":7}]}'],
  ])("%s in a 200 is not an answer of the model", async (_, type, body) => {
    respond = (response) => void response.writeHead(200, { "content-type": type }).end(body);
    expect(await failureOf(call())).toMatchObject({ class: "transient", code: "not_the_protocol" });
  });

  test("an error inside a 200 counts as that error", async () => {
    respond = (response) => json(response, { error: { message: "upstream busy", code: 429 } });
    expect(await failureOf(call())).toMatchObject({ class: "rate_limited" });
    respond = (response) => json(response, { error: { message: "upstream gone" } });
    expect(await failureOf(call())).toMatchObject({ class: "transient", code: "http_502" });
  });

  test("a reply beyond the limit is given up, not read to its end", async () => {
    respond = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = Buffer.alloc(1024 * 1024, 32);
      const more = (): void => {
        response.write(chunk, (error) => {
          if (!error) setImmediate(more);
        });
      };
      more();
    };
    const reply = await call();
    expect(reply).toMatchObject({ text: "", unusable: { code: "reply_too_large" } });
    expect(reply.rawNote).toMatchObject({
      cut: true,
      text: expect.stringMatching(/more than \d+ bytes; SHA-256/) as string,
    });
    expect(reply.raw.length).toBeLessThan(4 * 1024 * 1024);
    expect(recordedRaw(reply, (text) => text).length).toBeLessThan(70_000);
  });

  test("a redirect is not followed: it could carry the prompt elsewhere", async () => {
    respond = (response) => void response.writeHead(307, { location: "http://127.0.0.1:1/v1/chat/completions" }).end();
    expect(await failureOf(call())).toMatchObject({ class: "bug", code: "http_307" });
  });

  test("Retry-After may be a date, and is believed for an hour at most", async () => {
    const later = (headers: Record<string, string>) => (response: ServerResponse) => {
      response.writeHead(503, { date: "Fri, 29 May 2026 14:00:00 GMT", ...headers }).end();
    };
    respond = later({ "retry-after": "Fri, 29 May 2026 14:00:30 GMT" });
    expect(await failureOf(call())).toMatchObject({ class: "transient", retryAfterMs: 30_000 });
    respond = later({ "retry-after": "999999" });
    expect(await failureOf(call())).toMatchObject({ retryAfterMs: 3_600_000 });
    respond = later({ "retry-after": "soon" });
    expect(await failureOf(call())).not.toHaveProperty("retryAfterMs");
  });
});
