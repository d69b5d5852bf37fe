import { createHash } from "node:crypto";
import { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { isTool } from "../tool/define.ts";
import type { AnyTool } from "../tool/define.ts";
import type {
  PromptOptions,
  ReviewOptions,
  RuleOptions,
  StepOptions,
  ReadOptions,
  WaitForOptions,
  WorkflowContext,
} from "./context.ts";
import { inStep, isInStep } from "./determinism.ts";
import type { EventRef } from "./event-ref.ts";
import { asRecorded, bug } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { stepId } from "./history.ts";
import { decideStep } from "./steps/decide.ts";
import { promptStep } from "./steps/prompt.ts";
import { reviewStep } from "./steps/review.ts";
import { ruleStep } from "./steps/rule.ts";
import { runStep } from "./steps/run.ts";
import { sleepStep } from "./steps/sleep.ts";
import { toolStep } from "./steps/tool.ts";
import { waitForStep } from "./steps/wait-for.ts";

/** The context a workflow function is given: each verb is one step kind. */
export function verbsOf(frame: Frame): WorkflowContext<Record<string, string>> {
  const outputs = new Map<string, Json>();
  const ofKey = (options: ReviewOptions): string => options.ofKey ?? frame.promptKeys.get(options.of) ?? "";
  const step = <T>(name: string, key: string | undefined, body: () => Promise<T>): Promise<T> => {
    const nested = isInStep();
    return used(frame, async () => {
      named(name, key);
      if (nested) throw stepInStep(name);
      return await body();
    });
  };
  let drawn = 0;
  const verbs = {
    runId: frame.run.runId,
    thresholds: frame.pins.thresholds,
    signal: frame.signal,
    prompt: (slot: string, inputs: unknown, options: PromptOptions = {}) =>
      step(slot, options.key, async () => {
        const given = asRecorded(inputs, `What prompt "${slot}" is given`);
        const output = await promptStep(frame, slot, given, options);
        outputs.set(stepId(slot, options.key ?? ""), output);
        return output;
      }),
    tool: (name: string, tool: AnyTool, args: unknown, options: ReadOptions<unknown, unknown> = {}) =>
      step(name, options.key, () => {
        if (!isTool(tool))
          throw bug("not_a_tool", `ctx.tool("${name}", …) takes a tool made by tool() as its second argument.`);
        return toolStep(frame, name, tool, asRecorded(args, `What step "${name}" is given`), options);
      }),
    run: (name: string, body: (signal: AbortSignal) => unknown, options: StepOptions = {}) =>
      step(name, options.key, () => runStep(frame, name, body, options)),
    rule: (name: string, holds: boolean, options: RuleOptions = {}) =>
      step(name, options.key, () => ruleStep(frame, name, holds, options)),
    review: (name: string, options: ReviewOptions) =>
      step(name, options.key, () => {
        const subject = { ...options, ofKey: ofKey(options) };
        return reviewStep(frame, name, subject, outputs.get(stepId(subject.of, subject.ofKey)));
      }),
    sleep: (name: string, duration: string | number, options: { key?: string } = {}) =>
      step(name, options.key, () => sleepStep(frame, name, options.key ?? "", duration)),
    waitFor: (name: string, ref: EventRef, options: WaitForOptions = {}) =>
      step(name, options.key, () => waitForStep(frame, name, ref, options)),
    decide(decision: unknown) {
      const nested = isInStep();
      return used(frame, async () => {
        if (nested) throw stepInStep("decide");
        await decideStep(frame, decision);
      });
    },
    now: () => frame.virtualNow,
    random: () => draw(frame.run.runId, drawn++),
    log: (message: string, data?: unknown) => inStep(() => logOnce(frame, message, data)),
  };
  return verbs as unknown as WorkflowContext<Record<string, string>>;
}

/** Runs a verb. What it throws besides `StepFailed` is wrong use: the run dies of it, also where the code catches it. */
async function used<T>(frame: Frame, verb: () => Promise<T>): Promise<T> {
  try {
    return await inStep(verb);
  } catch (error) {
    if (error instanceof Failure) frame.fault ??= error;
    throw error;
  }
}

/** The outer step's record answers for its body on a resume, so the inner one would be missed. */
function stepInStep(name: string): Failure {
  const message = `"${name}" was called inside the body of another step; a step's body takes no steps. Call it before or after.`;
  return bug("step_in_step", message);
}

function named(name: unknown, key = ""): void {
  if (typeof name !== "string" || name === "" || name.startsWith("@") || !isLine(name))
    throw bug(
      "step_name",
      `A step needs a name: one line of text that does not start with "@"; this one is ${JSON.stringify(name)}.`,
    );
  if (typeof key !== "string" || key.includes("@") || !isLine(key))
    throw bug("step_key", `The key of step "${name}" must be one line of text without "@".`);
}

/** Half a surrogate pair is no text: the store would give back another name than the one that was sealed. */
function isLine(text: string): boolean {
  return !text.includes("\n") && text.isWellFormed();
}

/** In [0, 1): 52 bits of SHA-256 over the run's id and the number of the draw. */
function draw(runId: string, n: number): number {
  const bits = createHash("sha256").update(`${runId}\n${n}`).digest().readBigUInt64BE() >> 12n;
  return Number(bits) / 2 ** 52;
}

/** On a resume, what was said before the last finished step is not said again. */
function logOnce(frame: Frame, message: string, data: unknown): void {
  if (!frame.live || frame.virtualNow < frame.history.lastFinishedAt) return;
  const { runId, workflow } = frame.run;
  const shown = { run_id: runId, workflow, data: frame.journal.redact(asRecorded(data, "What ctx.log is given")) };
  frame.engine.log("info", frame.journal.redactText(message), shown);
}
