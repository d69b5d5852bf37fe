import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import { readSuite, scorersFile } from "../eval/load-suite.ts";
import type { Scorers } from "../eval/scorers.ts";
import type { Suite } from "../eval/suite.ts";
import { FieldReader } from "../prompt/fields.ts";
import { parseSource } from "../prompt/source.ts";
import { isFile } from "./is-file.ts";
import { loadDatasets } from "./load-datasets.ts";
import type { DatasetContent } from "./load-datasets.ts";
import { loadScorers } from "./load-scorers.ts";
import { caseDoubts, fitOf, noteTargetDoubts } from "./suite-fit.ts";
import type { Subjects } from "./suite-fit.ts";

/** A suite of the project, with what its files hold now. */
export interface ProjectSuite extends Suite {
  /** By name of the dataset; those that are in the store only are not among them. */
  contents: ReadonlyMap<string, DatasetContent>;
  /** Its custom scorers, loaded; null: it has none. */
  scoring: Scorers | null;
}

export interface LoadedSuites {
  suites: Map<string, ProjectSuite>;
  /** Of all there are, those with mistakes included. */
  names: string[];
  problems: FileProblem[];
}

const SUITE_FILES = ["suite.yaml", "suite.yml", "suite.json"];

/**
 * Reads `evals/NAME/suite.yaml` with its datasets, and looks at `alerts.yaml`.
 * `subjects`: what the suites are held against.
 */
export async function loadSuites(dir: string, subjects: Subjects): Promise<LoadedSuites> {
  const suites = new Map<string, ProjectSuite>();
  const names: string[] = [];
  const problems: FileProblem[] = await alertProblems(dir);
  for (const name of await folders(join(dir, "evals"))) {
    const file = SUITE_FILES.map((each) => `evals/${name}/${each}`).find((each) => isFile(join(dir, each)));
    if (file === undefined) {
      problems.push({
        file: `evals/${name}`,
        code: "no_suite",
        message: "This folder has no suite.yaml, so its cases are in no suite.",
        fix: `Write evals/${name}/suite.yaml with name, prompt (or workflow), datasets and targets.`,
        severity: "error",
      });
      continue;
    }
    names.push(name);
    const suite = await loadSuite(dir, name, file, subjects, problems);
    if (suite !== undefined) suites.set(name, suite);
  }
  return { suites, names, problems };
}

async function folders(path: string): Promise<string[]> {
  const found = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return found
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .sort();
}

async function loadSuite(
  dir: string,
  folder: string,
  file: string,
  subjects: Subjects,
  problems: FileProblem[],
): Promise<ProjectSuite | undefined> {
  const reader = await openFile(
    dir,
    file,
    "A suite is a group of settings: name, prompt (or workflow), datasets, targets.",
    problems,
  );
  if (reader === undefined) return undefined;
  const code = typeof reader.object["scorers"] === "string" ? scorersFile(reader, folder) : null;
  const loaded = code === null ? null : await loadScorers(dir, code);
  for (const problem of loaded?.problems ?? []) reader.report(problem);
  const { suite, datasets } = readSuite(reader, {
    folder,
    prompts: [...subjects.prompts.names(), ...(await folders(join(dir, "prompts")))],
    workflows: subjects.workflows === null ? null : [...subjects.workflows.keys()],
    scorers: loaded === null ? [] : (loaded.scorers?.names ?? null),
  });
  const fit = fitOf(suite, subjects);
  const contents = await loadDatasets(dir, datasets, reader, (each) => caseDoubts(fit, each));
  if (suite !== null) noteTargetDoubts(fit, suite, reader);
  problems.push(...reader.problems);
  if (suite === null || reader.problems.some(({ severity }) => severity === "error")) return undefined;
  return { ...suite, contents, scoring: loaded?.scorers ?? null };
}

async function openFile(
  dir: string,
  file: string,
  shape: string,
  problems: FileProblem[],
): Promise<FieldReader | undefined> {
  const source = parseSource(file, await readFile(join(dir, file), "utf8"));
  if (source.problems.length === 0 && isObject(source.value)) return new FieldReader(source, source.value);
  problems.push(...source.problems);
  if (source.problems.length === 0)
    problems.push({
      file,
      line: 1,
      code: "wrong_type",
      message: shape,
      fix: 'Write "name: …", "prompt: …" and "datasets: [{file: golden.jsonl, kind: golden}]".',
      severity: "error",
    });
  return undefined;
}

async function alertProblems(dir: string): Promise<FileProblem[]> {
  const file = "alerts.yaml";
  if (!isFile(join(dir, file))) return [];
  const source = parseSource(file, await readFile(join(dir, file), "utf8"));
  if (source.problems.length > 0 || source.value === null || typeof source.value === "object") return source.problems;
  return [
    {
      file,
      line: 1,
      code: "wrong_type",
      message: "Alerts are written as a list or a group of settings.",
      fix: "Write one alert to an item.",
      severity: "error",
    },
  ];
}
