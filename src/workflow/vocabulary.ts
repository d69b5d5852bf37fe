import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { ContractSet } from "../contract/contract.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { Workflow } from "./define.ts";

/**
 * The words that a workflow's own schemas list as possible values (`enum`, `const`). They come from the author, so a
 * customer who writes one of them has told nothing by it, and it may stand in a decision in the clear.
 */
export function vocabularyOf(workflow: Workflow, prompts: PromptSet, contracts: ContractSet): Set<string> {
  const words = new Set<string>();
  const schemas: (JsonObject | undefined)[] = [
    workflow.decision?.source,
    ...Object.values(workflow.tools).flatMap((tool) => [tool.args.source, tool.result?.source]),
    ...Object.values(workflow.prompts).flatMap((name) => prompts.versions(name).map((spec) => spec.outputSchema)),
    ...[workflow.on, ...workflow.waitsFor].flatMap(({ type }) =>
      contracts.versions(type).map(({ schema }) => schema.source),
    ),
  ];
  for (const schema of schemas) if (schema !== undefined) collect(schema, words);
  return words;
}

function collect(schema: Json, words: Set<string>): void {
  if (Array.isArray(schema)) for (const item of schema) collect(item, words);
  if (!isObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "const" && typeof value === "string") words.add(value);
    else if (keyword === "enum" && Array.isArray(value)) {
      for (const item of value) if (typeof item === "string") words.add(item);
    } else collect(value, words);
  }
}
