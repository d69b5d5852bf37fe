import type { JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import { compilePrompt } from "./compile.ts";
import { parseSource } from "./source.ts";
import type { PromptSpec } from "./spec.ts";

/** A mistake in a prompt document: where it is in the document, and on which line of it as indented JSON. */
export interface DocumentProblem {
  pointer: string;
  /** 1-based. */
  line: number;
  /** Of a message, the line within its text. */
  textLine?: number;
  code: string;
  message: string;
  fix?: string;
  severity: "error" | "warning";
}

export interface CheckedDocument {
  /** Absent where there are errors. */
  spec?: PromptSpec;
  problems: DocumentProblem[];
}

/** Checks a document as a file of its own would be checked: every mistake at once. `versions`: those the prompt has already. */
export function checkDocument(document: JsonObject, name: string, versions: readonly string[]): CheckedDocument {
  const text = JSON.stringify(document, null, 2);
  const source = parseSource(`${name}.json`, text);
  const { spec, problems, pointers } = compilePrompt(source);
  const found = problems.map(({ line = 1, code, message, fix, severity }, i): DocumentProblem => {
    const pointer = pointers[i] ?? "";
    const at = source.line(pointer);
    const within = line - source.textLine(pointer) + 1;
    const textLine = /^\/messages\/\d+\/content$/.test(pointer) ? { textLine: Math.max(1, within) } : {};
    return { pointer, line: at, ...textLine, code, message, ...(fix === undefined ? {} : { fix }), severity };
  });
  if (document["name"] !== undefined && document["name"] !== name)
    found.push(otherName(source.line("/name"), name, String(document["name"])));
  const advice = spec === undefined ? [] : adviceOn(spec, versions, (pointer) => source.line(pointer));
  const wrong = found.some(({ severity }) => severity === "error");
  return { ...(spec === undefined || wrong ? {} : { spec: published(spec) }), problems: [...found, ...advice] };
}

function otherName(line: number, name: string, given: string): DocumentProblem {
  const message = `The name is "${given}", but this is a version of ${name}.`;
  return { pointer: "/name", line, code: "name_mismatch", message, fix: `Write "name": "${name}".`, severity: "error" };
}

/** A version that was read from no file names none. */
function published(spec: PromptSpec): PromptSpec {
  const { file: _, ...rest } = spec;
  return rest;
}

function adviceOn(
  { rollbackVersion: back, version, evalSuite }: PromptSpec,
  versions: readonly string[],
  line: (pointer: string) => number,
): DocumentProblem[] {
  const found: DocumentProblem[] = [];
  const advise = (pointer: string, code: string, message: string, fix: string): void =>
    void found.push({
      pointer,
      line: line(pointer),
      code,
      message,
      ...(fix === "" ? {} : { fix }),
      severity: "warning",
    });
  const others = versions.filter((each) => each !== version);
  if (back !== undefined && !others.includes(back))
    advise(
      "/rollback_version",
      "unknown_rollback_version",
      `The rollback_version "${back}" is none of its versions.`,
      didYouMean(back, others),
    );
  if (back === undefined && others.length > 0)
    advise(
      "",
      "no_rollback_version",
      "There is no rollback_version.",
      `Name the version to go back to: "${others.at(-1)}".`,
    );
  if (evalSuite === undefined)
    advise("", "no_eval_suite", "There is no eval_suite, so nothing shows that it may serve.", "Name one.");
  return found;
}
