import type { ReleaseMaterial } from "../release/first.ts";
import type { Project } from "./project.ts";

/** The newest version of every prompt, the thresholds and tools that the workflow declares. */
export function materialOf(project: Project, name: string): ReleaseMaterial {
  const { workflow } = project.workflows.get(name) as NonNullable<ReturnType<Project["workflows"]["get"]>>;
  const prompts: ReleaseMaterial["prompts"] = {};
  for (const [slot, prompt] of Object.entries(workflow.prompts)) {
    const spec = project.prompts.get(prompt);
    const fallbacks = spec.fallbackModels.length === 0 ? {} : { fallbacks: spec.fallbackModels };
    prompts[slot] = { prompt, version: spec.version, hash: spec.hash, model: spec.model, ...fallbacks };
  }
  const tools = Object.values(workflow.tools).map((tool) => tool.name);
  return { workflow: name, prompts, thresholds: { ...workflow.thresholds }, tools: tools.sort() };
}
