import type { Clock } from "../base/clock.ts";
import { Failure, FAILURE_POLICY } from "../base/failure.ts";
import type { FailureInfo } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { retryDelay } from "../base/retry.ts";
import { estimateTokens } from "../model/estimate.ts";
import { CallFailed } from "../model/port.ts";
import type { Message, ModelReply, Usage } from "../model/port.ts";
import type { ModelRates } from "../model/rates.ts";
import { recordedRaw } from "../model/received.ts";
import type { ModelName, Models } from "../model/registry.ts";
import { elapsed, takeTurn } from "../model/turn.ts";
import { confidenceOf } from "./check.ts";
import type { OutputRule, ReplyVerdict } from "./check.ts";
import { render } from "./render.ts";
import type { PromptSpec } from "./spec.ts";
import { takeValidationPath } from "./validation-path.ts";
import type { RepairShown } from "./validation-path.ts";

/** A prompt with what it is asked, outside a run: by an eval, or beside a run that does not wait for it. */
export interface Question {
  spec: PromptSpec;
  inputs: Json;
  model: ModelName;
  rules?: readonly OutputRule[];
  /** Who asks, to the keeper of the rate limits; tells questions that are asked at once apart. */
  owner: string;
}

export interface AskDeps {
  models: Models;
  rates: ModelRates;
  clock: Clock;
}

/** One hop on the way to an answer, as a record of a run would say it. Times are epoch ms. Not redacted. */
export interface AnswerHop {
  type: "model_call" | "validation" | "repair";
  attempt: number;
  startedAt: number;
  endedAt: number;
  status: "success" | "error";
  input?: Json;
  output?: Json;
  raw?: string;
  usage?: Usage;
  costUsd?: number | null;
  finishReason?: string;
  providerModel?: string;
  requestId?: string;
  validation?: { verdict: ReplyVerdict["verdict"]; code?: string; errors?: Json };
  error?: FailureInfo;
}

/** What a question came to. */
export interface Answer {
  outcome: "answered" | "invalid" | "refused" | "failed" | "timed_out";
  /** Null unless `answered`. */
  output: Json;
  confidence: number | null;
  /** Whether the first reply was JSON; null where none came, or it was a refusal or cut off. */
  validJson: boolean | null;
  /** Whether the first reply satisfied schema and rules; null where none came. */
  validFirst: boolean | null;
  /** Whether a repair was asked for, whatever came of it. */
  repaired: boolean;
  /** Time the model took, without waiting for turns and pauses; null where it never replied. */
  latencyMs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** Of all replies, those of failed attempts too. Null where a price is unknown; 0 where there was no reply. */
  costUsd: number | null;
  error: FailureInfo | null;
  hops: AnswerHop[];
}

/**
 * Asks by the very path a prompt step takes: render → turn at the model → call → strict JSON → schema → rules → one repair, and
 * again after a pause where the failure table gives another attempt. No fallback: an answer is this model's. Rejects only with
 * the reason of `signal`.
 */
export async function ask(deps: AskDeps, question: Question, signal: AbortSignal): Promise<Answer> {
  const way = new Way(deps, question, signal);
  for (let attempt = 1; ; attempt++) {
    const tried = await way.attempt(attempt);
    if ("output" in tried) return way.answer("answered", tried.output, null);
    const { info } = tried;
    const policy = FAILURE_POLICY[info.class];
    if (attempt >= policy.attempts) return way.answer(outcomeOf(info), null, info);
    await elapsed(retryDelay(policy, attempt, info), signal);
  }
}

function outcomeOf(info: FailureInfo): Answer["outcome"] {
  if (info.class === "invalid_output") return "invalid";
  if (info.class === "refused") return "refused";
  return info.class === "timeout" ? "timed_out" : "failed";
}

class Way {
  readonly #deps: AskDeps;
  readonly #question: Question;
  readonly #signal: AbortSignal;
  readonly #hops: AnswerHop[] = [];
  /** Of the attempt under way. */
  #replies: ModelReply[] = [];
  #first: ReplyVerdict | null = null;
  #attempt = 1;
  #costUsd: number | null = 0;

  constructor(deps: AskDeps, question: Question, signal: AbortSignal) {
    this.#deps = deps;
    this.#question = question;
    this.#signal = signal;
  }

  async attempt(number: number): Promise<{ output: Json } | { info: FailureInfo }> {
    this.#attempt = number;
    this.#replies = [];
    this.#first = null;
    const { spec, inputs, rules = [] } = this.#question;
    let judgedFrom = 0;
    try {
      const taken = await takeValidationPath<never>({ spec, rules }, render(spec, inputs), {
        ask: async (messages, repair) => {
          const reply = await this.#ask(messages, repair);
          judgedFrom = this.#deps.clock.now();
          return { reply };
        },
        judged: (verdict) => this.#judged(verdict, judgedFrom),
        ruleFailed: (error) => {
          throw error;
        },
        failed: (info) => new Failure(info),
        beforeRepair: () => Promise.resolve(null),
      });
      if ("output" in taken) return taken;
      throw new Error("Nothing stops a question.");
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      const info = infoOf(error);
      const last = this.#hops.at(-1);
      if (last?.attempt === number && last.error === undefined) last.error = info;
      return { info };
    }
  }

