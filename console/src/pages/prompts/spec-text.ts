import type { Json, PromptVersion } from "../../api/schema.gen.ts";
import { duration, plural } from "../../parts/format.ts";
import { schemaText } from "../../parts/schema-rows.ts";
import type { Part } from "./search.ts";

/** One part of a prompt as text to read and to compare. */
export function partText(prompt: PromptVersion, part: Part): string {
  if (part === "messages") return messagesText(prompt);
  if (part === "examples") return examplesText(prompt);
  if (part === "schema") return schemaText(prompt.output_schema);
  return JSON.stringify(Object.fromEntries(Object.entries(prompt).filter(([key]) => !ON_RECORD.has(key))), null, 2);
}

/** What is known of a version beside what it says. */
const ON_RECORD: ReadonlySet<string> = new Set(
  "hash file source published_at published_by reason approvals serves candidate_in".split(" "),
);

function messagesText({ messages }: PromptVersion): string {
  return messages.map(({ role, content }) => `── ${role} ──\n${content.trimEnd()}\n`).join("\n");
}

function examplesText({ examples = [] }: PromptVersion): string {
  return examples.map(({ input, output }) => `${written(input)}\n→ ${written(output)}\n`).join("\n");
}

function written(value: Json): string {
  return lines(value, "").join("\n");
}

/** `ticket.subject: Charged twice`, a line for each value. */
function lines(value: Json, path: string): string[] {
  if (typeof value === "string") return [path === "" ? value : `${path}: ${value}`];
  if (value === null || typeof value !== "object") return [path === "" ? String(value) : `${path}: ${value}`];
  if (Array.isArray(value)) return value.flatMap((each, index) => lines(each, `${path}[${index}]`));
  const flat = Object.values(value).every((each) => each === null || typeof each !== "object");
  if (path === "" && flat)
    return [
      Object.entries(value)
        .map(([name, each]) => `${name}: ${String(each)}`)
        .join("  ·  "),
    ];
  return Object.entries(value).flatMap(([name, each]) => lines(each, path === "" ? name : `${path}.${name}`));
}

/** How a model is called, each setting with its name. Not set: a dash. */
export function settings(prompt: PromptVersion): [string, string][] {
  const { temperature, fallback_models: fallback, limits, repair } = prompt;
  return [
    ["Model", prompt.model],
    ["Falls back to", fallback === undefined || fallback.length === 0 ? "–" : fallback.join(", ")],
    ["Temperature", temperature === undefined ? "–" : String(temperature)],
    ["Longest answer", said(limits?.max_output_tokens, (n) => plural(n, "token"))],
    ["Timeout", said(limits?.timeout, (time) => (typeof time === "number" ? duration(time) : time))],
    ["Cost limit", said(limits?.usd, (n) => `$${n}`)],
    ["Repairs of an invalid answer", String(repair?.attempts ?? 1)],
    ["Confidence at", prompt.confidence ?? "/confidence"],
    ["Risk", prompt.risk ?? "–"],
  ];
}

function said<T>(value: T | null | undefined, say: (value: T) => string): string {
  return value === null || value === undefined ? "–" : say(value);
}

export function inputsOf(prompt: PromptVersion): { path: string; redact: boolean }[] {
  return prompt.inputs.map((each) =>
    typeof each === "string" ? { path: each, redact: false } : { path: each.path, redact: each.redact === true },
  );
}

export interface Change {
  what: string;
  before: string;
  after: string;
}

/** What is different from `before` to `after` apart from the texts themselves; empty where nothing is. */
export function changes(before: PromptVersion, after: PromptVersion): Change[] {
  const all = describedOf(after);
  return describedOf(before).flatMap(([what, was], index) => {
    const is = all[index]?.[1] ?? "–";
    return was === is ? [] : [{ what, before: was, after: is }];
  });
}

function describedOf(prompt: PromptVersion): [string, string][] {
  const words = prompt.messages.flatMap(({ content }) => content.split(/\s+/).filter(Boolean)).length;
  return [
    ...settings(prompt),
    [
      "Inputs",
      inputsOf(prompt)
        .map(({ path, redact }) => (redact ? `${path} (redacted)` : path))
        .join(", "),
    ],
    ["Messages", `${prompt.messages.map(({ role }) => role).join(", ")}: ${plural(words, "word")}`],
    ["Examples", plural(prompt.examples?.length ?? 0, "example")],
    ["Owner", prompt.owner],
    ["Rolls back to", prompt.rollback_version ?? "–"],
    ["Eval suite", prompt.eval_suite ?? "–"],
    ["Description", prompt.description ?? "–"],
  ];
}
