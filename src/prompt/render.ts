import { Failure } from "../base/failure.ts";
import { atPath, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Message } from "../model/port.ts";
import type { PromptMessage, PromptSpec } from "./spec.ts";

/**
 * The messages to send for these inputs: the system messages, each example as a question and its answer, then the rest.
 * Input text is put in as data and never read as a template. Throws `Failure` (`bug`): `missing_input`, `template`.
 */
export function render(spec: PromptSpec, inputs: Json): Message[] {
  return rendered(spec, scopeOf(spec, inputs));
}

/**
 * The same from the listed inputs by path, as `inputValues` gave them and a record holds them. A redacted value may stand
 * for more than text: a template that looks into it cannot be filled in. Throws `Failure` (`bug`): `template`.
 */
export function renderValues(spec: PromptSpec, values: JsonObject): Message[] {
  const scope: JsonObject = {};
  for (const { path } of widest(spec)) place(scope, path.split("."), values[path] ?? null);
  return rendered(spec, scope);
}

function rendered(spec: PromptSpec, scope: JsonObject): Message[] {
  const lead = spec.messages.findIndex((message) => message.role !== "system");
  const cut = lead === -1 ? spec.messages.length : lead;
  const fill = (message: PromptMessage): Message => ({ role: message.role, content: filled(spec, message, scope) });
  return [...spec.messages.slice(0, cut).map(fill), ...exampleMessages(spec), ...spec.messages.slice(cut).map(fill)];
}

/** The listed inputs an event does not have: the dotted paths. */
export function missingInputs(spec: Pick<PromptSpec, "inputs">, inputs: Json): string[] {
  return spec.inputs.map(({ path }) => path).filter((path) => atPath(inputs, path) === undefined);
}

/** Just the listed inputs, by path: what a record of the call shows. */
export function inputValues(spec: Pick<PromptSpec, "inputs">, inputs: Json): JsonObject {
  return Object.fromEntries(spec.inputs.map(({ path }) => [path, atPath(inputs, path) ?? null]));
}

// The examples of a version never change, and with sixty of them they are most of the rendering.
const renderedExamples = new WeakMap<PromptSpec, readonly Message[]>();

function exampleMessages(spec: PromptSpec): readonly Message[] {
  let messages = renderedExamples.get(spec);
  if (messages === undefined) {
    const question = spec.messages.findLast((message) => message.role === "user");
    messages = spec.examples.flatMap(({ input, output }): Message[] => [
      { role: "user", content: question === undefined ? "" : filled(spec, question, scopeOf(spec, input)) },
      { role: "assistant", content: JSON.stringify(output) },
    ]);
    renderedExamples.set(spec, messages);
  }
  return messages;
}

/** Nested objects that hold the listed inputs and nothing else, so that a template cannot reach further. */
function scopeOf(spec: PromptSpec, inputs: Json): JsonObject {
  const missing = missingInputs(spec, inputs);
  if (missing.length > 0)
    throw new Failure({
      class: "bug",
      code: "missing_input",
      message: `Prompt ${spec.name}@${spec.version} was not given ${missing.map((path) => `"${path}"`).join(", ")}; it lists ${missing.length === 1 ? "it" : "them"} under inputs. Pass null for a value that is known to be absent.`,
      errors: missing.map((path) => ({ pointer: `/${path.replaceAll(".", "/")}`, message: "is missing" })),
    });
  const scope: JsonObject = {};
  for (const { path } of widest(spec)) place(scope, path.split("."), atPath(inputs, path) as Json);
  return scope;
}

/** `ticket` listed beside `ticket.subject` contains it already. */
function widest(spec: PromptSpec): PromptSpec["inputs"] {
  return spec.inputs.filter(({ path }) => !spec.inputs.some((other) => path.startsWith(`${other.path}.`)));
}

function place(scope: JsonObject, keys: readonly string[], value: Json): void {
  let at = scope;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    if (isObject(next)) at = next;
    else at = at[key] = {};
  }
  at[keys.at(-1) as string] = value;
}

function filled(spec: PromptSpec, message: PromptMessage, scope: JsonObject): string {
  try {
    return message.template.render(scope);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new Failure(
      {
        class: "bug",
        code: "template",
        message: `The ${message.role} message of prompt ${spec.name}@${spec.version} cannot be rendered: ${detail}`,
      },
      { cause: error },
    );
  }
}
