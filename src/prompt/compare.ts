import { diffLines } from "diff";
import { differences } from "../base/differences.ts";
import type { Difference } from "../base/differences.ts";
import { canonicalJson, isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { PromptSpec } from "./spec.ts";

export interface ComparedLine {
  op: "same" | "removed" | "added";
  text: string;
}

/** One message of either version; what stands in one place is compared. */
export interface ComparedMessage {
  index: number;
  /** Null where that version has no message in this place. */
  from: string | null;
  to: string | null;
  lines: ComparedLine[];
}

/** What is different between two versions. */
export interface PromptComparison {
  /** True where they say the same, but for name and version. */
  same: boolean;
  /** Everything but messages, schema and examples, by pointer into the document. */
  settings: Difference[];
  /** By pointer into `output_schema`. */
  schema: Difference[];
  /** Those that differ. */
  messages: ComparedMessage[];
  examples: { added: Json[]; removed: Json[]; kept: number };
}

const APART = new Set(["name", "version", "messages", "output_schema", "examples"]);
/** Beyond it a line-by-line comparison takes longer than anybody waits. */
const MAX_EDITS = 1_000;

/** Compares two versions part by part. Pure. */
export function comparePrompts(from: Pick<PromptSpec, "document">, to: Pick<PromptSpec, "document">): PromptComparison {
  const settings = differences(settingsOf(from.document), settingsOf(to.document));
  const schema = differences(from.document["output_schema"], to.document["output_schema"]);
  const messages = compareMessages(messagesOf(from.document), messagesOf(to.document));
  const examples = compareExamples(listOf(from.document["examples"]), listOf(to.document["examples"]));
  const parts = settings.length + schema.length + messages.length + examples.added.length + examples.removed.length;
  return { same: parts === 0, settings, schema, messages, examples };
}

function settingsOf(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !APART.has(key)));
}

interface Message {
  role: string;
  content: string;
}

function messagesOf(document: JsonObject): Message[] {
  return listOf(document["messages"])
    .filter(isObject)
    .map(({ role, content }) => ({ role: String(role), content: String(content) }));
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function compareMessages(from: readonly Message[], to: readonly Message[]): ComparedMessage[] {
  const count = Math.max(from.length, to.length);
  return Array.from({ length: count }, (_, index) => compareMessage(index, from[index], to[index])).filter(
    ({ index }) => from[index]?.role !== to[index]?.role || from[index]?.content !== to[index]?.content,
  );
}

function compareMessage(index: number, from: Message | undefined, to: Message | undefined): ComparedMessage {
  const lines = compareText(from?.content ?? "", to?.content ?? "");
  return { index, from: from?.role ?? null, to: to?.role ?? null, lines };
}

/** Line by line; a text that has changed beyond comparing is one that was replaced. */
function compareText(from: string, to: string): ComparedLine[] {
  const parts = diffLines(ended(from), ended(to), { maxEditLength: MAX_EDITS }) ?? [
    { value: from, removed: true, added: false },
    { value: to, removed: false, added: true },
  ];
  return parts.flatMap(({ value, added, removed }) =>
    linesOf(value).map((text) => ({ op: added ? "added" : removed ? "removed" : "same", text }) as const),
  );
}

/** A last line without its end is the same line. */
function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Examples are told apart by what they say; their order does not count. */
function compareExamples(from: readonly Json[], to: readonly Json[]): PromptComparison["examples"] {
  const before = new Map(from.map((each) => [canonicalJson(each), each]));
  const after = new Map(to.map((each) => [canonicalJson(each), each]));
  const added = [...after].filter(([key]) => !before.has(key)).map(([, each]) => each);
  const removed = [...before].filter(([key]) => !after.has(key)).map(([, each]) => each);
  return { added, removed, kept: after.size - added.length };
}
