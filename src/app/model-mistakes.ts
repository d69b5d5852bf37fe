import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import type { ModelProblem, Models } from "../model/registry.ts";
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
 * version is `served` and it is its `model`: its runs would fail one by one. A missing key is only a warning: it belongs
 * to the environment, and a project is checked where there is none.
 */
export async function modelMistakes(
  spec: PromptSpec,
  dir: string,
  models: Models,
  served: boolean,
): Promise<FileProblem[]> {
  const { file } = spec;
  const names = [spec.model, ...spec.fallbackModels];
  const problems = names.map((name) => models.problems(name));
  if (file === undefined || problems.every((each) => each.length === 0)) return [];
  const { line } = parseSource(file, await readFile(join(dir, file), "utf8"));
  return problems.flatMap((each, i) =>
    each.map(({ code, message }) => ({
      file,
      line: line(i === 0 ? "/model" : `/fallback_models/${i - 1}`),
      code,
      message,
      fix: FIX[code],
      severity: (served && i === 0 && code !== "no_api_key") || code === "unknown_provider" ? "error" : "warning",
    })),
  );
}

const FIX: Record<ModelProblem["code"], string> = {
  unknown_provider: "Declare the provider in sluice.config.ts: providers: { NAME: { baseUrl, apiKeyEnv } }.",
  unknown_model: "Every call of it fails until then.",
  bad_url: "Every call of it fails until then.",
  no_api_key: "Every call of it fails until then.",
};
