import { createHash } from "node:crypto";
import { canonicalJson, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { FieldReader } from "../prompt/fields.ts";
import { defaultDelimiter, formatOf } from "./case-files.ts";
import { DATASET_KINDS } from "./case.ts";
import type { DatasetKind } from "./case.ts";
import { readMapping } from "./csv-mapping.ts";
import type { CsvMapping } from "./csv-mapping.ts";
import { readTargets } from "./read-targets.ts";
import type { Suite, SuiteDataset } from "./suite.ts";

const KEYS = ["name", "description", "prompt", "workflow", "datasets", "slices", "scorers", "targets"];
const FILE_KEYS = ["file", "kind", "map", "set", "delimiter"];
const STORED_KEYS = ["dataset", "kind"];
/** Of a dataset: it stands in addresses and on command lines. */
const DATASET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** What a suite is read against. */
export interface SuiteSurroundings {
  /** Its folder below `evals/`. */
  folder: string;
  prompts: readonly string[];
  /** Null where not all of them could be loaded, so that nobody knows. */
  workflows: readonly string[] | null;
  /** Names of custom scorers in the file that the suite names; null where it could not be loaded. */
  scorers: readonly string[] | null;
}

/** Reads a suite. Mistakes go to the reader; `suite` is null where there is one, and `datasets` those that can be read. */
export function readSuite(
  reader: FieldReader,
  around: SuiteSurroundings,
): { suite: Suite | null; datasets: readonly SuiteDataset[] } {
  const { folder } = around;
  reader.only(KEYS);
  const name = reader.text("name", { required: `Write "name: ${folder}".` });
  if (name !== undefined && name !== folder)
    reader.problem("/name", "name_mismatch", `The name is "${name}" but its folder is "${folder}".`, `Write "name: ${folder}", or rename the folder.`); // prettier-ignore
  const subject = readSubject(reader, around);
  const suite = {
    name: folder,
    description: reader.text("description") ?? "",
    datasets: readDatasets(reader, folder),
    slices: readSlices(reader),
    targets: readTargets(reader, around.scorers),
    scorers: scorersFile(reader, folder),
    file: reader.source.file,
  };
  const { datasets } = suite;
  if (subject === null || reader.problems.some(({ severity }) => severity === "error"))
    return { suite: null, datasets };
  return { suite: { ...suite, subject, hash: hashOf({ ...suite, subject }) }, datasets };
}

/** Where its custom scorers are, relative to the project; null: it has none. Mistakes go to the reader of the suite itself. */
export function scorersFile(reader: FieldReader, folder: string): string | null {
  const file = reader.text("scorers");
  return file === undefined ? null : `evals/${folder}/${file}`;
}

function readSubject(reader: FieldReader, { prompts, workflows }: SuiteSurroundings): Suite["subject"] | null {
  const prompt = subjectNamed(reader, "prompt", prompts);
  const workflow = subjectNamed(reader, "workflow", workflows);
  if (prompt !== null && workflow !== null)
    reader.problem("/workflow", "two_subjects", "A suite tests a prompt or a workflow, not both.", "Write a suite for each."); // prettier-ignore
  if ((reader.object["prompt"] ?? reader.object["workflow"]) === undefined)
    reader.problem(
      "",
      "no_subject",
      "The suite says neither which prompt nor which workflow it tests.",
      'Write "prompt: NAME", or "workflow: NAME" for the full path.',
    );
  if (prompt !== null) return { kind: "prompt", prompt };
  return workflow === null ? null : { kind: "workflow", workflow };
}

function subjectNamed(reader: FieldReader, key: "prompt" | "workflow", known: readonly string[] | null): string | null {
  const name = reader.text(key);
  if (name === undefined) return null;
  if (known !== null && !known.includes(name))
    reader.problem(`/${key}`, `unknown_${key}`, `There is no ${key} "${name}".`, didYouMean(name, known));
  return name;
}

function readSlices(reader: FieldReader): string[] {
  const list = reader.list("slices") ?? [];
  return list.flatMap((path, index) => {
    const good = typeof path === "string" && path.split(".").every((part) => part !== "");
    if (good && list.indexOf(path) === index) return [path];
    if (good)
      reader.problem(`/slices/${index}`, "duplicate_slice", `The slice "${path}" is there twice.`, "Take one out.");
    else
      reader.problem(
        `/slices/${index}`,
        "wrong_type",
        "A slice is a path into the input.",
        "Write it like customer.plan.",
      );
    return [];
  });
}

function readDatasets(reader: FieldReader, folder: string): SuiteDataset[] {
  const list = reader.list("datasets");
  if (reader.object["datasets"] === undefined || list?.length === 0)
    reader.problem(
      "",
      "no_datasets",
      "The suite names no datasets.",
      'Write "datasets: [{file: golden.jsonl, kind: golden}]".',
    );
  const datasets: SuiteDataset[] = [];
  for (const [index, item] of (list ?? []).entries()) {
    const dataset = readDataset(reader, item, `/datasets/${index}`, folder);
    if (dataset === null) continue;
    if (datasets.some(({ name }) => name === dataset.name))
      reader.problem(`/datasets/${index}`, "duplicate_dataset", `The dataset "${dataset.name}" is named twice.`, "Take one out, or give one of the files another name."); // prettier-ignore
    else datasets.push(dataset);
  }
  return datasets;
}

function readDataset(reader: FieldReader, item: Json, at: string, folder: string): SuiteDataset | null {
  const named = isObject(item) ? (item["file"] ?? item["dataset"]) : undefined;
  if (!isObject(item) || typeof named !== "string" || named === "" || typeof item["kind"] !== "string") {
    reader.problem(
      at,
      "wrong_type",
      "A dataset has a file and a kind.",
      "Write {file: golden.jsonl, kind: golden}, or {dataset: NAME, kind: golden} for one that was imported.",
    );
    return null;
  }
  const { file, kind } = item;
  reader.only(file === undefined ? STORED_KEYS : FILE_KEYS, item, at);
  if (!DATASET_KINDS.includes(kind as DatasetKind))
    reader.problem(
      `${at}/kind`,
      "wrong_value",
      `There is no kind "${kind}" of dataset.`,
      didYouMean(kind, DATASET_KINDS),
    );
  const name = file === undefined ? named : datasetName(folder, named);
  // A file's name is looked at where the file is there.
  if (file === undefined && !isDatasetName(name))
    reader.problem(`${at}/dataset`, "bad_dataset_name", `"${name}" cannot be the name of a dataset.`, "Use letters, digits, dots, - and _."); // prettier-ignore
  return {
    name,
    file: file === undefined ? null : `evals/${folder}/${named}`,
    kind: kind as DatasetKind,
    mapping: file === undefined ? null : mappingOf(reader, item, at, named),
  };
}

/** The name under which a file of a suite is published. */
function datasetName(folder: string, file: string): string {
  return `${folder}.${file.replace(/\.[^./]*$/, "").replaceAll("/", ".")}`;
}

export function isDatasetName(name: string): boolean {
  return DATASET_NAME.test(name);
}

function mappingOf(reader: FieldReader, item: JsonObject, at: string, file: string): CsvMapping | null {
  const { map, set, delimiter } = item;
  const given = [map, set, delimiter].some((each) => each !== undefined);
  if (formatOf(file) === "jsonl") {
    if (given)
      reader.problem(at, "unused_mapping", "Only the columns of a CSV file are mapped; this file is JSONL.", "Take map, set and delimiter out, or name a .csv file."); // prettier-ignore
    return null;
  }
  if (!given) return null;
  const { mapping, problems } = readMapping(
    map ?? {},
    set ?? {},
    typeof delimiter === "string" ? delimiter : defaultDelimiter(file),
  );
  for (const { pointer, message } of problems)
    reader.problem(`${at}${pointer}`, "bad_mapping", `"${pointer.slice(1)}" ${message}`);
  return mapping;
}

/** What evidence is bound to: everything of the suite but its words for people. */
function hashOf({ name, subject, datasets, slices, targets, scorers }: Omit<Suite, "hash">): string {
  const contents = datasets.map((each) => ({ name: each.name, kind: each.kind, mapping: each.mapping }));
  const document = { name, subject, datasets: contents, slices, targets, scorers };
  return createHash("sha256")
    .update(canonicalJson(document as unknown as Json))
    .digest("hex");
}
