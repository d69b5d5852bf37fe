import { LineCounter, parseDocument } from "yaml";
import type { FileProblem } from "../base/failure.ts";
import { MAX_DEPTH, isDeeperThan, notPortable } from "../base/json.ts";
import { locator, readJson } from "../base/position.ts";

/** A YAML or JSON file, with the places of what it says. */
export interface Source {
  file: string;
  /** Undefined where the file cannot be read; `problems` says why. */
  value: unknown;
  problems: FileProblem[];
  /** Line (1-based) of the key or item at a JSON pointer, or of the nearest parent there is. */
  line(pointer: string): number;
  /** Line on which the text of a value begins: for a block scalar, the one after its key. */
  textLine(pointer: string): number;
}

export function parseSource(file: string, text: string): Source {
  const problems: FileProblem[] = [];
  const value = file.endsWith(".json") ? jsonValue(file, text, problems) : yamlValue(file, text, problems);
  const locate = locator(text);
  const unfit = value === undefined ? [] : notPortable(value).slice(0, MAX_TOLD);
  for (const { pointer, message } of unfit) {
    const what = `${pointer === "" ? "The document" : pointer} ${message}.`;
    problems.push({ file, ...locate(pointer), code: "syntax", message: what, severity: "error" });
  }
  return {
    file,
    value: unfit.length > 0 ? undefined : value,
    problems,
    line: (pointer) => locate(pointer).line,
    textLine(pointer) {
      const { line } = locate(pointer);
      const written = text.split(/\r?\n/)[line - 1] ?? "";
      return /[|>][+-]?\d*\s*(#.*)?$/.test(written) ? line + 1 : line;
    },
  };
}

/** Of a file that cannot be read at all, the first mistakes: it may hold one at every character. */
const MAX_TOLD = 20;

function jsonValue(file: string, text: string, problems: FileProblem[]): unknown {
  const read = readJson(text);
  if ("value" in read) return read.value;
  problems.push({ file, ...read.mistake, code: "syntax", severity: "error" });
  return undefined;
}

function yamlValue(file: string, text: string, problems: FileProblem[]): unknown {
  const told = (message: string, place: { line: number; column?: number } = { line: 1 }): void =>
    void problems.push({
      file,
      ...place,
      code: "syntax",
      message: `Not readable as YAML: ${message}`,
      severity: "error",
    });
  const tooDeep = `it is nested deeper than ${MAX_DEPTH} levels.`;
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
    for (const error of document.errors.slice(0, MAX_TOLD)) {
      const { line, col } = lines.linePos(error.pos[0]);
      // The parser calls itself for each level, and runs out of room for that.
      if (/call stack/i.test(error.message)) told(tooDeep);
      else told(error.message, { line, column: col });
    }
    // Aliases may repeat a value, and a small file could unfold into gigabytes, or hold itself.
    const value: unknown = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
    if (!isDeeperThan(value, MAX_DEPTH)) return value;
    told(tooDeep);
  } catch (error) {
    told(error instanceof RangeError ? tooDeep : (error as Error).message);
  }
  return undefined;
}
