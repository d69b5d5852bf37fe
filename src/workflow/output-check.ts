import type { Source } from "./source.ts";
import type { Workflow } from "./define.ts";
import { readBody } from "./source-body.ts";

/**
 * Whether what the prompts say is checked by more than its schema, as far as the source shows it: by a rule that stands
 * behind a prompt, or by a tool that looks up the ids it is given.
 */
export function checksOutput(workflow: Workflow, sources: readonly Source[]): boolean {
  if (Object.values(workflow.tools).some(({ ids }) => Object.keys(ids).length > 0)) return true;
  const verbs = readBody(sources)?.verbs ?? [];
  const prompts = verbs.filter(({ verb }) => verb === "prompt");
  return verbs.some(
    (rule) =>
      rule.verb === "rule" &&
      prompts.some((prompt) => prompt.source !== rule.source || prompt.node.start < rule.node.start),
  );
}
