import type { Json, JsonObject, Problem } from "../../base/json.ts";
import type { ToolPhase } from "../../journal/record.ts";
import { isTool } from "../../tool/define.ts";
import type { AnyTool } from "../../tool/define.ts";
import { checkArguments, checkIds } from "../../tool/arguments.ts";
import type { GuardDecision } from "../../tool/guard.ts";
import { invoke, simulate } from "../../tool/invoke.ts";
import type { ReadOptions } from "../context.ts";
import { asRunFailure, bug } from "../frame.ts";
import type { Entry, Frame } from "../frame.ts";
import { reviewNameOf } from "../history.ts";
import type { ProposedWrite } from "../outcome.ts";
import { openReview, reviewState } from "../reviewing.ts";
import { newRecord } from "../step-call.ts";
import type { Attempt, Route, StepCall, StepDone, StepWaits } from "../step-call.ts";
import { takeStep } from "../step.ts";
import { WriteCall, belowResult, denied, guardCall, idempotencyKey, toolBody } from "./write-call.ts";

/** One tool call: guard, and for a write claim, call, settle. A read gives its result, a write its outcome. */
export async function toolStep(
  frame: Frame,
  name: string,
  tool: AnyTool,
  args: Json,
  options: ReadOptions<unknown, unknown>,
): Promise<Json> {
  const { standIns } = frame.engine;
  const required = options.required === true;
  const tools = [tool, ...fallbackOf(name, tool, options)].map(
    (each) => standIns?.tool(frame.run.runId, { name, required }, each) ?? each,
  );
  const call: StepCall = {
    kind: "tool",
    type: "tool_call",
    name,
    key: options.key ?? "",
    input: args,
    inputMarks: tools.flatMap((each) => each.args.sensitive(args)),
    routes: tools.map(routeOf),
    abortable: tool.effect === "read",
    keepsOutcome: tool.effect === "write" && isSettled(frame, name, options.key ?? ""),
    failures: options.failures,
    reviewOf: null,
    execute: (attempt) =>
      new ToolAttempt(frame, call, tools[attempt.route] as AnyTool, args, attempt, options.required === true).run(),
  };
  if (tool.effect === "read") return await takeStep(frame, call);
  if (!frame.live && !frame.ahead && !stands(frame, call))
    return await previewWrite(frame, call, tool, args, options.required === true);
  const outcome = await takeStep(frame, call);
  noteWrite(frame, call, tool, args, outcome);
  return options.required === true ? resultOf(outcome) : outcome;
}

function routeOf({ name, effect, failures }: AnyTool): Route {
  return { name, about: { tool: name, effect }, failures };
}

/** Where the read goes on. A write is never tried elsewhere: what its first call did nobody may know. */
function fallbackOf(step: string, tool: AnyTool, { fallback }: ReadOptions<unknown, unknown>): AnyTool[] {
  if (fallback === undefined) return [];
  if (!isTool(fallback))
    throw bug("not_a_tool", `The fallback of step "${step}" is no tool; give it one that was made by tool().`);
  for (const { name, effect } of [tool, fallback])
    if (effect !== "read")
      throw bug(
        "fallback_on_write",
        `Step "${step}" has a fallback, and ${name} is a write: a call of it that seemed to fail may have happened. Only reads fall back.`,
      );
  return [fallback];
}

function isSettled(frame: Frame, name: string, key: string): boolean {
  return frame.history.step(name, key)?.records.some(({ body }) => body.phase === "settle") === true;
}

/** Whether what is on record of this write answers for it: it has happened, or it is asked for with the same arguments. */
function stands(frame: Frame, call: StepCall): boolean {
  const ended = frame.history.step(call.name, call.key)?.records.findLast(({ ends }) => ends);
  if (ended === undefined) return false;
  return call.keepsOutcome === true || ended.body.inputHash === frame.journal.vault.fingerprint(call.input ?? null);
}

function resultOf(outcome: Json): Json {
  return (outcome as JsonObject)["result"] ?? null;
}

function noteWrite(frame: Frame, call: StepCall, tool: AnyTool, args: Json, outcome: Json): void {
  const write: ProposedWrite = { step: call.name, key: call.key, tool: tool.name, payload: args };
  const status = (outcome as JsonObject)["status"];
  if (status === "proposed") frame.proposed.push(write);
  if (status === "denied") frame.deniedWrites.add(call.name);
}

/** What a write that is not on record would come to. Nothing leaves. */
async function previewWrite(frame: Frame, call: StepCall, tool: AnyTool, args: Json, required: boolean): Promise<Json> {
  frame.enter(call.name, call.key);
  const decision = guardCall(frame, tool, args, checkArguments(tool, args));
  const write: ProposedWrite = { step: call.name, key: call.key, tool: tool.name, payload: args };
  frame.previewed.push({ ...write, verdict: decision.verdict });
  if (decision.verdict === "propose") frame.proposed.push(write);
  if (required) frame.finish({ end: "incomplete", step: call.name });
  if (required) return await new Promise(() => {});
  const status = decision.verdict === "deny" ? "denied" : decision.verdict === "block" ? "blocked" : "proposed";
  return { status, payload: args };
}

