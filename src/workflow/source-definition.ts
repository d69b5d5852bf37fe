import type { AnyNode, CallExpression } from "acorn";
import { declarationOf, lineOf, propertyOf, walk } from "./source.ts";
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
  const names = namesFrom(source, "sluice", "workflow");
  let found: CallExpression | undefined;
  walk(source.program, (node) => {
    if (found === undefined && node.type === "CallExpression" && isCalled(node, names)) found = node;
  });
  if (found === undefined) return undefined;
  const [name, options, run] = found.arguments.map((node) => resolved(source, node));
  return { call: found, name, options, run };
}

function isCalled({ callee }: CallExpression, names: ReadonlySet<string>): boolean {
  if (callee.type === "Identifier") return names.has(callee.name);
  return (
    callee.type === "MemberExpression" &&
    callee.object.type === "Identifier" &&
    names.has(`${callee.object.name}.*`) &&
    callee.property.type === "Identifier" &&
    callee.property.name === "workflow"
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
