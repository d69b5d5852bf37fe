import type { AnyNode } from "acorn";
import { inertLine } from "../base/inert.ts";
import { functionWithin, isContext, verbOf } from "./source-context.ts";
import type { ContextNames } from "./source-context.ts";
import { childrenOf, declarationOf, textOf, walk } from "./source.ts";
import type { Source } from "./source.ts";

/** Where a piece of source is read: the context's names there, and what the parameters of a helper were given. */
export interface Scope {
  source: Source;
  names: ContextNames;
  /** Parameter → the argument, where it was written. */
  given: ReadonlyMap<string, { node: AnyNode; scope: Scope }>;
}

/** Stands in a step's name for a part that is only known when it runs. */
export const HOLE = "${…}";

const LONGEST = 72;

/** A step's name as far as the source says it; what it does not say is a `HOLE`. */
export function nameIn(node: AnyNode | undefined, scope: Scope, depth = 0): string {
  const text = textOf(node);
  if (text !== undefined) return text;
  if (node === undefined || depth > 8) return HOLE;
  if (node.type === "TemplateLiteral") {
    const parts = node.quasis.map(({ value }, i) => {
      const hole = node.expressions[i];
      return (value.cooked ?? "") + (hole === undefined ? "" : nameIn(hole, scope, depth + 1));
    });
    return oneHole(parts.join(""));
  }
  if (node.type === "BinaryExpression" && node.operator === "+")
    return oneHole(nameIn(node.left, scope, depth + 1) + nameIn(node.right, scope, depth + 1));
  if (node.type === "Identifier") {
    const argument = scope.given.get(node.name);
    if (argument !== undefined) return nameIn(argument.node, argument.scope, depth + 1);
    const declared = constantIn(scope, node.name);
    if (declared !== undefined) return nameIn(declared, scope, depth + 1);
  }
  return HOLE;
}

function oneHole(text: string): string {
  return text.replaceAll(`${HOLE}${HOLE}`, HOLE);
}

/** What a `const` of the function or the file stands for. */
function constantIn({ names, source }: Scope, name: string): AnyNode | undefined {
  let found: AnyNode | undefined;
  let declared = 0;
  walk(names.fn.body, (node) => {
    if (node.type !== "VariableDeclaration") return;
    for (const { id, init } of node.declarations)
      if (id.type === "Identifier" && id.name === name) {
        declared++;
        found = node.kind === "const" ? (init ?? undefined) : undefined;
      }
  });
  if (declared > 0) return declared === 1 ? found : undefined;
  if (names.fn.params.some((param) => param.type === "Identifier" && param.name === name)) return undefined;
  if (functionWithin(names.fn, name) !== undefined) return undefined;
  return declarationOf(source, name);
}

/** A condition's source on one line: thresholds by their bare names, steps by theirs, and no longer than reads well. */
export function conditionIn(node: AnyNode, scope: Scope): { text: string; thresholds: string[] } {
  const thresholds: string[] = [];
  const shown = sourceText(node, scope, thresholds);
  // Parentheses around a name are left over from what the name stands for.
  const text = inertLine(shown).replaceAll(/(^|[^\w\])])\(([\w"' ]+)\)/g, "$1$2");
  return { text: shortened(text), thresholds: [...new Set(thresholds)] };
}

/** One line of source, as it stands there. */
export function plainText(node: AnyNode, source: Source): string {
  return shortened(inertLine(source.text.slice(node.start, node.end)));
}

export function shortened(text: string, longest: number = LONGEST): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).trimEnd()}…`;
}

function sourceText(node: AnyNode, scope: Scope, thresholds: string[]): string {
  const threshold = thresholdIn(node, scope);
  if (threshold !== undefined) {
    thresholds.push(threshold);
    return threshold;
  }
  const step = stepIn(node, scope);
  if (step !== undefined) return step;
  const wait = waitIn(node, scope);
  if (wait !== undefined) return wait;
  let text = "";
  let at = node.start;
  for (const child of childrenOf(node).toSorted((a, b) => a.start - b.start)) {
    if (child.start < at) continue;
    text += scope.source.text.slice(at, child.start) + sourceText(child, scope, thresholds);
    at = child.end;
  }
  return text + scope.source.text.slice(at, node.end);
}

/** `ctx.thresholds.NAME`, `ctx.thresholds["NAME"]`, also with a default behind it. */
function thresholdIn(node: AnyNode, scope: Scope): string | undefined {
  if (node.type === "LogicalExpression" && node.operator === "??" && node.right.type === "Literal")
    return thresholdIn(node.left, scope);
  if (node.type !== "MemberExpression" || !isThresholds(node.object, scope)) return undefined;
  if (node.computed) return textOf(node.property);
  return node.property.type === "Identifier" ? node.property.name : undefined;
}

function isThresholds(node: AnyNode, { names }: Scope): boolean {
  if (node.type === "Identifier") return names.verbs.get(node.name) === "thresholds";
  return (
    node.type === "MemberExpression" &&
    isContext(names, node.object) &&
    node.property.type === "Identifier" &&
    node.property.name === "thresholds"
  );
}

/** `paid === null`, of what a wait has given: whether its time was over. */
function waitIn(node: AnyNode, scope: Scope): string | undefined {
  if (node.type !== "BinaryExpression" || node.left.type !== "Identifier") return undefined;
  if (node.right.type !== "Literal" || node.right.value !== null || !/^[!=]==?$/.test(node.operator)) return undefined;
  const given = constantIn(scope, node.left.name);
  const call = given?.type === "AwaitExpression" ? given.argument : undefined;
  if (call?.type !== "CallExpression" || verbOf(scope.names, call) !== "waitFor") return undefined;
  const name = `"${nameIn(call.arguments[0], scope)}"`;
  return node.operator.startsWith("=") ? `${name} timed out` : `${name} came`;
}

/** A step that is taken within the condition. */
function stepIn(node: AnyNode, scope: Scope): string | undefined {
  const call: AnyNode = node.type === "AwaitExpression" ? node.argument : node;
  if (call.type !== "CallExpression") return undefined;
  const verb = verbOf(scope.names, call);
  if (verb === undefined) return undefined;
  return call.arguments.length === 0 ? `ctx.${verb}()` : `"${nameIn(call.arguments[0], scope)}"`;
}
