import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import { openModels } from "../model/registry.ts";
import { parseSource } from "../prompt/source.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { workflowMistakes } from "../workflow/source-check.ts";
import { waitMistakes } from "../workflow/source-waits.ts";
import type { Env } from "./config.ts";
import type { ProjectWorkflow, UnfitWorkflow } from "./load-code.ts";
import { budgetMistakes, rateLimitMistakes } from "./limit-mistakes.ts";
import { modelMistakes, servedVersions } from "./model-mistakes.ts";
import { inOrder, noProject } from "./project.ts";
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

function workflowProblems(
  each: ProjectWorkflow | UnfitWorkflow,
  { prompts, suiteNames, contracts }: Project,
): FileProblem[] {
  const found = [
    ...workflowMistakes(each.workflow, each.sources, prompts, suiteNames),
    ...waitMistakes(each.workflow, each.sources, contracts),
  ];
  // What is there but wrong is not missing as well.
  return "wrong" in each
    ? found.filter(
        ({ code }) =>
          !each.wrong.some(
            (option) => code === `no_${option}` || (option === "waitsFor" && code === "undeclared_wait"),
          ),
      )
    : found;
}

function emptyProject({ dir, problems, workflows }: Project): FileProblem[] {
  if (workflows.size > 0 || problems.some(({ severity }) => severity === "error")) return [];
  const missing = noProject(dir);
  if (missing !== null) return [missing];
  return [
    {
      file: "workflows",
      severity: "error",
      code: "no_workflows",
      message: "There is no workflow, so no event leads to anything.",
      fix: "Write workflows/NAME.ts: export default workflow(…).",
    },
  ];
}

async function promptMistakes(project: Project, env: Env): Promise<FileProblem[]> {
  const { dir, config, prompts, suiteNames } = project;
  const never = (): Promise<never> => Promise.reject(new Error("A check calls no model."));
  const models = openModels({ config, env, startLocal: never, scripted: { call: never } });
  const served = servedVersions(project);
  const found = await Promise.all(
    prompts
      .all()
      .flatMap((spec) => [settingMistakes(spec, dir, suiteNames), modelMistakes(spec, dir, models, served.has(spec))]),
  );
  const limits = [...(await budgetMistakes(project, models)), ...rateLimitMistakes(project, models)];
  await models.close();
  return [...found.flat(), ...limits];
}

async function settingMistakes(spec: PromptSpec, dir: string, suites: readonly string[]): Promise<FileProblem[]> {
  const { file, evalSuite } = spec;
  const unmeasured = evalSuite !== undefined && !suites.includes(evalSuite);
  if (file === undefined || !unmeasured) return [];
  const { line } = parseSource(file, await readFile(join(dir, file), "utf8"));
  const message = `The eval suite "${evalSuite}" is not in evals/, so nothing measures this prompt.`;
  const fix = didYouMean(evalSuite, suites) || `Write evals/${evalSuite}/suite.yaml.`;
  return [{ file, line: line("/eval_suite"), code: "no_eval_suite", message, fix, severity: "warning" }];
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
