import { createReadStream } from "node:fs";
import { splitLines } from "../base/lines.ts";
import { NotUtf8, utf8Text } from "../base/utf8.ts";
import { readCsv } from "./csv.ts";
import type { CsvMapping } from "./csv-mapping.ts";
import { readJsonl } from "./read-cases.ts";
import type { ReadCase } from "./read-cases.ts";

export type CaseFormat = "jsonl" | "csv";

/** By the ending of a file's name. */
export function formatOf(file: string): CaseFormat {
  return /\.(csv|tsv)$/i.test(file) ? "csv" : "jsonl";
}

/** Between the cells of a file where nobody says. */
export function defaultDelimiter(file: string): string {
  return /\.tsv$/i.test(file) ? "\t" : ",";
}

/** Cases of bytes as they come, in flat memory. */
export async function* readCases(
  bytes: AsyncIterable<Uint8Array>,
  format: CaseFormat,
  mapping: CsvMapping | null,
): AsyncGenerator<ReadCase> {
  const text = utf8Text(bytes);
  try {
    yield* format === "csv" ? readCsv(text, mapping) : readJsonl(splitLines(text));
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    const fix = 'Convert the file first, as with "iconv -f LATIN1 -t UTF-8".';
    yield { line: error.line, problem: { code: "syntax", message: "The line is not UTF-8.", fix } };
  }
}

export async function* readCaseFile(path: string, mapping: CsvMapping | null): AsyncGenerator<ReadCase> {
  yield* readCases(createReadStream(path), formatOf(path), mapping);
}
