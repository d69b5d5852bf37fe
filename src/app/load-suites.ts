import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileProblem } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { didYouMean } from "../base/suggest.ts";
import { FieldReader } from "../prompt/fields.ts";
import type { PromptSet } from "../prompt/set.ts";
import { isFile, isFileWithin } from "./is-file.ts";
import { parseSource } from "../prompt/source.ts";

export interface ProjectSuite {
  /** Relative to the project, as those of the datasets. */
  file: string;
  /** One of the two is set. */
  prompt: string | null;
  workflow: string | null;
  datasets: readonly { file: string; kind: string; cases: number }[];
}

export interface LoadedSuites {
  suites: Map<string, ProjectSuite>;
  /** Of all there are, those with mistakes included. */
  names: string[];
  problems: FileProblem[];
}

const SUITE_FILES = ["suite.yaml", "suite.yml", "suite.json"];
const KEYS = ["name", "description", "prompt", "workflow", "datasets", "slices", "targets"];
const KINDS = ["golden", "edge", "negative", "regression", "adversarial"];

/**
 * Reads `evals/NAME/suite.yaml` with its datasets, and looks at `alerts.yaml`.
 * `workflows`: their names; null where not all of them could be loaded, so that nobody knows.
 */
export async function loadSuites(
  dir: string,
  prompts: PromptSet,
  workflows: readonly string[] | null,
): Promise<LoadedSuites> {
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
    const suite = await loadSuite(dir, name, file, prompts, workflows, problems);
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
  prompts: PromptSet,
  workflows: readonly string[] | null,
  problems: FileProblem[],
): Promise<ProjectSuite | undefined> {
  const reader = await openFile(
    dir,
    file,
    "A suite is a group of settings: name, prompt (or workflow), datasets, targets.",
    problems,
  );
  if (reader === undefined) return undefined;
  reader.only(KEYS);
  const name = reader.text("name", { required: `Write "name: ${folder}".` });
  if (name !== undefined && name !== folder)
    reader.problem(
      "/name",
      "name_mismatch",
      `The name is "${name}" but its folder is "${folder}".`,
      `Write "name: ${folder}", or rename the folder.`,
    );
  const prompt = subject(reader, "prompt", [...prompts.names(), ...(await folders(join(dir, "prompts")))]);
  const workflow = subject(reader, "workflow", workflows);
  if (reader.object["prompt"] === undefined && reader.object["workflow"] === undefined)
    reader.problem(
      "",
      "no_subject",
      "The suite says neither which prompt nor which workflow it tests.",
      'Write "prompt: NAME", or "workflow: NAME" for the full path.',
    );
  reader.list("targets");
  reader.list("slices");
  const datasets = await loadDatasets(dir, folder, reader);
  problems.push(...reader.problems);
  return reader.problems.some((problem) => problem.severity === "error")
    ? undefined
    : { file, prompt, workflow, datasets };
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

function subject(reader: FieldReader, key: "prompt" | "workflow", known: readonly string[] | null): string | null {
  const name = reader.text(key);
  if (name === undefined) return null;
  if (known !== null && !known.includes(name))
    reader.problem(`/${key}`, `unknown_${key}`, `There is no ${key} "${name}".`, didYouMean(name, known));
  return name;
}

async function loadDatasets(dir: string, folder: string, reader: FieldReader): Promise<ProjectSuite["datasets"]> {
  const datasets: { file: string; kind: string; cases: number }[] = [];
  if (reader.object["datasets"] === undefined)
    reader.problem(
      "",
      "no_datasets",
      "The suite names no datasets.",
      'Write "datasets: [{file: golden.jsonl, kind: golden}]".',
    );
  for (const [i, item] of (reader.list("datasets") ?? []).entries()) {
    const place = `/datasets/${i}`;
    if (!isObject(item) || typeof item["file"] !== "string" || typeof item["kind"] !== "string") {
      reader.problem(
        place,
        "wrong_type",
        "A dataset has a file and a kind.",
        "Write {file: golden.jsonl, kind: golden}.",
      );
      continue;
    }
    if (!KINDS.includes(item["kind"]))
      reader.problem(
        `${place}/kind`,
        "wrong_value",
        `There is no kind "${item["kind"]}" of dataset.`,
        didYouMean(item["kind"], KINDS),
      );
    const file = `evals/${folder}/${item["file"]}`;
    if (isFileWithin(dir, join(dir, file)))
      datasets.push({ file, kind: item["kind"], cases: await countCases(dir, file, reader) });
    else
      reader.problem(
        `${place}/file`,
        "no_dataset",
        `There is no file ${file} in the project.`,
        didYouMean(item["file"], await jsonl(join(dir, "evals", folder))),
      );
  }
  return datasets;
}

async function jsonl(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
}

async function countCases(dir: string, file: string, reader: FieldReader): Promise<number> {
  const ids = new Map<string, number>();
  let cases = 0;
  for (const [i, text] of (await readFile(join(dir, file), "utf8")).split("\n").entries()) {
    if (text.trim() === "") continue;
    cases++;
    const read = readJson(text);
    const report = (code: string, message: string, fix: string): void =>
      reader.report({ file, line: i + 1, code, message, fix, severity: "error" });
    if ("mistake" in read) report("syntax", read.mistake.message, "A case is one JSON object on one line.");
    else checkCase(read.value, ids, i + 1, report);
  }
  return cases;
}

function checkCase(
  value: Json,
  ids: Map<string, number>,
  line: number,
  report: (code: string, message: string, fix: string) => void,
): void {
  if (
    !isObject(value) ||
    typeof value["id"] !== "string" ||
    !isObject(value["input"]) ||
    value["expected"] === undefined
  ) {
    report(
      "bad_case",
      "A case has an id (text), an input (an object) and what is expected.",
      'Write {"id":"…","input":{…},"expected":{…}}.',
    );
    return;
  }
  const other = ids.get(value["id"]);
  if (other !== undefined)
    report("duplicate_case", `The case "${value["id"]}" is on line ${other} too.`, "Give one of them another id.");
  ids.set(value["id"], line);
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
