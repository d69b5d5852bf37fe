import type { AnyNode, CallExpression } from "acorn";
import type { EventRef } from "./event-ref.ts";
import { declarationOf, lineOf, propertyOf, textOf, walk } from "./source.ts";
import type { Source } from "./source.ts";

/** `workflow(name, options, run)` as it is written. */
export interface SourceDefinition {
  call: CallExpression;
  name: AnyNode | undefined;
  options: AnyNode | undefined;
  run: AnyNode | undefined;
}

/** The definition a workflow's file exports; undefined where it is not written out in this file. */
export function definitionIn(source: Source): SourceDefinition | undefined {
  const [found] = callsOf(source, "workflow");
  if (found === undefined) return undefined;
  const [name, options, run] = found.arguments.map((node) => resolved(source, node));
  return { call: found, name, options, run };
}

/** Where `tool("name", …)` is written in one of the files; the first line of `otherwise` where that cannot be seen. */
export function toolPlace(sources: readonly Source[], name: string, otherwise: string): { file: string; line: number } {
  for (const source of sources)
    for (const call of callsOf(source, "tool"))
      if (textOf(call.arguments[0]) === name) return { file: source.file, line: lineOf(call) };
  return { file: otherwise, line: 1 };
}

/** The event that `event("TYPE", { version })` names where it is written out. */
export function eventIn(source: Source, node: AnyNode): EventRef | undefined {
  if (node.type !== "CallExpression" || !isCalled(node, "event", namesFrom(source, "sluice", "event")))
    return undefined;
  const type = textOf(node.arguments[0]);
  if (type === undefined) return undefined;
  const version = propertyOf(node.arguments[1], "version")?.value;
  return version?.type === "Literal" && typeof version.value === "number" ? { type, version: version.value } : { type };
}

/** Calls of what `sluice` exports under a name. */
function callsOf(source: Source, imported: string): CallExpression[] {
  const names = namesFrom(source, "sluice", imported);
  const found: CallExpression[] = [];
  walk(source.program, (node) => {
    if (node.type === "CallExpression" && isCalled(node, imported, names)) found.push(node);
  });
  return found;
}

function isCalled({ callee }: CallExpression, imported: string, names: ReadonlySet<string>): boolean {
  if (callee.type === "Identifier") return names.has(callee.name);
  return (
    callee.type === "MemberExpression" &&
    callee.object.type === "Identifier" &&
    names.has(`${callee.object.name}.*`) &&
    callee.property.type === "Identifier" &&
    callee.property.name === imported
  );
}

/** Local names of one export of a package; `NAME.*` for a namespace that holds it. */
function namesFrom(source: Source, specifier: string, imported: string): ReadonlySet<string> {
  const names = source.imports.filter((each) => each.specifier === specifier).flatMap((each) => each.names);
  return new Set([
    ...names.filter((name) => name.imported === imported).map((name) => name.local),
    ...names.filter((name) => name.imported === "*").map((name) => `${name.local}.*`),
  ]);
}

/** A name that stands for something declared at the top of the file is that. */
export function resolved(source: Source, node: AnyNode): AnyNode {
  return node.type === "Identifier" ? (declarationOf(source, node.name) ?? node) : node;
}

/** Line of an option (`["prompts", "classify"]`), or of the nearest thing around it that is written out. */
export function optionLine(source: Source, definition: SourceDefinition | undefined, path: readonly string[]): number {
  if (definition === undefined) return 1;
  let at = definition.options;
  let line = lineOf(definition.call);
  for (const key of path) {
    const property = propertyOf(at, key);
    if (property === undefined) break;
    line = lineOf(property.key);
    at = resolved(source, property.value);
  }
  return line;
}
