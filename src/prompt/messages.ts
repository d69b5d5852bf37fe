import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { FieldReader } from "./fields.ts";
import type { WrittenMessage } from "./markdown.ts";
import type { PromptInput, PromptMessage } from "./spec.ts";
import { TemplateError, compileTemplate } from "./template.ts";
import type { Template } from "./template.ts";

/** What the place of a file says about its prompt, and the messages found beside it. */
export interface PromptPlace {
  name: string;
  version: string;
  /** From the sibling `VERSION.md`. */
  written?: { file: string; messages: WrittenMessage[] };
}

/** A message's source and where it was written. */
export interface DraftMessage {
  role: PromptMessage["role"];
  content: string;
  file?: string;
  line: number;
  /** Of a message in the spec itself. */
  pointer?: string;
}

const ROLES = ["system", "user", "assistant"];

/** The messages as written in the spec or in its .md; undefined where there are neither. */
export function readMessages(reader: FieldReader, written: PromptPlace["written"]): DraftMessage[] | undefined {
  const listed = reader.list("messages");
  if (listed !== undefined && written !== undefined)
    reader.problem(
      "/messages",
      "messages_twice",
      `The messages are written here and in ${written.file}.`,
      "Keep one of the two.",
    );
  if (written !== undefined) return written.messages.map((message) => ({ ...message, file: written.file }));
  if (listed === undefined) return undefined;
  if (listed.length === 0)
    reader.problem(
      "/messages",
      "no_messages",
      "The list of messages is empty.",
      "Leave it out to have the description and the inputs sent.",
    );
  return listed.flatMap((item, i) => readMessage(reader, item, `/messages/${i}`));
}

function readMessage(reader: FieldReader, item: Json, pointer: string): DraftMessage[] {
  if (!isObject(item)) {
    reader.problem(pointer, "wrong_type", "A message has a role and a content.", 'Write {role: user, content: "…"}.');
    return [];
  }
  reader.only(["role", "content"], item, pointer);
  const { role, content } = item;
  if (typeof role !== "string" || !ROLES.includes(role))
    reader.problem(
      `${pointer}/role`,
      "wrong_value",
      `${JSON.stringify(role ?? null)} is not a role: system, user or assistant.`,
      typeof role === "string" ? didYouMean(role, ROLES) : undefined,
    );
  if (typeof content !== "string") reader.problem(`${pointer}/content`, "wrong_type", '"content" must be text.');
  if (typeof role !== "string" || !ROLES.includes(role) || typeof content !== "string") return [];
  const text = `${pointer}/content`;
  return [{ role: role as DraftMessage["role"], content, line: reader.source.textLine(text), pointer: text }];
}

interface DefaultParts {
  name: string | undefined;
  description: string | undefined;
  inputs: readonly PromptInput[];
  schema: JsonObject | undefined;
}

/** What a spec without messages sends: its description and schema as the instruction, its inputs by name as the question. */
export function defaultMessages({ name = "prompt", description, inputs, schema = {} }: DefaultParts): DraftMessage[] {
  const task = description ?? `Task: ${name.replaceAll(/[_.-]+/g, " ")}.`;
  const instruction = "Answer with one JSON object that fits this JSON Schema, and with nothing else:";
  const system = `${literal(task.trim())}\n\n${instruction}\n${literal(JSON.stringify(schema))}`;
  const user = inputs.map(({ path }) => `${path}: {{ ${path} }}`).join("\n");
  return [
    { role: "system", content: system, line: 1 },
    { role: "user", content: user, line: 1 },
  ];
}

/** A description and a schema are text, even where they look like a template. */
function literal(text: string): string {
  return /\{[{%]/.test(text) ? text.replaceAll(/\{(?=[{%])/g, '{{ "{" }}') : text;
}

/** Compiles the templates, and refuses those that read what `inputs` does not list. */
export function compileMessages(
  reader: FieldReader,
  drafts: readonly DraftMessage[],
  inputs: readonly PromptInput[],
): PromptMessage[] {
  const messages = drafts.flatMap((draft): PromptMessage[] => {
    const template = compiled(reader, draft);
    if (template === undefined) return [];
    for (const { path, line } of template.variables)
      if (!covers(inputs, path)) reportUnlisted(reader, draft, path, draft.line + line - 1, inputs);
    return [{ role: draft.role, content: draft.content, template }];
  });
  if (drafts.length > 0 && drafts.at(-1)?.role !== "user") {
    const last = drafts.at(-1) as DraftMessage;
    const message = "The last message must be the user's.";
    reader.report(
      { line: last.line, ...fileOf(last), code: "no_user_message", message, severity: "error" },
      pointerOf(last),
    );
  }
  return messages;
}

function compiled(reader: FieldReader, draft: DraftMessage): Template | undefined {
  try {
    return compileTemplate(draft.content);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const message = `The ${draft.role} message is not a valid template: ${error.message}.`;
    const line = draft.line + error.line - 1;
    reader.report({ line, ...fileOf(draft), code: "bad_template", message, severity: "error" }, pointerOf(draft));
    return undefined;
  }
}

function reportUnlisted(
  reader: FieldReader,
  draft: DraftMessage,
  path: string,
  line: number,
  inputs: readonly PromptInput[],
): void {
  const parts = inputs.filter((input) => input.path.startsWith(`${path}.`)).map((input) => input.path);
  const fix =
    parts.length > 0
      ? `Only parts of it are listed (${parts.join(", ")}); use those, or list "${path}".`
      : `Add "${path}" to inputs. ${didYouMean(
          path,
          inputs.map((input) => input.path),
        )}`;
  const message = `The ${draft.role} message uses "${path}", which inputs does not list.`;
  reader.report({ line, ...fileOf(draft), code: "unlisted_input", message, fix, severity: "error" }, pointerOf(draft));
}

function covers(inputs: readonly PromptInput[], path: string): boolean {
  return inputs.some((input) => path === input.path || path.startsWith(`${input.path}.`));
}

function pointerOf({ pointer = "/messages" }: DraftMessage): string {
  return pointer;
}

function fileOf(draft: DraftMessage): { file?: string } {
  return draft.file === undefined ? {} : { file: draft.file };
}
