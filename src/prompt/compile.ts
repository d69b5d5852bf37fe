import { createHash } from "node:crypto";
import type { FileProblem } from "../base/failure.ts";
import { canonicalJson, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { SchemaError, compileSchema } from "../base/schema.ts";
import type { Schema } from "../base/schema.ts";
import { confidencePointer } from "./confidence.ts";
import { FieldReader } from "./fields.ts";
import { compileMessages, defaultMessages, readMessages } from "./messages.ts";
import type { PromptPlace } from "./messages.ts";
import { missingInputs } from "./render.ts";
import type { Source } from "./source.ts";
import type { PromptExample, PromptInput, PromptSpec } from "./spec.ts";

const KEYS = (
  "name version owner description model temperature inputs messages output_schema rollback_version eval_suite " +
  "fallback_models confidence repair limits risk examples"
).split(" ");

const DEFAULT_TIMEOUT_MS = 30_000;

export interface Compiled {
  /** Absent where there are errors among the problems. */
  spec?: PromptSpec;
  problems: FileProblem[];
  /** Where each of the problems is, as a pointer into the document. */
  pointers: string[];
}

/** Checks and compiles one prompt spec; reports every mistake it finds. */
export function compilePrompt(source: Source, place?: PromptPlace): Compiled {
  if (source.problems.length > 0) return { problems: source.problems, pointers: source.problems.map(() => "") };
  if (!isObject(source.value)) {
    const message = "A prompt spec is a group of settings: name, version, owner, model, inputs, output_schema.";
    return {
      problems: [{ file: source.file, line: 1, code: "wrong_type", message, severity: "error" }],
      pointers: [""],
    };
  }
  const reader = new FieldReader(source, source.value);
  reader.only(KEYS);
  const draft = readSpec(reader, place);
  const { problems, pointers } = reader;
  if (problems.some((problem) => problem.severity === "error") || draft === undefined) return { problems, pointers };
  return { spec: draft, problems, pointers };
}

function readSpec(reader: FieldReader, place: PromptPlace | undefined): PromptSpec | undefined {
  const name = readIdentity(reader, "name", place?.name);
  const version = readIdentity(reader, "version", place?.version);
  const owner = reader.text("owner", { required: 'Say which team answers for it: "owner: support-platform".' });
  const model = readModel(reader);
  const inputs = readInputs(reader);
  const schema = readSchema(reader);
  const description = reader.text("description");
  const fallbacks = reader.texts("fallback_models");
  const settings = readSettings(reader);
  const rollback = readRollback(reader, version);
  const suite = reader.text("eval_suite");
  const confidence = schema === undefined ? null : confidencePointer(reader, schema.document);
  const written =
    readMessages(reader, place?.written) ?? defaultMessages({ name, description, inputs, schema: schema?.document });
  const messages = compileMessages(reader, written, inputs);
  const examples = readExamples(reader, inputs, schema?.compiled);
  if (name === undefined || version === undefined || owner === undefined || model === undefined || schema === undefined)
    return undefined;
  const document = documentOf(reader.object, messages);
  return {
    name,
    version,
    owner,
    model,
    fallbackModels: fallbacks,
    inputs,
    messages,
    examples,
    outputSchema: schema.document,
    output: schema.compiled,
    confidence,
    ...settings,
    ...(description === undefined ? {} : { description }),
    ...(rollback === undefined ? {} : { rollbackVersion: rollback }),
    ...(suite === undefined ? {} : { evalSuite: suite }),
    hash: createHash("sha256").update(canonicalJson(document)).digest("hex"),
    document,
    file: reader.source.file,
  };
}

/** The spec as it is published: comments, file layout and the sibling .md leave no trace in it. */
function documentOf(object: JsonObject, messages: PromptSpec["messages"]): JsonObject {
  const set = Object.entries(object).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(set), messages: messages.map(({ role, content }) => ({ role, content })) };
}

function readIdentity(reader: FieldReader, key: "name" | "version", expected: string | undefined): string | undefined {
  const value = reader.text(key, {
    required: `Write "${key}: ${expected ?? (key === "name" ? "ticket_classifier" : "2026-05-29.1")}".`,
  });
  if (value === undefined) return undefined;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(value))
    reader.problem(
      `/${key}`,
      "wrong_value",
      `"${value}" is not usable as a ${key}: letters, digits, "_", "-" and "." only.`,
    );
  else if (expected !== undefined && value !== expected) {
    const what = key === "name" ? `folder is "${expected}"` : `file is "${expected}"`;
    reader.problem(
      `/${key}`,
      `${key}_mismatch`,
      `The ${key} is "${value}" but its ${what}.`,
      `Write "${key}: ${expected}", or rename the ${key === "name" ? "folder" : "file"}.`,
    );
  }
  return value;
}

function readModel(reader: FieldReader): string | undefined {
  const model = reader.text("model", {
    required: 'Name one as "provider/model", or a bare name for the default provider.',
  });
  for (const [key, name] of [
    ["/model", model],
    ...reader.texts("fallback_models").map((other, i) => [`/fallback_models/${i}`, other]),
  ])
    if (name !== undefined && !/^[^\s/]+(\/[^\s/]+)*$/.test(name))
      reader.problem(
        key as string,
        "wrong_value",
        `"${name}" is not a model's name.`,
        'Write "provider/model", or a bare name for the default provider.',
      );
  return model;
}

const PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/;

