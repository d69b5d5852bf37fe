import type { AnyNode } from "acorn";
import type { FileProblem } from "../base/failure.ts";
import type { VerbCall } from "./source-body.ts";
import { placeOf, textOf } from "./source.ts";
import type { Source } from "./source.ts";

/** Something wrong at a place of a workflow's code. */
export function problem(
  source: Source,
  at: AnyNode | number,
  code: string,
  message: string,
  fix: string,
  severity: FileProblem["severity"] = "error",
): FileProblem {
  const place = typeof at === "number" ? { line: at } : placeOf(at);
  return { file: source.file, ...place, code, message, severity, ...(fix === "" ? {} : { fix }) };
}

/** The step's name where it is written out; a prompt's is its slot. */
export function stepName(call: Pick<VerbCall, "node">): string | undefined {
  return textOf(call.node.arguments[0]);
}
