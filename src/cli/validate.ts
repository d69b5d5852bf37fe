import type { Command } from "commander";
import { ProjectError } from "../base/failure.ts";
import type { FileProblem } from "../base/failure.ts";
import { locator, readJson } from "../base/position.ts";
import { SchemaError, compileSchema } from "../base/schema.ts";
import type { Schema } from "../base/schema.ts";
import { validateLines } from "../contract/lines.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import { inputLines } from "./input-lines.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./print.ts";
import { readInput } from "./project-folder.ts";

/** `sluice validate`: documents against a schema, as contracts and prompts would judge them. */
export function define(command: Command, io: Io): void {
  withExamples(command, [
    [
      "sluice validate --schema S.json --data D.jsonl",
      'prints {"line","valid","errors"} for each line; 1 when one is invalid',
    ],
  ])
    .requiredOption("--schema <file>", "a JSON Schema (2020-12, or draft-07 by its $schema)")
    .requiredOption("--data <file>", "one JSON document a line; - for standard input")
    .option("--json", "the output is JSON lines with or without it")
    .action(async (options: { schema: string; data: string }) => {
      const schema = readSchema(options.schema, await readInput(options.schema, io));
      let total = 0;
      let invalid = 0;
      for await (const verdict of validateLines(schema, await inputLines(options.data, io))) {
        total++;
        if (!verdict.valid) invalid++;
        io.out(`${jsonText(verdict, 0)}\n`);
      }
      if (invalid > 0) throw new Exit(EXIT.failed, `${invalid} of ${total} documents are invalid.`);
    });
}

function readSchema(file: string, text: string): Schema {
  const refused = (problem: Omit<FileProblem, "file" | "severity">): ProjectError =>
    new ProjectError([{ file, severity: "error", ...problem }]);
  const read = readJson(text);
  if ("mistake" in read)
    throw refused({ ...read.mistake, code: "syntax", fix: "The schema has to be one JSON document." });
  try {
    return compileSchema(read.value);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const locate = locator(text);
    throw new ProjectError(
      error.problems.map(({ pointer, message }) => ({
        file,
        ...locate(pointer),
        code: "bad_schema",
        message: `${pointer === "" ? "The schema" : pointer}: ${message}`,
        severity: "error",
      })),
    );
  }
}
