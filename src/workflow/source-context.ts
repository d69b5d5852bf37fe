import { posix } from "node:path";
import type { AnyNode, CallExpression } from "acorn";
import { resolved } from "./source-definition.ts";
import { declarationOf, walk } from "./source.ts";
import type { Source } from "./source.ts";

/** Any way to write a function. */
export type Fn = Extract<AnyNode, { type: "ArrowFunctionExpression" | "FunctionExpression" | "FunctionDeclaration" }>;

/** The names under which one function knows the context. */
export interface ContextNames {
  source: Source;
  fn: Fn;
  objects: Set<string>;
  /** Local name → verb, where the context is taken apart. */
  verbs: Map<string, string>;
}

/** The names in a function that gets the context as parameter number `ctxAt` (-1: not at all). */
export function knownContext(source: Source, fn: Fn, ctxAt: number): ContextNames {
  const names: ContextNames = { source, fn, objects: new Set(), verbs: new Map() };
  if (ctxAt >= 0) bind(names, fn.params[ctxAt]);
  for (let size = -1; size !== names.objects.size + names.verbs.size;) {
    size = names.objects.size + names.verbs.size;
    walk(fn.body, (node) => bindAlias(names, node));
  }
  return names;
}

/** `const c = ctx`, `const { tool } = ctx`, and functions within this one that are given the context. */
function bindAlias(frame: ContextNames, node: AnyNode): void {
  if (node.type === "VariableDeclarator" && node.init?.type === "Identifier" && frame.objects.has(node.init.name))
    bind(frame, node.id);
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return;
  const inner = functionWithin(frame.fn, node.callee.name);
  node.arguments.forEach((argument, i) => {
    if (argument.type === "Identifier" && frame.objects.has(argument.name) && inner !== undefined)
      bind(frame, inner.params[i]);
  });
}

/** A function of the project by the name it has in a file: its own, or imported from another file. */
export function functionNamed(
  sources: readonly Source[],
  source: Source,
  name: string,
): { source: Source; fn: Fn } | undefined {
  const found = valueNamed(sources, source, name);
  return found !== undefined && isFunction(found.node) ? { source: found.source, fn: found.node } : undefined;
}

/** What a name at the top of a file stands for there: declared in it, or imported from another file of the project. */
export function valueNamed(
  sources: readonly Source[],
  source: Source,
  name: string,
): { source: Source; node: AnyNode } | undefined {
  const own = declarationOf(source, name);
  if (own !== undefined) return { source, node: own };
  const imported = source.imports
    .flatMap((each) => each.names.map((one) => ({ ...one, from: each.specifier })))
    .find((one) => one.local === name);
  if (imported === undefined) return undefined;
  const file = posix.join(posix.dirname(source.file), imported.from);
  const target = sources.find((each) => each.file === file);
  const exported = target === undefined ? undefined : exportOf(target, imported.imported);
  return target !== undefined && exported !== undefined ? { source: target, node: exported } : undefined;
}

export function isFunction(node: AnyNode | undefined | null): node is Fn {
  return (
    node?.type === "ArrowFunctionExpression" ||
    node?.type === "FunctionExpression" ||
    node?.type === "FunctionDeclaration"
  );
}

export function isContext(frame: ContextNames, node: AnyNode): boolean {
  return node.type === "Identifier" && frame.objects.has(node.name);
}

function bind(frame: ContextNames, pattern: AnyNode | undefined): void {
  if (pattern?.type === "Identifier") frame.objects.add(pattern.name);
  if (pattern?.type !== "ObjectPattern") return;
  for (const property of pattern.properties)
    if (property.type === "Property" && property.key.type === "Identifier" && property.value.type === "Identifier")
      frame.verbs.set(property.value.name, property.key.name);
}

export function verbOf(frame: ContextNames, { callee }: CallExpression): string | undefined {
  if (callee.type === "Identifier") return frame.verbs.get(callee.name);
  if (callee.type !== "MemberExpression" || callee.computed || !isContext(frame, callee.object)) return undefined;
  return callee.property.type === "Identifier" ? callee.property.name : undefined;
}

export function functionWithin(fn: Fn, name: string): Fn | undefined {
  let found: Fn | undefined;
  walk(fn.body, (node) => {
    if (node.type === "FunctionDeclaration" && node.id?.name === name) found = node;
    if (
      node.type === "VariableDeclarator" &&
      node.id.type === "Identifier" &&
      node.id.name === name &&
      isFunction(node.init)
    )
      found = node.init;
  });
  return found;
}

function exportOf(source: Source, name: string): AnyNode | undefined {
  if (name !== "default") {
    for (const node of source.program.body)
      if (node.type === "ExportNamedDeclaration")
        for (const { exported, local } of node.specifiers)
          if (exported.type === "Identifier" && exported.name === name && local.type === "Identifier")
            return declarationOf(source, local.name);
    return declarationOf(source, name);
  }
  const statement = source.program.body.find((node) => node.type === "ExportDefaultDeclaration");
  return statement === undefined ? undefined : resolved(source, statement.declaration);
}
