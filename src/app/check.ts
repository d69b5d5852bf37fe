import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import { openModels } from "../model/registry.ts";
import type { Models } from "../model/registry.ts";
import { parseSource } from "../prompt/source.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { workflowMistakes } from "../workflow/source-check.ts";
import { CONFIG_FILES } from "./config.ts";
import type { Env } from "./config.ts";
import type { ProjectWorkflow, UnfitWorkflow } from "./load-code.ts";
import { inOrder } from "./project.ts";
import type { Project } from "./project.ts";
import { typesProblems } from "./types.ts";

/** Every mistake in a project, those it can run with included: in the order of files and lines. */
export async function checkProject(project: Project, env: Env = process.env): Promise<FileProblem[]> {
  const workflows = [...project.workflows.values(), ...project.unfit].flatMap((each) =>
    workflowProblems(each, project),
  );
  const prompts = await promptMistakes(project, env);
  return inOrder([
    ...project.problems,
    ...emptyProject(project),
    ...workflows,
    ...prompts,
    ...toolMistakes(project),
    ...(await typesProblems(project)),
  ]);
}

function workflowProblems(each: ProjectWorkflow | UnfitWorkflow, { prompts, suiteNames }: Project): FileProblem[] {
  const found = workflowMistakes(each.workflow, each.sources, prompts, suiteNames);
  // What is there but wrong is not missing as well.
  return "wrong" in each ? found.filter(({ code }) => !each.wrong.some((option) => code === `no_${option}`)) : found;
}

function emptyProject({ dir, problems, workflows }: Project): FileProblem[] {
  if (workflows.size > 0 || problems.some(({ severity }) => severity === "error")) return [];
  const begun = [...CONFIG_FILES, "workflows", "events", "prompts"].some((name) => existsSync(join(dir, name)));
  const problem = { file: begun ? "workflows" : ".", severity: "error" } as const;
  if (begun)
    return [
      {
        ...problem,
        code: "no_workflows",
        message: "There is no workflow, so no event leads to anything.",
        fix: "Write workflows/NAME.ts: export default workflow(…).",
      },
    ];
  return [
    {
      ...problem,
      code: "no_project",
      message: `${dir} is no Sluice project: it has no sluice.config.ts, no workflows, events or prompts.`,
      fix: 'Go to the project folder (or use --dir), or make one: "sluice init my-project".',
    },
  ];
}

async function promptMistakes({ dir, config, prompts, suiteNames }: Project, env: Env): Promise<FileProblem[]> {
  const never = (): Promise<never> => Promise.reject(new Error("A check calls no model."));
  const models = openModels({ config, env, startLocal: never, scripted: { call: never } });
  const found = await Promise.all(prompts.all().map((spec) => mistakesOf(spec, dir, models, suiteNames)));
  await models.close();
  return found.flat();
}

async function mistakesOf(
  spec: PromptSpec,
  dir: string,
  models: Models,
  suites: readonly string[],
): Promise<FileProblem[]> {
  const { file, evalSuite } = spec;
  if (file === undefined) return [];
  const { line } = parseSource(file, await readFile(join(dir, file), "utf8"));
  const found: FileProblem[] = [];
  if (evalSuite !== undefined && !suites.includes(evalSuite))
    found.push({
      file,
      line: line("/eval_suite"),
      code: "no_eval_suite",
      message: `The eval suite "${evalSuite}" is not in evals/, so nothing measures this prompt.`,
      fix: didYouMean(evalSuite, suites) || `Write evals/${evalSuite}/suite.yaml.`,
      severity: "warning",
    });
  for (const [i, name] of [spec.model, ...spec.fallbackModels].entries()) {
    const place = { file, line: line(i === 0 ? "/model" : `/fallback_models/${i - 1}`) };
    found.push(...modelProblems(name, models).map((problem) => ({ ...place, ...problem })));
  }
  return found;
}

type ModelProblem = Pick<FileProblem, "code" | "message" | "fix" | "severity">;

function modelProblems(name: string, models: Models): ModelProblem[] {
  try {
    models.resolve(name);
    return models.problems(name).map((message) => ({
      code: "model_not_ready",
      message,
      fix: "Calls of it fail until then.",
      severity: "warning",
    }));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [
      {
        code: error.code,
        message: error.message,
        fix: "Declare the provider in sluice.config.ts: providers: { NAME: { baseUrl, apiKeyEnv } }.",
        severity: "error",
      },
    ];
  }
}

function toolMistakes({ tools }: Project): FileProblem[] {
  return [...tools.values()]
    .filter(({ tool }) => tool.result === null)
    .map(({ tool, file, line }) => ({
      file,
      line,
      code: "unvalidated_output",
      message: `The tool ${tool.name} has no result schema, so what it answers is used without validation.`,
      fix: 'Add result: { type: "object", … }; an answer off it stops the run as tool_drift.',
      severity: "warning",
    }));
}
