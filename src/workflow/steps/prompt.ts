import { Failure } from "../../base/failure.ts";
import type { FailureInfo } from "../../base/failure.ts";
import { atPointer, pointerToken } from "../../base/json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Mark } from "../../journal/redact.ts";
import type { RecordBody, TraceType } from "../../journal/record.ts";
import { CallFailed } from "../../model/port.ts";
import { recordedRaw } from "../../model/received.ts";
import type { Message, ModelReply } from "../../model/port.ts";
import type { ModelName } from "../../model/registry.ts";
import type { InvalidCode, OutputRule, ReplyVerdict } from "../../prompt/check.ts";
import { inputValues, render } from "../../prompt/render.ts";
import type { PromptSpec } from "../../prompt/spec.ts";
import { takeValidationPath } from "../../prompt/validation-path.ts";
import type { EarlierReply, Hops, RepairShown } from "../../prompt/validation-path.ts";
import type { PromptGrant } from "../../release/release.ts";
import { failureFrom } from "../../tool/failures.ts";
import type { PromptOptions } from "../context.ts";
import { divergence } from "../divergence.ts";
import { bug } from "../frame.ts";
import type { Entry, Frame } from "../frame.ts";
import type { InsteadOf } from "../instead.ts";
import { AttemptFailed, newRecord } from "../step-call.ts";
import type { Attempt, Route, StepCall, StepDone, StepWaits } from "../step-call.ts";
import { incomplete, takeStep } from "../step.ts";
import { StepFailed } from "../step-failed.ts";
import { fullName, usedKey } from "../used-versions.ts";
import { callStop } from "../withdrawn.ts";
import { permitFor } from "../permit.ts";
import { eventMarks } from "./marks.ts";

/** The validation path of one prompt step: render → call → check → repair once → fail closed. Each hop is a record. */
export async function promptStep(frame: Frame, slot: string, inputs: Json, options: PromptOptions): Promise<Json> {
  const other = frame.instead?.prompts.get(slot);
  if (other !== undefined) return await askInstead(frame, { slot, inputs, other }, options);
  const spec = pinnedSpec(frame, slot);
  const given = hideFromModel(frame, spec, inputs);
  const call: StepCall = {
    kind: "prompt",
    type: "model_call",
    name: slot,
    key: options.key ?? "",
    input: inputValues(spec, given),
    inputMarks: inputMarks(frame, spec, given),
    about: { prompt: spec.name, promptVersion: spec.version, promptHash: spec.hash, ...candidateOf(frame, slot) },
    routes: routesOf(frame, slot),
    abortable: true,
    failures: options.failures,
    reviewOf: { name: slot, key: options.key ?? "" },
    execute: (attempt) => new PromptAttempt(frame, call, spec, attempt, options.rules ?? []).run(given),
  };
  frame.lastPrompt = { name: slot, key: call.key };
  frame.promptKeys.set(slot, call.key);
  try {
    const output = await takeStep(frame, call);
    frame.prompted.set(`${slot}\n${call.key}`, { spec, output, corrected: isCorrected(frame, call) });
    return output;
  } catch (error) {
    if (error instanceof StepFailed) frame.failedPrompts.add(slot);
    throw error;
  }
}

/** Said of every record of a live candidate: the run is one of an experiment. */
function candidateOf({ pins }: Frame, slot: string): Pick<RecordBody, "candidate"> {
  return ownOf(pins.assigned ?? {}, slot)?.mode === "live" ? { candidate: true } : {};
}

function isCorrected({ history }: Frame, { name, key }: StepCall): boolean {
  return history.override(name, key) !== undefined;
}

/** In a recomputation: another version gives the output, from what the present code gives the step. */
async function askInstead(
  frame: Frame,
  { slot, inputs, other }: { slot: string; inputs: Json; other: InsteadOf },
  { key = "", rules = [] }: PromptOptions,
): Promise<Json> {
  frame.enter(slot, key);
  frame.lastPrompt = { name: slot, key };
  frame.promptKeys.set(slot, key);
  const answer = await other.ask(slot, key, hideFromModel(frame, other.spec, inputs), rules);
  if ("output" in answer) {
    frame.prompted.set(`${slot}\n${key}`, { spec: other.spec, output: answer.output, corrected: false });
    return answer.output;
  }
  frame.instead?.asked.push({ step: slot, why: answer.why });
  return await incomplete(frame, { name: slot, key });
}