  async #ask(messages: readonly Message[], repair: RepairShown | null): Promise<ModelReply> {
    const { models, rates, clock } = this.#deps;
    const { spec, model } = this.#question;
    const ticket = await this.#turn(messages);
    const startedAt = clock.now();
    const hop = {
      type: repair === null ? ("model_call" as const) : ("repair" as const),
      attempt: this.#attempt,
      startedAt,
      input: repair === null ? (messages as unknown as Json) : (repair as unknown as Json),
    };
    try {
      const reply = await models.call({
        ...model,
        messages,
        outputSchema: spec.outputSchema,
        schemaName: spec.name,
        ...settingsOf(spec),
        timeoutMs: spec.limits.timeoutMs,
        signal: this.#signal,
      });
      if (reply.usage !== null) await rates.settle(ticket, reply.usage.inputTokens + reply.usage.outputTokens);
      const { usd } = await models.cost(model, reply.usage);
      this.#costUsd = this.#costUsd === null || usd === null ? null : this.#costUsd + usd;
      this.#replies.push(reply);
      this.#hops.push({ ...hop, endedAt: clock.now(), status: "success", ...said(reply), costUsd: usd });
      return reply;
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      const info = infoOf(error);
      if (info.class === "rate_limited" && info.retryAfterMs !== undefined)
        await rates.pause(model, clock.now() + info.retryAfterMs);
      const raw = error instanceof CallFailed && error.reply.raw !== "" ? { raw: asItCame(error.reply) } : {};
      this.#hops.push({ ...hop, endedAt: clock.now(), status: "error", ...raw, error: info });
      throw error;
    }
  }

  async #turn(messages: readonly Message[]): Promise<string> {
    const { spec, model, owner } = this.#question;
    const { inputTokens, outputTokens } = estimateTokens(messages, spec.outputSchema, spec.limits.maxOutputTokens);
    const asked = { id: owner, owner, model, tokens: inputTokens + outputTokens };
    const turn = await takeTurn(this.#deps, asked, this.#signal, Number.POSITIVE_INFINITY);
    if ("ticket" in turn) return turn.ticket;
    throw new Error("A turn comes some time.");
  }

  #judged(verdict: ReplyVerdict, startedAt: number): void {
    this.#first ??= verdict;
    const hop = { type: "validation" as const, attempt: this.#attempt, startedAt, endedAt: this.#deps.clock.now() };
    if (verdict.verdict === "valid")
      this.#hops.push({ ...hop, status: "success", output: verdict.output, validation: { verdict: "valid" } });
    else {
      const errors = verdict.verdict === "invalid" ? { errors: verdict.problems as unknown as Json } : {};
      const validation = { verdict: verdict.verdict, code: verdict.code, ...errors };
      this.#hops.push({ ...hop, status: "error", validation });
    }
  }

  answer(outcome: Answer["outcome"], output: Json, error: FailureInfo | null): Answer {
    const first = this.#first;
    const replies = this.#replies;
    return {
      outcome,
      output,
      confidence: outcome === "answered" ? confidenceOf(this.#question.spec, output) : null,
      validJson: first === null ? null : isJson(first),
      validFirst: first === null ? null : first.verdict === "valid",
      repaired: this.#hops.some(({ type, attempt }) => type === "repair" && attempt === this.#attempt),
      latencyMs: replies.length === 0 ? null : replies.reduce((sum, { latencyMs }) => sum + latencyMs, 0),
      inputTokens: tokens(replies, "inputTokens"),
      outputTokens: tokens(replies, "outputTokens"),
      costUsd: this.#costUsd,
      error,
      hops: this.#hops,
    };
  }
}

/** What the request says beside its messages. */
export function settingsOf(spec: PromptSpec): { temperature?: number; maxOutputTokens?: number } {
  const { maxOutputTokens } = spec.limits;
  return {
    ...(spec.temperature === undefined ? {} : { temperature: spec.temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

function said(
  reply: ModelReply,
): Pick<AnswerHop, "output" | "raw" | "usage" | "finishReason" | "providerModel"> & JsonObject {
  return {
    output: reply.text,
    raw: asItCame(reply),
    finishReason: reply.finishReason,
    providerModel: reply.providerModel,
    ...(reply.usage === null ? {} : { usage: { ...reply.usage } }),
    ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
  };
}

function asItCame(reply: Parameters<typeof recordedRaw>[0]): string {
  return recordedRaw(reply, (text) => text);
}

/** A refusal or a reply cut off says nothing about the format: null. */
function isJson(verdict: ReplyVerdict): boolean | null {
  if (verdict.verdict === "refused") return null;
  return verdict.verdict === "valid" || verdict.code === "schema" || verdict.code === "rule";
}

/** Unknown as soon as one reply does not say it. */
function tokens(replies: readonly ModelReply[], of: "inputTokens" | "outputTokens"): number | null {
  if (replies.length === 0 || replies.some(({ usage }) => usage === null)) return null;
  return replies.reduce((sum, { usage }) => sum + (usage?.[of] ?? 0), 0);
}

function infoOf(error: unknown): FailureInfo {
  if (error instanceof Failure) return error.info;
  const message = error instanceof Error ? error.message : String(error);
  return { class: "bug", code: "exception", message };
}
