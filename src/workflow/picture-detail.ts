import type { AnyNode } from "acorn";
import { parseDuration } from "../base/duration.ts";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { PromptSet } from "../prompt/set.ts";
import { isTool } from "../tool/define.ts";
import type { AnyTool } from "../tool/define.ts";
import type { Workflow } from "./define.ts";
import { isRequired, optionsOf } from "./picture-failures.ts";
import type { NodeKind } from "./picture-graph.ts";
import type { SketchNode } from "./picture-sketch.ts";
import { HOLE, conditionIn, nameIn, plainText } from "./picture-text.ts";
import type { Scope } from "./picture-text.ts";
import type { WorkflowBody } from "./source-body.ts";
import { declaredTools } from "./source-tools.ts";
import { awaitedEvent } from "./source-waits.ts";
import { propertyOf, textOf } from "./source.ts";
import type { Source } from "./source.ts";

type Detail = Record<string, Json>;

export function kindOf(verb: string): NodeKind {
  if (verb === "run") return "code";
  return verb === "waitFor" ? "wait" : (verb as NodeKind);
}

/** What there is to know of a step before it has run. */
export function detailOf(
  node: SketchNode,
  workflow: Workflow,
  prompts: PromptSet,
  tool: AnyTool | undefined,
  { file, sources }: { file: string; sources: readonly Source[] },
): Detail {
  const elsewhere: Detail = node.scope.source.file === file ? {} : { file: node.scope.source.file };
  return { ...ofVerb(node, workflow, prompts, tool, sources), ...elsewhere };
}

function ofVerb(
  node: SketchNode,
  workflow: Workflow,
  prompts: PromptSet,
  tool: AnyTool | undefined,
  sources: readonly Source[],
): Detail {
  switch (node.verb) {
    case "prompt":
      return promptDetail(node, workflow, prompts);
    case "tool":
      return toolDetail(node, tool);
    case "rule":
      return ruleDetail(node);
    case "review":
      return reviewDetail(node);
    case "sleep":
      return { duration: durationText(node.call.arguments[1], node.scope) };
    case "waitFor":
      return waitDetail(node, sources);
    case "decide":
      return { fields: fieldsOf(workflow.decision?.source) };
    default:
      return {};
  }
}

function promptDetail({ name }: SketchNode, workflow: Workflow, prompts: PromptSet): Detail {
  const prompt = Object.hasOwn(workflow.prompts, name) ? workflow.prompts[name] : undefined;
  if (prompt === undefined) return { prompt: null, versions: [], output: [] };
  const latest = prompts.latest(prompt);
  const versions = prompts.versions(prompt).map(({ version }) => version);
  return { prompt, versions, model: latest?.model ?? null, output: fieldsOf(latest?.outputSchema) };
}

function fieldsOf(schema: JsonObject | undefined): string[] {
  const properties = schema?.["properties"];
  return isObject(properties) ? Object.keys(properties) : [];
}

function toolDetail(node: SketchNode, tool: AnyTool | undefined): Detail {
  if (tool === undefined) return { tool: null };
  const { name, effect, kind, risk } = tool;
  return { tool: name, effect, kind, risk, ...(effect === "write" ? { required: isRequired(node) } : {}) };
}

function ruleDetail({ call, scope }: SketchNode): Detail {
  const [, holds] = call.arguments;
  return holds === undefined ? {} : { holds: conditionIn(holds, scope).text };
}

function reviewDetail(node: SketchNode): Detail {
  const options = optionsOf(node);
  const text = (name: string): string | null => textOf(propertyOf(options, name)?.value) ?? null;
  return {
    of: text("of"),
    team: text("team"),
    expires_in: text("expiresIn"),
    reveal: textsIn(propertyOf(options, "reveal")?.value),
  };
}

function textsIn(node: AnyNode | undefined): string[] {
  if (node?.type !== "ArrayExpression") return [];
  return node.elements.map((each) => textOf(each)).filter((each) => each !== undefined);
}

function waitDetail(node: SketchNode, sources: readonly Source[]): Detail {
  const { call, scope } = node;
  const given = call.arguments[1];
  const named = given?.type === "Identifier" ? scope.given.get(given.name) : undefined;
  const awaited = awaitedEvent(named?.node ?? given, named?.scope.source ?? scope.source, sources);
  const conditions = propertyOf(optionsOf(node), "where")?.value;
  const timeout = propertyOf(optionsOf(node), "timeout")?.value;
  return {
    event: awaited?.type ?? null,
    where: conditions?.type === "ObjectExpression" ? namesOf(conditions) : [],
    timeout: timeout === undefined ? null : durationText(timeout, scope),
  };
}

/** Names of the properties that are written out. */
function namesOf({ properties }: Extract<AnyNode, { type: "ObjectExpression" }>): string[] {
  return properties.flatMap((property) => {
    if (property.type !== "Property" || property.computed) return [];
    const name = property.key.type === "Identifier" ? property.key.name : textOf(property.key);
    return name === undefined ? [] : [name];
  });
}

/** `4h` as it is written; source where it is computed. */
function durationText(duration: AnyNode | undefined, scope: Scope): string {
  if (duration === undefined) return "";
  const text = nameIn(duration, scope);
  if (!text.includes(HOLE) && isDuration(text)) return text;
  return plainText(duration, scope.source);
}

function isDuration(text: string): boolean {
  try {
    return parseDuration(text) >= 0;
  } catch {
    return false;
  }
}

/** The tool that a step calls, as far as it can be told before it runs. */
export function toolOf(node: SketchNode, workflow: Workflow, body: WorkflowBody): AnyTool | undefined {
  return node.verb === "tool" ? toolNamed(node.call.arguments[1], node.scope, workflow, body) : undefined;
}

/** Models or tools that the step goes on with where its own gives no answer, in order. */
export function fallbacksOf(node: SketchNode, workflow: Workflow, prompts: PromptSet, body: WorkflowBody): string[] {
  if (node.verb === "prompt") {
    const prompt = Object.hasOwn(workflow.prompts, node.name) ? workflow.prompts[node.name] : undefined;
    return [...(prompts.latest(prompt ?? "")?.fallbackModels ?? [])];
  }
  const written = node.verb === "tool" ? propertyOf(optionsOf(node), "fallback")?.value : undefined;
  if (written === undefined) return [];
  return [toolNamed(written, node.scope, workflow, body)?.name ?? plainText(written, node.scope.source)];
}

function toolNamed(
  written: AnyNode | undefined,
  scope: Scope,
  workflow: Workflow,
  body: WorkflowBody,
): AnyTool | undefined {
  const { name, scope: where } = identifierOf(written, scope);
  if (name === undefined) return undefined;
  const declared = where.source === body.source ? declaredTools(body)?.get(name) : undefined;
  const key = declared ?? exportedName(name, where);
  const tool: unknown = Object.hasOwn(workflow.tools, key) ? workflow.tools[key] : undefined;
  // Of a workflow with mistakes, what is listed as a tool need not be one.
  return isTool(tool) ? tool : undefined;
}

/** A helper's parameter stands for what the helper was given. */
function identifierOf(node: AnyNode | undefined, scope: Scope): { name: string | undefined; scope: Scope } {
  if (node?.type !== "Identifier") return { name: undefined, scope };
  const given = scope.given.get(node.name);
  return given === undefined ? { name: node.name, scope } : identifierOf(given.node, given.scope);
}

/** A tool is mostly declared under the name it is exported by. */
function exportedName(local: string, { source }: Scope): string {
  const names = source.imports.flatMap((each) => each.names);
  return names.find((each) => each.local === local && each.imported !== "default")?.imported ?? local;
}
