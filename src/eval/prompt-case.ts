import { isoTime } from "../base/clock.ts";
import { atPath } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { failureDocument } from "../journal/trace.ts";
import type { TraceStep } from "../journal/trace.ts";
import type { ModelName } from "../model/registry.ts";
import { ask, settingsOf } from "../prompt/ask.ts";
import type { Answer, AnswerHop, AskDeps } from "../prompt/ask.ts";
import { inputValues } from "../prompt/render.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { CaseAnswer, CaseAsker } from "./asking.ts";
import type { PlacedCase } from "./case.ts";

export interface PromptSubjectParts {
  spec: PromptSpec;
  model: ModelName;
  /** Of an eval run: tells its turns at a model apart from those of runs. */
  evalId: string;
  /** In place of an input that the model is not to see. */
  hidden(value: Json): string;
}

/** Asks one prompt version by the path a prompt step takes. */
export function promptAsker(deps: AskDeps, parts: PromptSubjectParts): CaseAsker {
  const { spec, model, evalId } = parts;
  const about = `prompt ${spec.hash} ${model.provider}/${model.model} ${deps.models.origin(model)}`;
  return {
    identity: ({ input }, repeat) => `${about}\n${repeat}\n${JSON.stringify(inputValues(spec, input))}`,
    async ask(placed, repeat, signal) {
      const owner = `${evalId} ${placed.dataset} ${placed.id} ${repeat}`;
      const question = { spec, model, inputs: withoutHidden(parts, placed.input), owner };
      return asCaseAnswer(await ask(deps, question, signal), placed, parts);
    },
    close: async () => {},
  };
}

/** Inputs listed with `redact: true` reach the model as tokens, here as in a run. */
function withoutHidden({ spec, hidden }: PromptSubjectParts, input: JsonObject): JsonObject {
  const paths = spec.inputs.filter(({ redact, path }) => redact && atPath(input, path) !== undefined);
  if (paths.length === 0) return input;
  const shown = structuredClone(input);
  for (const { path } of paths) {
    const keys = path.split(".");
    const last = keys.pop() as string;
    const parent = keys.length === 0 ? shown : (atPath(shown, keys.join(".")) as JsonObject);
    parent[last] = hidden(parent[last] ?? null);
  }
  return shown;
}

function asCaseAnswer({ hops, ...answer }: Answer, placed: PlacedCase, parts: PromptSubjectParts): CaseAnswer {
  return { ...answer, trace: hops.map((hop, index) => traceStep(hop, index + 1, placed, parts)) };
}

function traceStep(
  hop: AnswerHop,
  step: number,
  placed: PlacedCase,
  { spec, model, evalId }: PromptSubjectParts,
): TraceStep {
  const { type, attempt, status, startedAt, endedAt, usage } = hop;
  const { temperature, maxOutputTokens } = settingsOf(spec);
  const settings = {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
  };
  return {
    workflow_run_id: evalId,
    event_id: placed.id,
    step,
    type,
    name: spec.name,
    prompt: spec.name,
    prompt_version: spec.version,
    model: `${model.provider}/${model.model}`,
    ...(type === "model_call" ? { settings } : {}),
    input: type === "model_call" ? inputValues(spec, placed.input) : (hop.input ?? null),
    output: hop.output ?? null,
    ...said(hop),
    ...(usage === undefined ? {} : { usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens } }),
    latency_ms: Math.max(0, endedAt - startedAt),
    status,
    attempt,
    started_at: isoTime(startedAt),
    ...(hop.error === undefined ? {} : { error: failureDocument(hop.error) }),
  };
}

function said({ providerModel, raw, validation, costUsd, finishReason, requestId }: AnswerHop): Partial<TraceStep> {
  return {
    ...(providerModel === undefined ? {} : { provider_model: providerModel }),
    ...(raw === undefined ? {} : { raw }),
    ...(validation === undefined ? {} : { validation }),
    ...(costUsd === undefined ? {} : { cost_usd: costUsd }),
    ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}
