import { existsSync } from "node:fs";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import type { Models } from "../model/registry.ts";
import { definitionIn, optionLine } from "../workflow/source-definition.ts";
import { CONFIG_FILES } from "./config.ts";
import type { ProjectWorkflow } from "./load-code.ts";
import type { Project } from "./project.ts";

const ONE_OF_EACH = { inputTokens: 1, outputTokens: 1 };

/** Budgets in dollars that cannot be held, since nobody knows the price of a model. */
export async function budgetMistakes(project: Project, models: Models): Promise<FileProblem[]> {
  const budgets = [...project.workflows.values()].map((each) => unpriced(each, project, models));
  return (await Promise.all(budgets)).flat();
}

async function unpriced(
  { workflow, file, sources }: ProjectWorkflow,
  { prompts }: Project,
  models: Models,
): Promise<FileProblem[]> {
  if (workflow.budget.usd === undefined) return [];
  const specs = Object.values(workflow.prompts).map((name) => prompts.latest(name));
  const names = new Set(specs.flatMap((spec) => (spec === undefined ? [] : [spec.model, ...spec.fallbackModels])));
  const without: string[] = [];
  for (const name of names)
    // What cannot be called is told of elsewhere.
    if (!models.problems(name).some(({ code }) => code === "unknown_provider"))
      if ((await models.cost(models.resolve(name), ONE_OF_EACH)).usd === null) without.push(name);
  if (without.length === 0) return [];
  const [source] = sources;
  return [
    {
      file,
      line: source === undefined ? 1 : optionLine(source, definitionIn(source), ["budget", "usd"]),
      code: "unpriced_budget",
      message: `The budget of ${workflow.name} in dollars cannot be held: nobody knows the price of ${without.join(", ")}.`,
      fix: "Set prices in sluice.config.ts, or pricedAs of the provider; budget.modelCalls holds in any case.",
      severity: "warning",
    },
  ];
}

/** Rate limits of providers there are not. */
export function rateLimitMistakes({ dir, config }: Project, models: Models): FileProblem[] {
  const file = CONFIG_FILES.find((name) => existsSync(join(dir, name))) ?? "environment";
  return Object.keys(config.rateLimits).flatMap((name) => {
    const [unknown] = models.problems(name).filter(({ code }) => code === "unknown_provider");
    if (unknown === undefined) return [];
    return [
      {
        file,
        code: "unknown_provider",
        message: `rateLimits: ${unknown.message}`,
        fix: "As it stands this limit is nobody's.",
        severity: "warning",
      } as const,
    ];
  });
}
