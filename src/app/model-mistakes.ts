import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { UsageError } from "../base/failure.ts";
import type { Models } from "../model/registry.ts";
import { parseSource } from "../prompt/source.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { Project } from "./project.ts";

/** Versions that new runs are given: the newest of every prompt that a workflow has a slot for. */
export function servedVersions({ workflows, prompts }: Project): Set<PromptSpec> {
  const names = [...workflows.values()].flatMap(({ workflow }) => Object.values(workflow.prompts));
  return new Set(names.map((name) => prompts.latest(name)).filter((spec) => spec !== undefined));
}

/**
 * Models of a version that cannot be called as things stand, with their place in its file. They are errors where the
 * version is `served` and it is its `model`: its runs would fail one by one.
 */
export async function modelMistakes(
  spec: PromptSpec,
  dir: string,
  models: Models,
  served: boolean,
): Promise<FileProblem[]> {
  const { file } = spec;
  const names = [spec.model, ...spec.fallbackModels];
  const problems = names.map((name) => modelProblems(name, models));
  if (file === undefined || problems.every((each) => each.length === 0)) return [];
  const { line } = parseSource(file, await readFile(join(dir, file), "utf8"));
  return problems.flatMap((each, i) =>
    each.map((problem) => ({
      file,
      line: line(i === 0 ? "/model" : `/fallback_models/${i - 1}`),
      ...problem,
      severity: (served && i === 0) || problem.code !== NOT_READY ? "error" : "warning",
    })),
  );
}

const NOT_READY = "model_not_ready";

function modelProblems(name: string, models: Models): Pick<FileProblem, "code" | "message" | "fix">[] {
  try {
    models.resolve(name);
    return models
      .problems(name)
      .map((message) => ({ code: NOT_READY, message, fix: "Every call of it fails until then." }));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const fix = "Declare the provider in sluice.config.ts: providers: { NAME: { baseUrl, apiKeyEnv } }.";
    return [{ code: error.code, message: error.message, fix }];
  }
}
