import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { readCaseFile } from "../eval/case-files.ts";
import type { EvalCase } from "../eval/case.ts";
import { caseHash } from "../eval/check-case.ts";
import { DatasetHash } from "../eval/dataset-hash.ts";
import { isDatasetName } from "../eval/load-suite.ts";
import { uniqueCases } from "../eval/read-cases.ts";
import type { SuiteDataset } from "../eval/suite.ts";
import type { FieldReader } from "../prompt/fields.ts";
import { isFileWithin } from "./is-file.ts";

/** What a dataset's file holds now. */
export interface DatasetContent {
  /** As that of the version it would be published as. */
  hash: string;
  cases: number;
}

/** What a case is held against beside its own form: what is wrong with it there. */
export type CaseCheck = (each: EvalCase) => readonly { message: string; fix: string }[];

/** Most warnings about cases of one file: the same is often wrong with all of them. */
const MAX_WARNINGS = 5;

/**
 * Reads every case of a suite's files. Mistakes go to the reader; a case id is there once in all of them. By name, and without
 * the datasets that are in the store only.
 */
export async function loadDatasets(
  dir: string,
  datasets: readonly SuiteDataset[],
  reader: FieldReader,
  check: CaseCheck,
): Promise<Map<string, DatasetContent>> {
  const contents = new Map<string, DatasetContent>();
  const seen = new Map<string, string>();
  for (const dataset of datasets) {
    if (dataset.file === null) continue;
    if (!isFileWithin(dir, join(dir, dataset.file))) await missingFile(dir, dataset.file, reader);
    else if (!isDatasetName(dataset.name)) badName(dataset.file, reader);
    else contents.set(dataset.name, await loadDataset(dir, dataset, dataset.file, reader, seen, check));
  }
  return contents;
}

function badName(file: string, reader: FieldReader): void {
  const message =
    "The dataset is published under the name of its suite and file, which has other characters than names may have.";
  reader.report({ file, line: 1, code: "bad_dataset_name", message, fix: "Use letters, digits, dots, - and _.", severity: "error" }); // prettier-ignore
}

async function missingFile(dir: string, file: string, reader: FieldReader): Promise<void> {
  const at = file.lastIndexOf("/");
  const siblings = await readdir(join(dir, file.slice(0, at))).catch((): string[] => []);
  const known = siblings.filter((name) => /\.(jsonl|csv|tsv)$/i.test(name));
  const list = reader.object["datasets"];
  const index = Array.isArray(list)
    ? list.findIndex((each) => isObject(each) && file.endsWith(`/${String(each["file"])}`))
    : 0;
  const message = `There is no file ${file} in the project.`;
  reader.problem(`/datasets/${index}/file`, "no_dataset", message, didYouMean(file.slice(at + 1), known));
}

async function loadDataset(
  dir: string,
  dataset: SuiteDataset,
  file: string,
  reader: FieldReader,
  seen: Map<string, string>,
  check: CaseCheck,
): Promise<DatasetContent> {
  const hash = new DatasetHash(dataset.kind);
  let warnings = 0;
  let found = 0;
  const place = (line: number): string => `on line ${line} of ${file}`;
  for await (const read of uniqueCases(readCaseFile(join(dir, file), dataset.mapping), seen, place)) {
    found++;
    if ("problem" in read) {
      reader.report({ file, line: read.line, ...read.problem, severity: "error" });
      continue;
    }
    hash.add(caseHash(read.case));
    const doubts = warnings < MAX_WARNINGS ? check(read.case) : [];
    for (const doubt of doubts)
      reader.report({ file, line: read.line, code: "unfit_case", ...doubt, severity: "warning" });
    warnings += doubts.length;
  }
  if (found === 0)
    reader.report({ file, line: 1, code: "empty_dataset", message: "The dataset holds no case.", fix: "Write one case to a line, or take the dataset out of the suite.", severity: "warning" }); // prettier-ignore
  return { hash: hash.digest(), cases: hash.cases };
}
