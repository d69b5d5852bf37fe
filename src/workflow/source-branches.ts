import type { AnyNode } from "acorn";
import type { Source } from "./source.ts";

/** True where a single pass through the code reaches at most one of two places: branches of a condition, or one behind a return. */
export function excludeEachOther(source: Source, a: AnyNode, b: AnyNode): boolean {
  const [first, second] = a.start <= b.start ? [a, b] : [b, a];
  const above = ancestors(source, second);
  let below: AnyNode = first;
  for (let node = source.parent(first); node !== undefined; [below, node] = [node, source.parent(node)]) {
    const at = above.indexOf(node);
    if (at >= 0) return at > 0 && parted(node, below, above[at - 1] as AnyNode);
  }
  return false;
}

/** The node itself first. */
function ancestors(source: Source, node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  for (let at: AnyNode | undefined = node; at !== undefined; at = source.parent(at)) found.push(at);
  return found;
}

/** Whether the two children of their nearest shared ancestor never run in the same pass. */
function parted(shared: AnyNode, first: AnyNode, second: AnyNode): boolean {
  if (shared.type === "IfStatement" || shared.type === "ConditionalExpression")
    return first === shared.consequent && second === shared.alternate;
  if (shared.type === "SwitchStatement")
    return first.type === "SwitchCase" && second.type === "SwitchCase" && leaves(first.consequent);
  if (shared.type === "BlockStatement" || shared.type === "SwitchCase")
    return first.type === "IfStatement" && leavesForGood(first);
  return false;
}

function leaves(statements: readonly AnyNode[]): boolean {
  const last = statements.at(-1);
  if (last?.type === "BlockStatement") return leaves(last.body);
  return (
    last?.type === "ReturnStatement" ||
    last?.type === "ThrowStatement" ||
    last?.type === "BreakStatement" ||
    last?.type === "ContinueStatement"
  );
}

/** `if (…) { …; return … }` */
function leavesForGood({ consequent, alternate }: Extract<AnyNode, { type: "IfStatement" }>): boolean {
  const ends = (node: AnyNode | null | undefined): boolean => {
    const last = node?.type === "BlockStatement" ? node.body.at(-1) : node;
    return last?.type === "ReturnStatement" || last?.type === "ThrowStatement";
  };
  return ends(consequent) && (alternate === null || alternate === undefined || ends(alternate));
}
