import type { AnyNode } from "acorn";
import { overrideMistakes } from "../base/failure-overrides.ts";
import type { FileProblem } from "../base/failure.ts";
import type { VerbCall } from "./source-body.ts";
import { problem } from "./source-problem.ts";
import { propertyOf, textOf } from "./source.ts";

/** Mistakes in what a step changes about the failure table, as far as it is written out. `options`: of the step. */
export function failureMistakes(call: VerbCall, options: AnyNode | undefined): FileProblem[] {
  const failures = propertyOf(options, "failures")?.value;
  if (failures?.type !== "ObjectExpression") return [];
  return overrideMistakes(valueOf(failures)).map(({ path, message, fix }) =>
    problem(call.source, placeIn(failures, path.slice(1)), "wrong_failures", message, fix),
  );
}

/** What is written out, as a value; undefined for everything that is only known when it runs. */
function valueOf(node: AnyNode): unknown {
  if (node.type === "Literal") return node.value;
  if (node.type === "UnaryExpression" && node.operator === "-") {
    const value = valueOf(node.argument);
    return typeof value === "number" ? -value : undefined;
  }
  if (node.type !== "ObjectExpression") return textOf(node);
  const entries = node.properties.flatMap((property) => {
    if (property.type !== "Property" || property.computed) return [];
    const key = property.key.type === "Identifier" ? property.key.name : textOf(property.key);
    return key === undefined ? [] : [[key, valueOf(property.value)] as const];
  });
  return Object.fromEntries(entries);
}

function placeIn(node: AnyNode, [key, ...rest]: readonly string[]): AnyNode {
  const found = key === undefined ? undefined : propertyOf(node, key);
  if (found === undefined) return node;
  return rest.length === 0 ? found.key : placeIn(found.value, rest);
}
