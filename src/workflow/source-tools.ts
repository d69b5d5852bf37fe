import type { AnyNode, CallExpression } from "acorn";
import type { FileProblem } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Workflow } from "./define.ts";
import type { VerbCall, WorkflowBody } from "./source-body.ts";
import { optionLine, resolved } from "./source-definition.ts";
import { problem, stepName } from "./source-problem.ts";
import { propertyOf } from "./source.ts";
import type { Source } from "./source.ts";

/** Mistakes in which tools a step calls, falls back on, and what it makes of their outcome. */
export function toolMistakes(call: VerbCall, workflow: Workflow, body: WorkflowBody): FileProblem[] {
  if (call.verb !== "tool") return [];
  return [...calledMistakes(call, workflow, body), ...fallbackMistakes(call, workflow, body)];
}

function calledMistakes(call: VerbCall, workflow: Workflow, body: WorkflowBody): FileProblem[] {
  const asked = call.node.arguments[1];
  if (asked?.type !== "Identifier") return [];
  const declared = declaredTools(body);
  if (declared === undefined) return [];
  if (!declared.has(asked.name)) return [undeclared(call, asked, declared, "so every call of it is denied")];
  const tool = workflow.tools[declared.get(asked.name) as string];
  if (tool?.effect !== "write" || isRequired(call.node) || !isDiscarded(call.source, call.node)) return [];
  return [
    problem(
      call.source,
      call.node,
      "write_outcome_ignored",
      `What became of the write "${stepName(call) ?? tool.name}" is not looked at: it may have been proposed, blocked or denied.`,
      "Look at its status, or say { required: true } where nothing may go on without it.",
      "warning",
    ),
  ];
}

/** Local name → key in `tools: { … }`; undefined where the list is not written out. */
export function declaredTools(body: WorkflowBody): Map<string, string> | undefined {
  const { options } = body.definition;
  // What is spread into the options may hold tools.
  if (options?.type !== "ObjectExpression" || options.properties.some(({ type }) => type === "SpreadElement"))
    return undefined;
  const tools = propertyOf(options, "tools");
  const list = tools === undefined ? undefined : resolved(body.source, tools.value);
  if (list !== undefined && list.type !== "ObjectExpression") return undefined;
  const names = new Map<string, string>();
  for (const property of list?.properties ?? []) {
    if (property.type !== "Property" || property.value.type !== "Identifier" || property.key.type !== "Identifier")
      return undefined;
    names.set(property.value.name, property.key.name);
  }
  return names;
}

function isRequired(node: CallExpression): boolean {
  const options = node.arguments[3];
  if (options === undefined) return false;
  return (
    options.type !== "ObjectExpression" ||
    propertyOf(options, "required") !== undefined ||
    options.properties.some((each) => each.type === "SpreadElement")
  );
}

function isDiscarded(source: Source, node: AnyNode): boolean {
  const parent = source.parent(node);
  return parent?.type === "AwaitExpression" && source.parent(parent)?.type === "ExpressionStatement";
}

function undeclared(
  call: VerbCall,
  tool: Extract<AnyNode, { type: "Identifier" }>,
  declared: ReadonlyMap<string, string>,
  then: string,
): FileProblem {
  const { name } = tool;
  const fix = didYouMean(name, declared.keys());
  return problem(
    call.source,
    tool,
    "undeclared_tool",
    `The workflow does not declare the tool ${name}, ${then}.`,
    `${fix.startsWith("Did") ? `${fix} ` : ""}Declare it: tools: { ${[...declared.keys(), name].join(", ")} }.`,
  );
}

/** The tool that a step falls back on, as it is written. */
function fallbackIn({ node }: Pick<VerbCall, "node">): AnyNode | undefined {
  return propertyOf(node.arguments[3], "fallback")?.value;
}

function fallbackMistakes(call: VerbCall, workflow: Workflow, body: WorkflowBody): FileProblem[] {
  const [asked, fallback] = [call.node.arguments[1], fallbackIn(call)];
  const declared = declaredTools(body);
  if (fallback?.type !== "Identifier" || declared === undefined) return [];
  if (!declared.has(fallback.name))
    return [undeclared(call, fallback, declared, "so that it is denied when it is needed")];
  const local = asked?.type === "Identifier" ? asked.name : "";
  const write = [local, fallback.name].find((name) => workflow.tools[declared.get(name) ?? ""]?.effect === "write");
  if (write !== undefined)
    return [
      problem(
        call.source,
        fallback,
        "fallback_on_write",
        `${write} is a write, and a write has no fallback: a call of it that seemed to fail may have happened.`,
        "Let it fail, and catch StepFailed where another way is safe; only reads fall back.",
      ),
    ];
  if (local !== fallback.name) return [];
  return [
    problem(
      call.source,
      fallback,
      "fallback_to_itself",
      `The tool ${local} falls back on itself.`,
      "Name another tool; how often one is tried is set by failures: { timeout: { attempts: 5 } }.",
      "warning",
    ),
  ];
}

/** Tools that every release grants, and no step calls or falls back on. */
export function unusedTools(body: WorkflowBody): FileProblem[] {
  const calls = body.verbs.filter(({ verb }) => verb === "tool");
  const asked = calls.flatMap((call) => [call.node.arguments[1], fallbackIn(call) ?? []].flat());
  const declared = declaredTools(body);
  if (declared === undefined || !asked.every((node) => node?.type === "Identifier")) return [];
  const used = new Set(asked.map(({ name }) => name));
  return [...declared]
    .filter(([local]) => !used.has(local))
    .map(([local, key]) =>
      problem(
        body.source,
        optionLine(body.source, body.definition, ["tools", key]),
        "unused_tool",
        `No step uses the tool ${local}, yet every release grants it.`,
        "Take it off the list: a workflow has the tools it uses, and no others.",
        "warning",
      ),
    );
}
