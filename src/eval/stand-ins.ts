import { Failure } from "../base/failure.ts";
import type { FailureClass } from "../base/failure.ts";
import { FAILURE_POLICY } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { AnyTool } from "../tool/define.ts";
import type { StandIns } from "../workflow/engine.ts";
import type { RecordedAnswer, RecordedTools } from "./case.ts";
import { mismatches } from "./expected.ts";

export const UNRECORDED = "unrecorded_call";

/** What one run of a case has called so far. */
class CaseCalls {
  readonly #tools: RecordedTools;
  readonly #used = new Map<string, number>();
  /** The first call that no record answers; whatever the code made of it, the case has failed. */
  unrecorded: Failure | null = null;

  constructor(tools: RecordedTools) {
    this.#tools = tools;
  }

  /** Under the step's name first, then under the tool's. Null: nothing is recorded. */
  has(step: string, tool: string | null): boolean {
    return this.#named(step, tool) !== null;
  }

  /** The next recorded answer. Throws `Failure`: the one recorded, or that there is none. */
  answer(step: string, tool: string | null, args: Json): Json {
    const name = this.#named(step, tool);
    const recorded = name === null ? undefined : this.#next(name);
    const what = tool === null ? `The code of step "${step}"` : `The call of ${tool} in step "${step}"`;
    if (recorded === undefined)
      throw this.#refuse(`${what} is not recorded with this case${name === null ? "" : " so often"}.`);
    const [other] = recorded.args === undefined ? [] : mismatches(recorded.args, args);
    if (other !== undefined)
      throw this.#refuse(
        `${what} has other arguments than were recorded: ${other.pointer} is ${said(other.actual)}, not ${said(other.expected)}.`,
      );
    if ("result" in recorded) return recorded.result;
    const { class: name_, message } = recorded.error;
    const known = Object.hasOwn(FAILURE_POLICY, name_) ? (name_ as FailureClass) : "transient";
    throw new Failure({ class: known, code: "recorded", message });
  }

  #named(step: string, tool: string | null): string | null {
    return [step, tool].find((name): name is string => name !== null && Object.hasOwn(this.#tools, name)) ?? null;
  }

  #next(name: string): RecordedAnswer | undefined {
    const recorded = this.#tools[name] as RecordedTools[string];
    const used = this.#used.get(name) ?? 0;
    this.#used.set(name, used + 1);
    return isList(recorded) ? recorded[used] : recorded;
  }

  #refuse(message: string): Failure {
    const fix = 'Give the case its answer under "tools", or a "source" run that made this call.';
    const failure = new Failure({ class: "denied", code: UNRECORDED, message: `${message} ${fix}` });
    this.unrecorded ??= failure;
    return failure;
  }
}

/** Answers from what cases record, in place of the world outside: no tool, look-up or code of the author's is called. */
export class RecordedWorld implements StandIns {
  readonly #calls = new Map<string, CaseCalls>();

  enter(runId: string, tools: RecordedTools): void {
    this.#calls.set(runId, new CaseCalls(tools));
  }

  /** Ends the run's part; answers the call that was not recorded, if there was one. */
  leave(runId: string): Failure | null {
    const calls = this.#calls.get(runId);
    this.#calls.delete(runId);
    return calls?.unrecorded ?? null;
  }

  tool(runId: string, { name, required }: { name: string; required: boolean }, tool: AnyTool): AnyTool {
    const calls = this.#callsOf(runId);
    const recorded = calls.has(name, tool.name);
    const run = (args: unknown): Json => calls.answer(name, tool.name, args as Json);
    // A write without a recorded answer is held back as it would be in shadow; one that has to happen is simulated.
    const simulated = recorded || (required && !tool.canSimulate);
    return {
      ...tool,
      ids: {},
      canReconcile: false,
      canSimulate: recorded || required,
      run,
      reconcile: async () => ({ status: "unknown" }),
      simulate: async (args) => (simulated ? run(args) : await tool.simulate(args)),
    };
  }

  code(runId: string, step: string): Json {
    return this.#callsOf(runId).answer(step, null, null);
  }

  #callsOf(runId: string): CaseCalls {
    const calls = this.#calls.get(runId);
    if (calls === undefined) throw new Error(`Run ${runId} belongs to no case.`);
    return calls;
  }
}

function isList(recorded: RecordedTools[string]): recorded is readonly RecordedAnswer[] {
  return Array.isArray(recorded);
}

function said(value: Json | undefined): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
