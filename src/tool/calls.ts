import { isObject } from "../base/json.ts";
import type { Json, Problem } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { didYouMean } from "../base/suggest.ts";
import { guard } from "./guard.ts";
import type { GuardDecision, GuardReason } from "./guard.ts";
import type { DeclaredTool, ToolDefinitions } from "./openai.ts";

export type CallReason = GuardReason | "not_json" | "not_a_call" | "unusable_definition" | "effect_not_declared";

/** The verdict on one line of a file of calls. `line` is 1-based. */
export interface CallVerdict {
  line: number;
  verdict: "allow" | "review" | "refuse";
  reason: CallReason;
  /** What is wrong with the call; absent where nothing is. */
  errors?: Problem[];
}

type Judged = Omit<CallVerdict, "line">;

/**
 * Judges calls, one a line, as they come: `{"name", "arguments"}`, or OpenAI's `{"function": {…}}`; arguments as an object
 * or as JSON text. `refuse`: no such tool, or arguments off its schema or not in it. Of the rest, `allow` what is
 * declared a read, or a write of low risk; everything else, undeclared effects included, is a `review`.
 */
export async function* checkCalls(
  definitions: ToolDefinitions,
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<CallVerdict> {
  const grants = [...definitions.tools.keys()];
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() !== "") yield { line, ...judge(definitions, grants, text) };
  }
}

function judge(definitions: ToolDefinitions, grants: readonly string[], text: string): Judged {
  const read = readJson(text);
  if ("mistake" in read)
    return refused("not_json", [{ pointer: "", message: `${read.mistake.message} (column ${read.mistake.column})` }]);
  const call = callOf(read.value);
  if ("reason" in call) return call;
  if (definitions.broken.has(call.name))
    return refused("unusable_definition", [{ pointer: "/name", message: "The definition of this tool has mistakes." }]);
  const tool = definitions.tools.get(call.name);
  const argumentProblems = (tool?.args.validate(call.args) ?? []).map(({ pointer, message }) => ({
    pointer: `/arguments${pointer}`,
    message,
  }));
  const decision = guard({
    name: call.name,
    tool: tool && asGuarded(tool),
    argumentProblems,
    grants,
    revoked: [],
    stage: "expanded",
    riskThreshold: "low",
  });
  if (decision.verdict === "deny")
    return refused(decision.reason, tool === undefined ? [unknown(call.name, grants)] : argumentProblems);
  return allowed(decision, tool);
}

function allowed({ verdict, reason }: GuardDecision, tool: DeclaredTool | undefined): Judged {
  if (verdict === "execute") return { verdict: "allow", reason };
  return { verdict: "review", reason: tool?.effect === undefined ? "effect_not_declared" : reason };
}

/** What is not declared to be a read may be a write. */
function asGuarded({ effect = "write", kind, risk }: DeclaredTool): {
  effect: "read" | "write";
  kind: DeclaredTool["kind"];
  risk: DeclaredTool["risk"];
} {
  return { effect, kind, risk };
}

function refused(reason: CallReason, errors: Problem[]): Judged {
  return { verdict: "refuse", reason, errors };
}

function unknown(name: string, known: readonly string[]): Problem {
  return { pointer: "/name", message: `is not the name of a tool here. ${didYouMean(name, known)}`.trim() };
}

function callOf(value: Json): { name: string; args: Json } | Judged {
  const call = isObject(value) && isObject(value["function"]) ? value["function"] : value;
  if (!isObject(call))
    return refused("not_a_call", [{ pointer: "", message: 'must be an object: {"name", "arguments"}' }]);
  const { name, arguments: args = {} } = call;
  if (typeof name !== "string") return refused("not_a_call", [{ pointer: "/name", message: "must be a string" }]);
  if (typeof args !== "string") return { name, args };
  const read = readJson(args.trim() === "" ? "{}" : args);
  if ("mistake" in read)
    return refused("invalid_arguments", [{ pointer: "/arguments", message: read.mistake.message }]);
  return { name, args: read.value };
}