function readInputs(reader: FieldReader): PromptInput[] {
  const listed = reader.list("inputs");
  if (listed === undefined || listed.length === 0) {
    if (reader.object["inputs"] === undefined || listed !== undefined)
      reader.problem(
        "/inputs",
        "no_inputs",
        "A prompt lists the inputs it may use.",
        'List dotted paths: "inputs: [ticket.subject, ticket.body]".',
      );
    return [];
  }
  const inputs = listed.flatMap((item, i) => readInput(reader, item, `/inputs/${i}`));
  inputs.forEach(({ path }, i) => {
    if (inputs.findIndex((other) => other.path === path) < i)
      reader.problem(`/inputs/${i}`, "duplicate_input", `The input "${path}" is listed twice.`);
  });
  return inputs;
}

function readInput(reader: FieldReader, item: Json, pointer: string): PromptInput[] {
  if (isObject(item)) reader.only(["path", "redact"], item, pointer);
  const path = isObject(item) ? item["path"] : item;
  const redact = isObject(item) ? (item["redact"] ?? false) : false;
  if (typeof redact !== "boolean") reader.problem(`${pointer}/redact`, "wrong_type", '"redact" must be true or false.');
  if (typeof path === "string" && PATH.test(path) && !path.split(".").includes("__proto__"))
    return [{ path, redact: redact === true }];
  reader.problem(
    pointer,
    "wrong_value",
    `${JSON.stringify(path ?? item)} is not a dotted path.`,
    'Write it like "ticket.subject", or "{path: ticket.body, redact: true}".',
  );
  return [];
}

interface CompiledSchema {
  document: JsonObject;
  compiled: Schema;
}

function readSchema(reader: FieldReader): CompiledSchema | undefined {
  const document = reader.object["output_schema"];
  if (!isObject(document)) {
    const message =
      document === undefined ? '"output_schema" is missing.' : '"output_schema" must be a JSON Schema object.';
    reader.problem("/output_schema", "no_output_schema", message, "Without it no answer of the model can be checked.");
    return undefined;
  }
  if (document["type"] !== undefined && document["type"] !== "object")
    reader.problem(
      "/output_schema/type",
      "not_an_object",
      "An output is an object with named fields.",
      "Wrap it: {type: object, required: [result], properties: {result: …}}.",
    );
  try {
    return { document, compiled: compileSchema(document, { closed: true }) };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    for (const { pointer, message } of error.problems)
      reader.problem(
        `/output_schema${pointer}`,
        "bad_schema",
        `output_schema${pointer === "" ? "" : ` at ${pointer}`}: ${message}`,
      );
    return undefined;
  }
}

type Settings = Pick<PromptSpec, "temperature" | "repair" | "limits" | "risk">;

function readSettings(reader: FieldReader): Settings {
  const temperature = reader.number("temperature", { min: 0, max: 2 });
  const repair = reader.section("repair") ?? {};
  reader.only(["attempts"], repair, "/repair");
  const attempts = reader.number("attempts", { min: 0, max: 1, whole: true }, repair, "/repair") ?? 1;
  const limits = reader.section("limits") ?? {};
  reader.only(["timeout", "max_output_tokens", "usd"], limits, "/limits");
  const timeoutMs = reader.duration("timeout", limits, "/limits") ?? DEFAULT_TIMEOUT_MS;
  const tokens = reader.number("max_output_tokens", { min: 1, whole: true }, limits, "/limits");
  const usd = reader.number("usd", { min: 0 }, limits, "/limits");
  const risk = reader.text("risk") ?? "low";
  if (risk !== "low" && risk !== "high") reader.problem("/risk", "wrong_value", '"risk" is low or high.');
  return {
    ...(temperature === undefined ? {} : { temperature }),
    repair: { attempts: attempts === 0 ? 0 : 1 },
    limits: {
      timeoutMs,
      ...(tokens === undefined ? {} : { maxOutputTokens: tokens }),
      ...(usd === undefined ? {} : { usd }),
    },
    risk: risk === "high" ? "high" : "low",
  };
}

function readRollback(reader: FieldReader, version: string | undefined): string | undefined {
  const rollback = reader.text("rollback_version");
  if (rollback !== undefined && rollback === version)
    reader.problem(
      "/rollback_version",
      "rollback_to_itself",
      "A version cannot be its own way back.",
      "Name an earlier version.",
    );
  return rollback;
}

function readExamples(
  reader: FieldReader,
  inputs: readonly PromptInput[],
  output: Schema | undefined,
): PromptExample[] {
  return (reader.list("examples") ?? []).flatMap((item, i) => {
    const pointer = `/examples/${i}`;
    if (!isObject(item) || !isObject(item["input"]) || item["output"] === undefined) {
      reader.problem(
        pointer,
        "wrong_type",
        "An example has an input (an object) and an output.",
        "Write {input: {ticket: {subject: …}}, output: {…}}.",
      );
      return [];
    }
    reader.only(["input", "output"], item, pointer);
    for (const path of missingInputs({ inputs }, item["input"]))
      reader.problem(
        `${pointer}/input`,
        "missing_input",
        `The example has no "${path}".`,
        "An example gives every input; write null for one that is absent.",
      );
    for (const problem of output?.validate(item["output"]) ?? [])
      reader.problem(
        `${pointer}/output${problem.pointer}`,
        "bad_example",
        `The example's output does not fit the output_schema${problem.pointer === "" ? "" : ` at ${problem.pointer}`}: ${problem.message}`,
      );
    return [{ input: item["input"], output: item["output"] }];
  });
}