class ToolAttempt {
  readonly #frame: Frame;
  readonly #call: StepCall;
  readonly #tool: AnyTool;
  readonly #args: Json;
  readonly #attempt: Attempt;
  readonly #required: boolean;

  constructor(frame: Frame, call: StepCall, tool: AnyTool, args: Json, attempt: Attempt, required: boolean) {
    this.#frame = frame;
    this.#call = call;
    this.#tool = tool;
    this.#args = args;
    this.#attempt = attempt;
    this.#required = required;
  }

  async run(): Promise<StepDone | StepWaits> {
    const problems = checkArguments(this.#tool, this.#args);
    if (problems.length === 0) problems.push(...(await checkIds(this.#tool, this.#args, this.#attempt.signal)));
    if (this.#tool.effect === "read") {
      if (this.#frame.held) return { park: () => this.#frame.parkHeld() };
      return await this.#read(guardCall(this.#frame, this.#tool, this.#args, problems), problems);
    }
    const approval = reviewState(this.#frame, reviewNameOf(this.#call.name), this.#call.key).answer;
    const write = new WriteCall(this.#frame, this.#call, this.#tool, this.#args, this.#attempt);
    for (;;) {
      // Looking up ids may have taken its time.
      if (this.#frame.held) return { park: () => this.#frame.parkHeld() };
      const decision = guardCall(this.#frame, this.#tool, this.#args, problems);
      const approved = decision.verdict === "propose" && approval?.action === "approve";
      if (decision.verdict !== "execute" && !approved)
        return (await write.alreadyDone()) ?? (await this.#withheld(decision, problems));
      const done = await write.execute(decision, approved);
      // Null: another release allows less by now, and what it allows is found out anew.
      if (done !== null) return done;
    }
  }

  async #withheld(decision: GuardDecision, problems: Problem[]): Promise<StepDone | StepWaits> {
    switch (decision.verdict) {
      case "execute":
      case "propose":
        return this.#required ? await this.#askFirst(decision) : this.#held(decision, "proposed");
      case "block":
        // In an eval the case may say what a write would have answered.
        return this.#required || (this.#frame.engine.standIns !== undefined && this.#tool.canSimulate)
          ? await this.#simulated(decision)
          : this.#held(decision, "blocked");
      case "deny":
        if (this.#required) throw denied(this.#tool, decision, problems);
        return this.#held(decision, "denied");
    }
  }

  async #read(decision: GuardDecision, problems: Problem[]): Promise<StepDone> {
    if (decision.verdict !== "execute") throw denied(this.#tool, decision, problems);
    const result = await invoke(this.#tool, this.#args, this.#options());
    return { output: result, entries: [this.#entry(decision, "result", "success", result, result)] };
  }

  #options(): { signal: AbortSignal; idempotencyKey: string; clock: Frame["engine"]["clock"] } {
    const { name, key } = this.#call;
    return {
      signal: this.#attempt.signal,
      idempotencyKey: idempotencyKey(this.#frame, name, key),
      clock: this.#frame.engine.clock,
    };
  }

  /** The write does not happen now; the exact payload is on record, and the workflow goes on. */
  #held(decision: GuardDecision, phase: "proposed" | "blocked" | "denied"): StepDone {
    const output = { status: phase, payload: this.#args };
    return {
      output,
      entries: [this.#entry(decision, phase, phase === "proposed" ? "waiting" : "blocked", output, null)],
    };
  }

  async #simulated(decision: GuardDecision): Promise<StepDone> {
    if (!this.#tool.canSimulate) {
      const entry = this.#entry(decision, "blocked", "blocked", { status: "blocked", payload: this.#args }, null);
      const reason = `Step "${this.#call.name}" must happen for the run to go on, and nothing may happen in shadow.`;
      const failure = asRunFailure({ class: "denied", code: "shadow_incomplete", message: reason }, this.#call.name);
      this.#frame.finish({ end: "stopped", disposition: "shadowed", failure, records: [entry] });
      return await new Promise(() => {});
    }
    const result = await simulate(this.#tool, this.#args, this.#options());
    const output = { status: "done", result, simulated: true };
    return { output, entries: [this.#entry(decision, "simulated", "blocked", output, result)] };
  }

  async #askFirst(decision: GuardDecision): Promise<StepWaits> {
    const { name, key } = this.#call;
    const park = await openReview(this.#frame, {
      name: reviewNameOf(name),
      key,
      of: null,
      why: "write",
      reason: `${this.#tool.name} needs a person's approval (${decision.reason}).`,
      detail: { writes: [{ step: name, key, tool: this.#tool.name, payload: this.#args }] },
    });
    return { park };
  }

  #entry(
    decision: GuardDecision,
    phase: ToolPhase,
    status: "success" | "waiting" | "blocked",
    output: Json,
    result: Json,
  ): Entry {
    const body = { ...toolBody(this.#tool, phase, decision), output };
    const { number, startedAt, inputHash } = this.#attempt;
    const record = newRecord(this.#frame, this.#call, { number, startedAt, inputHash, status, ends: true, body });
    const sensitive = this.#tool.result?.sensitive(result) ?? [];
    const marks = {
      input: this.#call.inputMarks ?? [],
      output: phase === "result" ? sensitive : phase === "simulated" ? belowResult(sensitive) : [],
    };
    return { record, marks };
  }
}