/** The models that the run has pinned: the prompt's own, and what it falls back on. */
function routesOf(frame: Frame, slot: string): Route[] {
  const pin = frame.pins.prompts[slot] as PromptGrant;
  return [pin.model, ...(pin.fallbacks ?? [])].map((ref) => {
    const name = fullName(frame.engine, ref);
    return { name, about: { model: name } };
  });
}

/** No slot is called as something that every object has. */
function ownOf<T>(bySlot: Readonly<Record<string, T>>, slot: string): T | undefined {
  return Object.hasOwn(bySlot, slot) ? bySlot[slot] : undefined;
}

function pinnedSpec(frame: Frame, slot: string): PromptSpec {
  const pin = ownOf(frame.pins.prompts, slot);
  const present = ownOf(frame.workflow.prompts, slot);
  if (present === undefined)
    throw bug("unknown_slot", `The workflow has no prompt slot "${slot}"; declare it under "prompts".`);
  if (pin === undefined)
    throw bug(
      "slot_not_pinned",
      `The prompt slot "${slot}" is newer than this run, which has pinned no version for it.`,
    );
  if (pin.prompt !== present)
    throw divergence({
      step: slot,
      part: "prompt",
      recorded: `prompt ${pin.prompt} (pinned)`,
      present: `prompt ${present}`,
    });
  const spec = frame.engine.prompts.find(pin.prompt, pin.version);
  if (spec === undefined)
    throw bug(
      "prompt_version_missing",
      `Prompt ${pin.prompt}@${pin.version}, which this run pinned, is not in the project any more.`,
    );
  if (spec.hash !== pin.hash)
    throw bug(
      "prompt_version_changed",
      `Prompt ${pin.prompt}@${pin.version} has other content than when this run pinned it; versions are immutable.`,
    );
  return spec;
}

/** Inputs listed with `redact: true` reach the model as tokens too. */
function hideFromModel(frame: Frame, spec: PromptSpec, inputs: Json): Json {
  const hidden = spec.inputs
    .filter(({ redact }) => redact)
    .map(({ path }) => `/${path.split(".").map(pointerToken).join("/")}`);
  if (hidden.length === 0) return inputs;
  const marks = hidden
    .filter((pointer) => atPointer(inputs, pointer) !== undefined)
    .map((pointer) => ({ pointer, kind: "input" }));
  return frame.journal.hideMarked(inputs, marks);
}

/** Inputs that are marked in the event, under the same path, are marked in the record too. */
function inputMarks(frame: Frame, spec: PromptSpec, inputs: Json): Mark[] {
  const marked = new Map(eventMarks(frame).map(({ pointer, kind }) => [pointer, kind]));
  return spec.inputs.flatMap(({ path }) => {
    const pointer = `/${path.split(".").map(pointerToken).join("/")}`;
    const kind = marked.get(pointer);
    return kind === undefined || atPointer(inputs, pointer) === undefined
      ? []
      : [{ pointer: `/${pointerToken(path)}`, kind }];
  });
}

function textOf(output: Json | undefined): string {
  return typeof output === "string" ? output : "";
}

/** What of an answer came before its call failed. */
function cameOf(error: Failure, hide: (text: string) => string): Pick<RecordBody, "raw" | "requestId"> {
  if (!(error instanceof CallFailed)) return {};
  return {
    ...(error.reply.raw === "" ? {} : { raw: recordedRaw(error.reply, hide) }),
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
  };
}

class PromptAttempt {
  readonly #frame: Frame;
  readonly #call: StepCall;
  readonly #spec: PromptSpec;
  readonly #attempt: Attempt;
  readonly #rules: readonly OutputRule[];
  readonly #model: ModelName;

  constructor(frame: Frame, call: StepCall, spec: PromptSpec, attempt: Attempt, rules: readonly OutputRule[]) {
    this.#frame = frame;
    this.#call = call;
    this.#spec = spec;
    this.#attempt = attempt;
    this.#rules = rules;
    this.#model = frame.engine.models.resolve(call.routes?.[attempt.route]?.name ?? spec.model);
  }

