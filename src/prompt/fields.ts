import { parseDuration } from "../base/duration.ts";
import type { FileProblem } from "../base/failure.ts";
import { isObject, pointerToken } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Source } from "./source.ts";

/** Of one file; a list of any length may be wrong in each of its items. */
const MAX_TOLD = 200;

/** Collects what is wrong with one file while its fields are read. */
export class FieldReader {
  readonly problems: FileProblem[] = [];
  /** Where each of the problems is, as a pointer into the document. */
  readonly pointers: string[] = [];
  readonly source: Source;
  readonly object: JsonObject;
  constructor(source: Source, object: JsonObject) {
    this.source = source;
    this.object = object;
  }

  problem(
    pointer: string,
    code: string,
    message: string,
    fix?: string,
    severity: FileProblem["severity"] = "error",
  ): void {
    const line = this.source.line(pointer);
    this.report({ line, code, message, severity, ...(fix === undefined ? {} : { fix }) }, pointer);
  }

  report(problem: Omit<FileProblem, "file"> & { file?: string }, pointer = ""): void {
    if (this.problems.length >= MAX_TOLD) return;
    this.problems.push({ file: this.source.file, ...problem });
    this.pointers.push(pointer);
  }

  /** Refuses keys nobody reads: a mistyped setting must not be a setting ignored. */
  only(known: readonly string[], at: JsonObject = this.object, pointer = ""): void {
    for (const key of Object.keys(at).filter((name) => !known.includes(name)))
      this.problem(`${pointer}/${pointerToken(key)}`, "unknown_key", `Unknown key "${key}".`, didYouMean(key, known));
  }

  text(key: string, options: { required?: string } = {}): string | undefined {
    const value = this.object[key];
    if (value === undefined || value === null) {
      if (options.required !== undefined) this.problem("", `no_${key}`, `"${key}" is missing.`, options.required);
      return undefined;
    }
    if (typeof value === "string" && value.trim() !== "") return value;
    const fix = typeof value === "number" ? `Put it in quotes: "${value}".` : undefined;
    this.problem(`/${key}`, "wrong_type", `"${key}" must be text.`, fix);
    return undefined;
  }

  number(
    key: string,
    range: { min: number; max?: number; whole?: boolean },
    at: JsonObject = this.object,
    pointer = "",
  ): number | undefined {
    const value = at[key];
    if (value === undefined || value === null) return undefined;
    const { min, max = Number.MAX_SAFE_INTEGER, whole = false } = range;
    if (typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    const kind = whole ? "a whole number" : "a number";
    const span = range.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
    this.problem(`${pointer}/${key}`, "wrong_value", `"${key}" must be ${kind} ${span}.`);
    return undefined;
  }

  duration(key: string, at: JsonObject, pointer: string): number | undefined {
    const value = at[key];
    if (value === undefined || value === null) return undefined;
    try {
      const ms = parseDuration(value as string | number);
      if (ms > 0) return ms;
      this.problem(`${pointer}/${key}`, "wrong_value", `"${key}" must be longer than nothing.`);
    } catch {
      this.problem(`${pointer}/${key}`, "wrong_value", `"${key}" must be a duration.`, 'Write it like "20s" or "2m".');
    }
    return undefined;
  }

  texts(key: string): string[] {
    const value = this.object[key];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string" && item !== ""))
      return value as string[];
    this.problem(`/${key}`, "wrong_type", `"${key}" must be a list of names.`);
    return [];
  }

  section(key: string): JsonObject | undefined {
    const value = this.object[key];
    if (value === undefined || value === null) return undefined;
    if (isObject(value)) return value;
    this.problem(`/${key}`, "wrong_type", `"${key}" must be a group of settings.`);
    return undefined;
  }

  list(key: string): Json[] | undefined {
    const value = this.object[key];
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value;
    this.problem(`/${key}`, "wrong_type", `"${key}" must be a list.`);
    return undefined;
  }
}
