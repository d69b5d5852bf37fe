import { describe, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { localRates } from "../model/rates.ts";
import { openModels } from "../model/registry.ts";
import { scriptedModel, ScriptedReply } from "../model/scripted.ts";
import type { Script } from "../model/scripted.ts";
import { ask } from "./ask.ts";
import type { Answer } from "./ask.ts";
import { promptFromDocument } from "./load.ts";
import type { PromptSpec } from "./spec.ts";

const valid = { category: "bug", confidence: 0.8 };

function prompt(more: JsonObject = {}): PromptSpec {
  const document = {
    name: "classifier",
    version: "1",
    owner: "team",
    model: "scripted/one",
    inputs: ["subject"],
    messages: [{ role: "user", content: "{{ subject }}" }],
    output_schema: {
      type: "object",
      required: ["category", "confidence"],
      properties: { category: { enum: ["bug", "billing"] }, confidence: { type: "number" } },
    },
    ...more,
  };
  return promptFromDocument(document);
}

async function asked(script: Script, more: JsonObject = {}): Promise<Answer & { calls: number }> {
  const scripted = scriptedModel(script);
  const models = openModels({ env: {}, scripted });
  const deps = { models, rates: localRates({}, systemClock), clock: systemClock };
  const question = { spec: prompt(more), inputs: { subject: "It is broken." }, owner: "case" };
  const model = { provider: "scripted", model: "one" };
  const answer = await ask(deps, { ...question, model }, new AbortController().signal);
  return { ...answer, calls: scripted.requests.length };
}

describe("asking a prompt outside a run", () => {
  test("takes a valid answer with its confidence", async () => {
    const answer = await asked([valid]);
    expect(answer).toMatchObject({ outcome: "answered", output: valid, confidence: 0.8, repaired: false, calls: 1 });
    expect(answer).toMatchObject({ validJson: true, validFirst: true, error: null, costUsd: 0 });
    expect(answer.hops.map(({ type, status }) => `${type} ${status}`)).toEqual([
      "model_call success",
      "validation success",
    ]);
  });

  test("repairs once, and says that the first answer was none", async () => {
    const answer = await asked(["not JSON", valid]);
    expect(answer).toMatchObject({
      outcome: "answered",
      repaired: true,
      validJson: false,
      validFirst: false,
      calls: 2,
    });
    expect(answer.hops.map(({ type }) => type)).toEqual(["model_call", "validation", "repair", "validation"]);
    expect((await asked([{ category: "other", confidence: 1 }, valid])).validJson).toBe(true);
  });

  test("fails closed after one repair, or with none where the prompt allows none", async () => {
    const twice = await asked([{ category: "x", confidence: 1 }, "no"]);
    expect(twice).toMatchObject({ outcome: "invalid", output: null, repaired: true, calls: 2 });
    expect(twice.error?.message).toContain("also after one repair");
    expect(await asked(["no"], { repair: { attempts: 0 } })).toMatchObject({
      outcome: "invalid",
      repaired: false,
      calls: 1,
    });
  });

  test("a refusal and an answer cut off are no invalid JSON, and are not repaired", async () => {
    const refusal = new ScriptedReply({ text: "I will not.", finishReason: "refusal" });
    expect(await asked([refusal])).toMatchObject({ outcome: "refused", validJson: null, validFirst: false, calls: 1 });
    const cut = new ScriptedReply({ text: '{"category', finishReason: "length" });
    expect(await asked([cut])).toMatchObject({ outcome: "refused", error: { code: "length" }, calls: 1 });
  });

  test("tries again what the failure table says passes, and no more often", async () => {
    const lost = new Failure({ class: "transient", code: "http_503", message: "Busy." });
    expect(await asked([lost, valid])).toMatchObject({ outcome: "answered", calls: 2, validFirst: true });
    const slow = new Failure({ class: "timeout", code: "model_timeout", message: "Slow." });
    const late = await asked([slow, slow, slow, valid]);
    expect(late).toMatchObject({ outcome: "timed_out", calls: 3, latencyMs: null, validJson: null, inputTokens: null });
    const wrong = new Failure({ class: "bug", code: "http_401", message: "No." });
    expect(await asked([wrong, valid])).toMatchObject({ outcome: "failed", calls: 1, error: { code: "http_401" } });
  });

  test("an input that is missing fails the question before anything is asked", async () => {
    const answer = await asked([valid], { inputs: ["subject", "body"] });
    expect(answer).toMatchObject({ outcome: "failed", error: { code: "missing_input" }, calls: 0, costUsd: 0 });
  });
});