  async run(inputs: Json): Promise<StepDone | StepWaits> {
    const entries: Entry[] = [];
    let judgedFrom = this.#frame.now();
    const hops: Hops<StepWaits> = {
      ask: async (messages, repair) => {
        const asked = await this.#ask(messages, entries, repair);
        judgedFrom = this.#frame.now();
        return asked;
      },
      judged: (verdict) => void entries.push(this.#judgedEntry(judgedFrom, verdict)),
      ruleFailed: (error) => {
        throw this.#ruleFailure(error, judgedFrom, entries);
      },
      failed: (info) => this.#failed(info, entries),
      beforeRepair: async () => {
        // What the first call gave is on disk before the repair: a crash in between repeats neither.
        if (entries.length > 0) await this.#frame.commit(entries.splice(0));
        await this.#frame.engine.probe("before_repair");
        return this.#frame.held ? { stop: { park: () => this.#frame.parkHeld() } } : null;
      },
    };
    const prompt = { spec: this.#spec, rules: this.#rules };
    const taken = await takeValidationPath(prompt, render(this.#spec, inputs), hops, this.#recordedReply());
    return "stop" in taken ? taken.stop : { output: taken.output, entries };
  }

  /** The first answer and its verdict, where an earlier process got that far. */
  #recordedReply(): EarlierReply | null {
    const judged = this.#attempt.past.findLast(({ type }) => type === "validation");
    const reply = this.#attempt.past.findLast(({ type, status }) => type === "model_call" && status === "success");
    if (judged === undefined || reply === undefined || judged.seq < reply.seq || judged.ends) return null;
    // With that verdict the attempt was over: this one asks anew.
    if (judged.body.error !== undefined) return null;
    const { code = "schema", errors = [] } = judged.body.validation ?? {};
    return {
      reply: { text: textOf(reply.body.output), finishReason: "stop" },
      verdict: { verdict: "invalid", code: code as InvalidCode, problems: errors },
    };
  }

  async #ask(
    messages: readonly Message[],
    entries: Entry[],
    repair: RepairShown | null,
  ): Promise<{ reply: ModelReply } | { stop: StepWaits }> {
    const type = repair === null ? "model_call" : "repair";
    const shown: Pick<RecordBody, "input"> = repair === null ? {} : { input: repair as unknown as Json };
    const { engine, budget, underway } = this.#frame;
    const stopped = this.#mayNotAsk();
    if (stopped !== null) return stopped;
    const id = `${type}\n${this.#call.name}\n${this.#call.key}`;
    const planned = { id, model: this.#model, spec: this.#spec, messages };
    const permit = await permitFor(this.#frame, planned, this.#attempt.signal);
    if ("at" in permit) return { stop: { park: () => underway.park("retry", permit.at) } };
    const { ticket, reservation } = permit;
    const startedAt = this.#frame.now();
    await engine.probe("before_model_call");
    // Waiting for its turn may have taken its time.
    const since = this.#mayNotAsk();
    if (since !== null) {
      await engine.rates.giveBack(ticket);
      budget.release(reservation);
      return since;
    }
    this.#frame.used.add(usedKey(this.#spec.hash, this.#modelName));
    try {
      const reply = await engine.models.call({
        ...this.#model,
        messages,
        outputSchema: this.#spec.outputSchema,
        schemaName: this.#spec.name,
        ...(this.#spec.temperature === undefined ? {} : { temperature: this.#spec.temperature }),
        ...(this.#spec.limits.maxOutputTokens === undefined
          ? {}
          : { maxOutputTokens: this.#spec.limits.maxOutputTokens }),
        timeoutMs: this.#spec.limits.timeoutMs,
        signal: this.#attempt.signal,
      });
      await engine.probe("after_model_call");
      if (reply.usage !== null) await engine.rates.settle(ticket, reply.usage.inputTokens + reply.usage.outputTokens);
      const entry = this.#entry(type, startedAt, "success", { ...(await this.#replyBody(reply)), ...shown });
      entries.push({ ...entry, reservation });
      return { reply };
    } catch (error) {
      if (!(error instanceof Failure)) {
        budget.release(reservation);
        throw error;
      }
      const { info } = error;
      if (info.class === "rate_limited" && info.retryAfterMs !== undefined)
        await engine.rates.pause(this.#model, this.#frame.now() + info.retryAfterMs);
      const failed = this.#entry(type, startedAt, "error", {
        ...this.#said(),
        ...cameOf(error, (text) => this.#frame.journal.redactText(text)),
        ...shown,
        error: info,
      });
      throw new AttemptFailed(info, [...entries, { ...failed, reservation }]);
    }
  }

  /** With a version that a rollback has taken away no call begins. Throws `Failure` (`denied`). */
  #mayNotAsk(): { stop: StepWaits } | null {
    const stop = callStop(this.#frame, this.#spec.hash, this.#modelName);
    if (stop === null) return null;
    if (stop !== "repin") throw stop;
    // It goes by the present release once it is claimed again.
    return { stop: { park: () => this.#frame.parkHeld() } };
  }

  get #modelName(): string {
    return `${this.#model.provider}/${this.#model.model}`;
  }

  #judgedEntry(startedAt: number, verdict: ReplyVerdict): Entry {
    const said = this.#said();
    if (verdict.verdict === "valid") {
      const body: RecordBody = { ...said, validation: { verdict: "valid" }, output: verdict.output };
      return this.#entry("validation", startedAt, "success", body, true);
    }
    const errors = verdict.verdict === "invalid" ? { errors: verdict.problems } : {};
    const validation = { verdict: verdict.verdict, code: verdict.code, ...errors };
    return this.#entry("validation", startedAt, "error", { ...said, validation });
  }

  #ruleFailure(error: unknown, startedAt: number, entries: Entry[]): AttemptFailed {
    const what = `The call of ${this.#model.provider}/${this.#model.model}`;
    const { info } = failureFrom(error, what, this.#frame.engine.clock);
    const entry = this.#entry("validation", startedAt, "error", { ...this.#said(), error: info });
    return new AttemptFailed(info, [...entries, entry]);
  }

  /** The verdict on record says what the attempt failed with. */
  #failed(info: FailureInfo, entries: Entry[]): AttemptFailed {
    const last = entries.at(-1);
    if (last !== undefined) last.record.body.error = info;
    return new AttemptFailed(info, entries);
  }

  #said(): RecordBody {
    const { name, version, hash } = this.#spec;
    return {
      prompt: name,
      promptVersion: version,
      promptHash: hash,
      model: `${this.#model.provider}/${this.#model.model}`,
      ...candidateOf(this.#frame, this.#call.name),
    };
  }

  async #replyBody(reply: ModelReply): Promise<RecordBody> {
    const { usd } = await this.#frame.engine.models.cost(this.#model, reply.usage);
    const settings: JsonObject = {
      ...(this.#spec.temperature === undefined ? {} : { temperature: this.#spec.temperature }),
      ...(this.#spec.limits.maxOutputTokens === undefined
        ? {}
        : { max_output_tokens: this.#spec.limits.maxOutputTokens }),
    };
    return {
      ...this.#said(),
      settings,
      output: reply.text,
      raw: recordedRaw(reply, (text) => this.#frame.journal.redactText(text)),
      finishReason: reply.finishReason,
      providerModel: reply.providerModel,
      costUsd: usd,
      ...(reply.usage === null ? {} : { usage: reply.usage }),
      ...(reply.fingerprint === undefined ? {} : { fingerprint: reply.fingerprint }),
      ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
    };
  }

  #entry(type: TraceType, startedAt: number, status: "success" | "error", body: RecordBody, ends = false): Entry {
    const { number, inputHash } = this.#attempt;
    // The inputs stand on the first hop; the others name them by their hash.
    const { input, ...hop } = this.#call;
    const call = type === "model_call" && input !== undefined ? { ...hop, input } : hop;
    const record = newRecord(this.#frame, call, { number, startedAt, inputHash, status, ends, type, body });
    const output = type === "validation" && body.output !== undefined ? this.#spec.output.sensitive(body.output) : [];
    return { record, marks: { ...(type === "model_call" ? { input: this.#call.inputMarks ?? [] } : {}), output } };
  }
}
