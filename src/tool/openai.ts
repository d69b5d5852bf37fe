import type { FileProblem } from "../base/failure.ts";
import { isObject, pointerToken } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { locator, readJson } from "../base/position.ts";
import { SchemaError, compileSchema } from "../base/schema.ts";
import type { Schema } from "../base/schema.ts";
import { EFFECTS, KINDS, RISKS, TOOL_NAME } from "./define.ts";
import type { Effect, Risk, ToolKind } from "./define.ts";

/** A tool as a file declares it: no code, so only calls of it can be checked. */
export interface DeclaredTool {
  readonly name: string;
  readonly description: string | null;
  readonly args: Schema;
  /** Undefined where the file does not say; it counts as a write then. */
  readonly effect: Effect | undefined;
  readonly kind: ToolKind;
  readonly risk: Risk;
}

export interface ToolDefinitions {
  /** Those without an error, by name. */
  tools: ReadonlyMap<string, DeclaredTool>;
  /** Names whose definition cannot be used. */
  broken: ReadonlySet<string>;
  problems: FileProblem[];
}

/** One definition and where it lies in the file. */
interface Entry {
  value: JsonObject;
  pointer: string;
}

/**
 * Reads OpenAI function definitions: `{type: "function", function: {name, description, parameters}}`, the flat form of
 * the Responses API, bare `{name, parameters}`, and MCP's `inputSchema`; alone, in a list, or under `tools` or `functions`.
 * `"x-sluice": {effect, kind, risk}` says what OpenAI's format has no word for; unset: effect unknown, `other`, `high`.
 */
export function parseToolDefinitions(text: string, file: string): ToolDefinitions {
  const reader = new DefinitionReader(text, file);
  reader.read();
  return { tools: reader.tools, broken: reader.broken, problems: reader.problems };
}

class DefinitionReader {
  readonly tools = new Map<string, DeclaredTool>();
  readonly broken = new Set<string>();
  readonly problems: FileProblem[] = [];
  /** Of each name, to let the same definition stand twice. */
  private readonly texts = new Map<string, string>();
  private readonly text: string;
  private readonly file: string;
  private readonly locate: (pointer: string) => { line: number; column: number };

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    this.locate = locator(text);
  }

  read(): void {
    const read = readJson(this.text);
    if ("mistake" in read) {
      const { line, column, message } = read.mistake;
      this.problems.push({ file: this.file, line, column, code: "not_json", message, severity: "error" });
      return;
    }
    for (const { value, pointer } of this.entries(read.value, "")) this.definition(value, pointer);
  }

  private problem(pointer: string, code: string, message: string, fix?: string): void {
    const text = /[.?!]$/.test(message) ? message : `${message}.`;
    this.problems.push({
      file: this.file,
      ...this.locate(pointer),
      code,
      message: text,
      severity: "error",
      ...(fix === undefined ? {} : { fix }),
    });
  }

  private entries(value: Json, pointer: string): Entry[] {
    if (Array.isArray(value)) return value.flatMap((each, i) => this.entries(each, `${pointer}/${i}`));
    if (!isObject(value)) {
      this.problem(
        pointer,
        "bad_tool",
        "A tool definition must be an object",
        'Write {"type": "function", "function": {"name": …, "parameters": {…}}}.',
      );
      return [];
    }
    for (const key of ["tools", "functions"])
      if (Array.isArray(value[key])) return this.entries(value[key], `${pointer}/${key}`);
    if (isObject(value["function"]))
      return [{ value: { ...annotations(value), ...value["function"] }, pointer: `${pointer}/function` }];
    return [{ value, pointer }];
  }

  private definition(value: JsonObject, pointer: string): void {
    const before = this.problems.length;
    const name = value["name"];
    if (typeof name !== "string" || !TOOL_NAME.test(name))
      return this.problem(
        `${pointer}/name`,
        "bad_tool_name",
        `${JSON.stringify(name ?? null)} is no tool name: letters, digits, _, - and ., starting with a letter or _`,
      );
    const text = JSON.stringify(value);
    if (this.texts.get(name) === text) return;
    if (this.texts.has(name))
      this.problem(`${pointer}/name`, "two_tools", `The tool ${name} is defined twice`, "Rename or remove one.");
    this.texts.set(name, text);
    const args = this.schema(value, pointer);
    const annotation = this.annotation(value["x-sluice"], `${pointer}/x-sluice`);
    if (this.problems.length > before || args === undefined) {
      this.tools.delete(name);
      this.broken.add(name);
      return;
    }
    const description = typeof value["description"] === "string" ? value["description"] : null;
    this.tools.set(name, { name, description, args, ...annotation });
  }

  private schema(value: JsonObject, pointer: string): Schema | undefined {
    const key = ["parameters", "inputSchema", "input_schema"].find(
      (each) => value[each] !== undefined && value[each] !== null,
    );
    const parameters = key === undefined ? { type: "object", properties: {} } : (value[key] as Json);
    try {
      const schema = compileSchema(parameters, { closed: true });
      const { type } = schema.source;
      if (type === undefined || type === "object") return schema;
      this.problem(`${pointer}/${key}/type`, "bad_schema", "The parameters of a tool must be an object");
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      for (const problem of error.problems)
        this.problem(`${pointer}/${key}${problem.pointer}`, "bad_schema", problem.message);
    }
    return undefined;
  }

  private annotation(value: Json | undefined, pointer: string): Pick<DeclaredTool, "effect" | "kind" | "risk"> {
    const unset = { effect: undefined, kind: "other", risk: "high" } as const;
    if (value === undefined) return unset;
    if (!isObject(value)) {
      this.problem(pointer, "bad_annotation", '"x-sluice" must be an object such as {"effect": "read"}');
      return unset;
    }
    const known: Record<string, readonly string[]> = { effect: EFFECTS, kind: KINDS, risk: RISKS };
    for (const [key, chosen] of Object.entries(value)) {
      const allowed = Object.hasOwn(known, key) ? known[key] : undefined;
      if (allowed === undefined)
        this.problem(
          `${pointer}/${pointerToken(key)}`,
          "bad_annotation",
          `"x-sluice" has no "${key}"; it takes effect, kind and risk`,
        );
      else if (!allowed.includes(chosen as string))
        this.problem(`${pointer}/${key}`, "bad_annotation", `"${key}" must be one of ${allowed.join(", ")}`);
    }
    return { ...unset, ...value };
  }
}

function annotations(value: JsonObject): JsonObject {
  return value["x-sluice"] === undefined ? {} : { "x-sluice": value["x-sluice"] };
}
