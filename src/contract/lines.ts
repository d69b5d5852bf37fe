import type { Json, Problem } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { duplicateKeys, roundedIntegers } from "../base/scan-json.ts";
import type { Schema } from "../base/schema.ts";

/** The verdict on one line of a JSONL file. `line` is 1-based. */
export interface LineVerdict {
  line: number;
  valid: boolean;
  /** Empty when it is valid. */
  errors: Problem[];
}

/** Validates JSON documents, one a line, as they come. Blank lines are skipped, but counted. */
export async function* validateLines(
  schema: Schema,
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<LineVerdict> {
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === "") continue;
    const errors = problemsOf(schema, text);
    yield { line, valid: errors.length === 0, errors };
  }
}

function problemsOf(schema: Schema, text: string): Problem[] {
  const read: { value: Json } | { mistake: { message: string; column: number } } = readJson(text);
  if ("mistake" in read) return [{ pointer: "", message: `${read.mistake.message} (column ${read.mistake.column})` }];
  const twice = duplicateKeys(text, read.value);
  const doubtful = twice.length > 0 ? twice : roundedIntegers(text, read.value);
  return doubtful.length > 0 ? doubtful : schema.validate(read.value);
}
