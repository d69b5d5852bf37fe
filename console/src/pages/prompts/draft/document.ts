import type { Json, PromptVersion } from "../../../api/schema.gen.ts";

/** A prompt as it is written, which may hold mistakes. */
export type PromptDocument = { [member: string]: Json };

/** Members that are written as JSON text. */
export const TEXTS = ["output_schema", "examples"] as const;
export type TextName = (typeof TEXTS)[number];

export interface Message {
  role: string;
  content: string;
}

/** What is said about a version rather than by it. */
const ABOUT: ReadonlySet<string> = new Set([
  "version",
  "hash",
  "file",
  "source",
  "serves",
  "candidate_in",
  "approvals",
  "published_at",
  "published_by",
  "reason",
]);

/** The document a draft begins with: what the version says, rolling back to it. */
export function documentOf(version: PromptVersion): PromptDocument {
  const members = Object.entries(version).filter(([name, value]) => !ABOUT.has(name) && value !== undefined);
  return { ...(Object.fromEntries(members) as PromptDocument), rollback_version: version.version };
}

export function messagesOf(document: PromptDocument): Message[] {
  const { messages } = document;
  if (!Array.isArray(messages)) return [];
  return messages.map((each) => {
    const { role = "user", content = "" } = (each ?? {}) as Record<string, Json>;
    return { role: String(role), content: String(content) };
  });
}

/** `document` with one member set; `undefined` takes it out. The others keep their order. */
export function withMember(document: PromptDocument, name: string, value: Json | undefined): PromptDocument {
  if (value === undefined) {
    const { [name]: _, ...rest } = document;
    return rest;
  }
  return { ...document, [name]: value };
}

/** Inputs as lines: a path, and `redact` after it where the model must not see the original. */
export function inputLines(inputs: Json): string {
  if (!Array.isArray(inputs)) return "";
  return inputs
    .map((each) => {
      if (typeof each !== "object" || each === null || Array.isArray(each)) return String(each);
      return each["redact"] === true ? `${String(each["path"])} redact` : String(each["path"]);
    })
    .join("\n");
}

export function inputsOfLines(text: string): Json[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .map((line) => (line.endsWith(" redact") ? { path: line.slice(0, -7).trim(), redact: true } : line));
}

/** What a text of JSON says, or where it stops being JSON (from 1). */
export function readJson(text: string): { value: Json } | { line: number | null; message: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = /position (\d+)/.exec(message)?.[1];
    const short = message.replace(/ \(line \d+ column \d+\)$/, "").replace(/ in JSON at position \d+.*$/s, "");
    return { line: at === undefined ? null : text.slice(0, Number(at)).split("\n").length, message: `${short}.` };
  }
}
