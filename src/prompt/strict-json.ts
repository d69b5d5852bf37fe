import { JsonTooDeep, MAX_DEPTH, parseJson } from "../base/json.ts";
import type { Json, Problem } from "../base/json.ts";
import { scanJson } from "../base/scan-json.ts";
import type { JsonFinding } from "../base/scan-json.ts";

export type StrictJsonCode = "not_json" | "too_deep" | JsonFinding["code"];

export type StrictJson = { ok: true; value: Json } | { ok: false; code: StrictJsonCode; problems: Problem[] };

/**
 * Parses a model's answer as JSON and as nothing else. `JSON.parse` is not enough for a decision: it keeps the last of two
 * equal keys, rounds large integers, turns `1e999` into Infinity and lets half a surrogate pair through, all in silence.
 */
export function parseStrictJson(text: string): StrictJson {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof JsonTooDeep)
      return failed("too_deep", "", `The answer nests deeper than ${MAX_DEPTH} levels.`);
    return failed("not_json", "", notJson(text, error));
  }
  const found = scanJson(text);
  const code = found[0]?.code;
  if (code === undefined) return { ok: true, value };
  const problems = found.filter((each) => each.code === code).map(({ pointer, message }) => ({ pointer, message }));
  return { ok: false, code, problems };
}

function failed(code: StrictJsonCode, pointer: string, message: string): StrictJson & { ok: false } {
  return { ok: false, code, problems: [{ pointer, message }] };
}

function notJson(text: string, error: unknown): string {
  if (text.trim() === "") return "The answer is empty; one JSON value was expected.";
  if (/^\s*```/.test(text)) return "The answer is wrapped in a code fence; the JSON alone was expected.";
  const detail = error instanceof Error ? error.message.replace(/\.?$/, ".") : "";
  return `The answer is not JSON. ${detail}`;
}
