import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Failure, UsageError } from "../base/failure.ts";
import type { ModelRequest } from "./port.ts";
import { openModels } from "./registry.ts";
import type { Models } from "./registry.ts";
import { scriptedModel } from "./scripted.ts";

const request = (provider: string, model: string): ModelRequest => ({
  provider,
  model,
  messages: [{ role: "user", content: "Hi" }],
  timeoutMs: 1_000,
  signal: new AbortController().signal,
});

async function failed(models: Models, provider: string): Promise<Failure> {
  const error = await models.call(request(provider, "m")).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe("names", () => {
  const models = openModels({
    config: { providers: { ollama: { baseUrl: "http://127.0.0.1:11434/v1", apiKey: "none" } } },
    env: {},
    scripted: scriptedModel(),
  });

  test("a bare name takes the default provider, a full one its own", () => {
    expect(models.resolve("gpt-4.1-mini")).toEqual({ provider: "openai", model: "gpt-4.1-mini" });
    expect(models.resolve("ollama/qwen3:8b")).toEqual({ provider: "ollama", model: "qwen3:8b" });
    const own = openModels({ config: { defaultProvider: "scripted" }, env: {}, scripted: scriptedModel() });
    expect(own.resolve("any")).toEqual({ provider: "scripted", model: "any" });
  });

  test("only the first slash divides: the rest is the model's own name", () => {
    expect(models.resolve("ollama/meta-llama/Llama-3")).toEqual({ provider: "ollama", model: "meta-llama/Llama-3" });
  });

  test("an unknown provider suggests the near one, and how to write a model with a slash", () => {
    expect(() => models.resolve("olama/qwen3")).toThrow('Did you mean "ollama"?');
    expect(() => models.resolve("meta-llama/Llama-3")).toThrow('is written "openai/meta-llama/Llama-3"');
    expect(() => models.resolve("openai/")).toThrow(UsageError);
  });

  test("inherited names are no providers", () => {
    expect(() => models.resolve("constructor/x")).toThrow("There is no provider");
    expect(models.problems("toString/x")).toHaveLength(1);
  });
});

describe("keys", () => {
  let folder: string | undefined;
  afterEach(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
    folder = undefined;
  });

  test("a missing key names the variable, the provider and its host, before any call", async () => {
    const models = openModels({ env: {} });
    const failure = await failed(models, "openai");
    expect(failure.info).toMatchObject({ class: "bug", code: "no_api_key" });
    expect(failure.message).toMatch(/"openai" \(api\.openai\.com\): OPENAI_API_KEY is not set.*OPENAI_API_KEY_FILE/);
    expect(models.problems("gpt-4.1-mini")).toEqual([{ code: "no_api_key", message: failure.message }]);
  });

  test("a key may stand in a file", async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-key-"));
    const file = join(folder, "key");
    await writeFile(file, "sk-from-file\n");
    expect(openModels({ env: { OPENAI_API_KEY_FILE: file } }).problems("gpt-4.1")).toEqual([]);
    await writeFile(file, "\n");
    expect(openModels({ env: { OPENAI_API_KEY_FILE: file } }).problems("gpt-4.1")[0]?.message).toContain(
      `OPENAI_API_KEY_FILE names ${file}`,
    );
  });

  test("a local server needs none, and a bad address is said to be one", () => {
    const providers = { ollama: { baseUrl: "http://127.0.0.1:11434/v1" }, typo: { baseUrl: "localhost" } };
    const models = openModels({ config: { providers }, env: {} });
    expect(models.problems("ollama/x")).toEqual([]);
    expect(models.problems("typo/x")[0]?.message).toContain('is not a URL: "localhost"');
  });
});

describe("what is served here", () => {
  test("the scripted model answers scripted/…, and is missing where it was not given", async () => {
    const models = openModels({ env: {}, scripted: scriptedModel([{ category: "bug" }]) });
    expect((await models.call(request("scripted", "m"))).text).toBe('{"category":"bug"}');
    expect(() => openModels({ env: {} }).resolve("scripted/m")).toThrow(UsageError);
  });

  test("local serves in-context only, and says so before any call", () => {
    const startLocal = () => Promise.reject(new Error("not asked for"));
    const models = openModels({ config: { defaultProvider: "local" }, env: {}, startLocal });
    expect(models.problems("local/in-context")).toEqual([]);
    expect(models.problems("in-context")).toEqual([]);
    expect(models.problems("gpt-4.1-mini")).toEqual([
      {
        code: "unknown_model",
        message: expect.stringMatching(
          /no model "gpt-4\.1-mini" here.*"local\/in-context" only.*"openai\/gpt-4\.1-mini"/,
        ),
      },
    ]);
    const own = { local: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "none" } } as const;
    expect(openModels({ config: { providers: own }, env: {}, startLocal }).problems("local/qwen3")).toEqual([]);
  });

  test("the local server starts at the first call, once, and stops with the rest", async () => {
    const seen: string[] = [];
    const startLocal = () => {
      seen.push("start");
      return Promise.resolve({ url: "http://127.0.0.1:1/v1", close: () => Promise.resolve(void seen.push("close")) });
    };
    const models = openModels({ env: {}, startLocal });
    expect(models.resolve("local/in-context")).toEqual({ provider: "local", model: "in-context" });
    expect(seen).toEqual([]);
    await Promise.all([failed(models, "local"), failed(models, "local")]);
    await models.close();
    expect(seen).toEqual(["start", "close"]);
  });

  test("a local server that could not start is started again at the next call", async () => {
    let starts = 0;
    const models = openModels({ env: {}, startLocal: () => Promise.reject(new Error(`port taken ${++starts}`)) });
    await expect(models.call(request("local", "m"))).rejects.toThrow("port taken 1");
    await expect(models.call(request("local", "m"))).rejects.toThrow("port taken 2");
  });
});

describe("cost", () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 100_000, cachedInputTokens: 500_000 };

  test("OpenAI's own address has OpenAI's price, with its date; another address has none", async () => {
    const official = await openModels({ env: {} }).cost({ provider: "openai", model: "gpt-4.1-mini" }, usage);
    expect(official).toEqual({ usd: 0.5 * 0.4 + 0.5 * 0.1 + 0.16, source: "genai-prices@0.1.8", date: "2026-09-23" });
    const elsewhere = openModels({ env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" } });
    expect(await elsewhere.cost({ provider: "openai", model: "gpt-4.1-mini" }, usage)).toEqual({
      usd: null,
      source: "unknown",
      date: null,
    });
  });

  test("a gateway may be priced as the provider behind it", async () => {
    const providers = { gateway: { baseUrl: "https://llm.example.test/v1", pricedAs: "openai" } };
    const models = openModels({ config: { providers }, env: {} });
    expect((await models.cost({ provider: "gateway", model: "gpt-4.1-mini" }, usage)).usd).toBeCloseTo(0.41);
  });
});
