import { createHash } from "node:crypto";
import type { Json } from "../base/json.ts";
import { isTool } from "../tool/define.ts";
import type { AnyTool } from "../tool/define.ts";
import type {
  PromptOptions,
  ReviewOptions,
  RuleOptions,
  StepOptions,
  ToolOptions,
  WorkflowContext,
} from "./context.ts";
import { inStep } from "./determinism.ts";
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

/** The context a workflow function is given: each verb is one step kind. */
export function verbsOf(frame: Frame): WorkflowContext<Record<string, string>> {
  const outputs = new Map<string, Json>();
  const ofKey = (options: ReviewOptions): string => options.ofKey ?? frame.promptKeys.get(options.of) ?? "";
  let drawn = 0;
  const verbs = {
    runId: frame.run.runId,
    thresholds: frame.pins.thresholds,
    signal: frame.signal,
    async prompt(slot: string, inputs: unknown, options: PromptOptions = {}) {
      named(slot, options.key);
      const output = await inStep(() => promptStep(frame, slot, asRecorded(inputs), options));
      outputs.set(stepId(slot, options.key ?? ""), output);
      return output;
    },
    async tool(name: string, tool: AnyTool, args: unknown, options: ToolOptions = {}) {
      named(name, options.key);
      if (!isTool(tool))
        throw bug("not_a_tool", `ctx.tool("${name}", …) takes a tool made by tool() as its second argument.`);
      return await inStep(() => toolStep(frame, name, tool, asRecorded(args), options));
    },
    async run(name: string, body: (signal: AbortSignal) => unknown, options: StepOptions = {}) {
      named(name, options.key);
      return await inStep(() => runStep(frame, name, body, options));
    },
    async rule(name: string, holds: boolean, options: RuleOptions = {}) {
      named(name, options.key);
      await inStep(() => ruleStep(frame, name, holds, options));
    },
    async review(name: string, options: ReviewOptions) {
      named(name, options.key);
      const subject = { ...options, ofKey: ofKey(options) };
      return await inStep(() => reviewStep(frame, name, subject, outputs.get(stepId(subject.of, subject.ofKey))));
    },
    async sleep(name: string, duration: string | number) {
      named(name);
      await inStep(() => sleepStep(frame, name, duration));
    },
    decide: (decision: unknown) => inStep(() => decideStep(frame, decision)),
    now: () => frame.virtualNow,
    random: () => draw(frame.run.runId, drawn++),
    log: (message: string, data?: unknown) => inStep(() => logOnce(frame, message, data)),
  };
  return verbs as unknown as WorkflowContext<Record<string, string>>;
}

function named(name: unknown, key = ""): void {
  if (typeof name !== "string" || name === "" || name.startsWith("@") || name.includes("\n"))
    throw bug(
      "step_name",
      `A step needs a name: one line of text that does not start with "@"; this one is ${JSON.stringify(name)}.`,
    );
  if (typeof key !== "string" || key.includes("@") || key.includes("\n"))
    throw bug("step_key", `The key of step "${name}" must be one line of text without "@".`);
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
  const shown = { run_id: runId, workflow, data: frame.journal.redact(asRecorded(data)) };
  frame.engine.log("info", frame.journal.redactText(message), shown);
}
