import type { Json, Problem } from "../base/json.ts";
import { notPortable } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { duplicateKeys, roundedIntegers } from "../base/scan-json.ts";
import type { EvalCase } from "./case.ts";
import { checkCase } from "./check-case.ts";

/** Longest line of a file of cases, in characters. */
export const MAX_CASE_LENGTH = 1_048_576;
/** Of one file, and of one dataset. */
const MAX_CASES = 1_000_000;

/** What stands in one place of a file: a case, or what is wrong there. `line` is 1-based. */
export type ReadCase = { line: number; case: EvalCase } | { line: number; problem: CaseMistake };

export interface CaseMistake {
  /** `syntax`, `bad_case`, `duplicate_case`, `too_long`, `too_many_cases`; of CSV also `bad_row`, `bad_header`. */
  code: string;
  message: string;
  fix: string;
}

/** Reads cases from JSONL, line by line. Lines with nothing on them are passed over. One mistake does not end the reading. */
export async function* readJsonl(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<ReadCase> {
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === "") continue;
    if (text.length > MAX_CASE_LENGTH) yield { line, problem: tooLong() };
    else yield* caseOf(text, line);
  }
}

function tooLong(): CaseMistake {
  const fix = "A case is one line; split what is in it, or leave out what the prompt does not need.";
  return { code: "too_long", message: `The line is longer than ${MAX_CASE_LENGTH} characters.`, fix };
}

function* caseOf(text: string, line: number): Generator<ReadCase> {
  const read = readJson(text);
  if ("mistake" in read) {
    const { message, column } = read.mistake;
    yield { line, problem: { code: "syntax", message: `${message} (column ${column})`, fix: "A case is one JSON object on one line." } }; // prettier-ignore
    return;
  }
  const doubtful = doubts(text, read.value);
  for (const { pointer, message } of doubtful)
    yield { line, problem: { code: "syntax", message: `${pointer} ${message}.`.trimStart(), fix: "Mend the line." } };
  if (doubtful.length === 0) yield* checkedCase(read.value, line);
}

/** What JSON.parse lets pass, and which is not what somebody meant. */
function doubts(text: string, value: Json): Problem[] {
  const twice = duplicateKeys(text, value);
  return twice.length > 0 ? twice : [...notPortable(value), ...roundedIntegers(text, value)];
}

export function* checkedCase(document: Json, line: number): Generator<ReadCase> {
  const checked = checkCase(document);
  if (checked.case !== null) yield { line, case: checked.case };
  for (const { pointer, message, fix } of checked.problems)
    yield { line, problem: { code: "bad_case", message: pointer === "" ? message : `${pointer}: ${message}`, fix } };
}

/** Passes cases on and names those whose id came before, and those beyond what a dataset may hold. */
export async function* uniqueCases(
  cases: AsyncIterable<ReadCase>,
  seen: Map<string, string> = new Map(),
  place: (line: number) => string = (line) => `on line ${line}`,
): AsyncGenerator<ReadCase> {
  let count = 0;
  for await (const read of cases) {
    if ("problem" in read) {
      yield read;
      continue;
    }
    if (++count > MAX_CASES) {
      yield { line: read.line, problem: tooMany() };
      return;
    }
    const other = seen.get(read.case.id);
    if (other === undefined) {
      seen.set(read.case.id, place(read.line));
      yield read;
    } else yield { line: read.line, problem: duplicate(read.case.id, other) };
  }
}

function duplicate(id: string, other: string): CaseMistake {
  const message = `The case "${id}" is ${other} too.`;
  return { code: "duplicate_case", message, fix: "Give one of them another id, or take it out." };
}

function tooMany(): CaseMistake {
  const message = `A dataset holds at most ${MAX_CASES} cases; the ones from here on are not read.`;
  return { code: "too_many_cases", message, fix: "Split it into several datasets." };
}
