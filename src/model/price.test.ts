import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BUNDLED_PRICES, costOf } from "./price.ts";

const usage = { inputTokens: 10_000, outputTokens: 1_000 };

describe("the cost of a call", () => {
  test("an unknown price, or unknown usage, is null and never zero", async () => {
    const model = { provider: "openai", pricedAs: "openai" };
    expect(await costOf({ ...model, model: "no-such-model-9", usage })).toEqual({
      usd: null,
      source: "unknown",
      date: null,
    });
    expect((await costOf({ ...model, model: "gpt-4.1-mini", usage: null })).usd).toBeNull();
    const table = { "acme/m": { inputPerMillion: 1, outputPerMillion: 2 } };
    expect(await costOf({ provider: "acme", model: "m", usage: null }, table)).toEqual({
      usd: null,
      source: "table",
      date: null,
    });
  });

  test("a run on this machine costs nothing, and so does a script", async () => {
    expect(await costOf({ provider: "local", model: "in-context", usage })).toEqual({
      usd: 0,
      source: "own_machine",
      date: null,
    });
    expect(await costOf({ provider: "scripted", model: "m", usage: null })).toMatchObject({
      usd: 0,
      source: "scripted",
    });
  });

  test("the user's table goes before the bundled list, and knows cached input", async () => {
    const table = {
      "openai/gpt-4.1-mini": {
        inputPerMillion: 10,
        outputPerMillion: 20,
        cachedInputPerMillion: 1,
        date: "2026-06-01",
      },
    };
    const question = {
      provider: "openai",
      model: "gpt-4.1-mini",
      pricedAs: "openai",
      usage: { ...usage, cachedInputTokens: 4_000 },
    };
    const cost = await costOf(question, table);
    expect(cost).toMatchObject({ source: "table", date: "2026-06-01" });
    expect(cost.usd).toBeCloseTo(0.06 + 0.004 + 0.02);
  });

  test("the bundled list is dated for the version that is installed", () => {
    const { dependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(BUNDLED_PRICES.version).toBe(dependencies["@pydantic/genai-prices"]);
  });
});
