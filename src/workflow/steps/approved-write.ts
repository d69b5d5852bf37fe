import { Failure } from "../../base/failure.ts";
import { APPROVED } from "../../journal/names.ts";
import { checkArguments, checkIds } from "../../tool/arguments.ts";
import { bug } from "../frame.ts";
import type { Frame } from "../frame.ts";
import type { ProposedWrite } from "../outcome.ts";
import type { StepCall } from "../step-call.ts";
import { takeStep } from "../step.ts";
import { WriteCall, guardCall } from "./write-call.ts";

/** Approved writes go on record beside their proposal, under a key of their own. */
function approvedKey(key: string): string {
  return `${key}${APPROVED}`;
}

/** The key of the proposal that a write's key belongs to. */
export function proposedKey(key: string): string {
  return key.endsWith(APPROVED) ? key.slice(0, -APPROVED.length) : key;
}

/** A write a person has approved. Approval is the right to try: the guard runs again, and again at the claim. */
export async function approvedWrite(frame: Frame, write: ProposedWrite): Promise<void> {
  const tool = Object.values(frame.workflow.tools).find(({ name }) => name === write.tool);
  if (tool === undefined)
    throw bug(
      "unknown_tool",
      `The approved write "${write.step}" names ${write.tool}, which the workflow no longer declares.`,
    );
  const call: StepCall = {
    kind: "tool",
    type: "tool_call",
    name: write.step,
    key: approvedKey(write.key),
    input: write.payload,
    inputMarks: tool.args.sensitive(write.payload),
    about: { tool: tool.name, effect: tool.effect },
    abortable: false,
    keepsOutcome: true,
    failures: tool.failures,
    reviewOf: null,
    async execute(attempt) {
      const problems = checkArguments(tool, write.payload);
      if (problems.length === 0) problems.push(...(await checkIds(tool, write.payload, attempt.signal)));
      if (frame.held) return { park: () => frame.parkHeld() };
      let decision = guardCall(frame, tool, write.payload, problems);
      if (decision.verdict === "execute" || decision.verdict === "propose") {
        const done = await new WriteCall(frame, call, tool, write.payload, attempt).execute(decision, true);
        if (done !== null) return done;
        if (frame.held) return { park: () => frame.parkHeld() };
        decision = guardCall(frame, tool, write.payload, problems);
      }
      throw new Failure({
        class: "denied",
        code: decision.reason,
        message: `The approved write "${write.step}" may no longer happen (${decision.reason}).`,
      });
    },
  };
  await takeStep(frame, call);
}
