import type { Json, JsonObject } from "../base/json.ts";
import type { Schema } from "../base/schema.ts";
import type { Message } from "../model/port.ts";
import type { Template } from "./template.ts";

/** A value the prompt is given, by its dotted path into what `ctx.prompt` is called with. */
export interface PromptInput {
  path: string;
  /** The model too sees the redacted form. */
  redact: boolean;
}

export interface PromptMessage {
  role: Message["role"];
  /** Liquid source. */
  content: string;
  template: Template;
}

export interface PromptExample {
  input: JsonObject;
  output: Json;
}

/** One version of a prompt, checked and compiled. Immutable: `hash` covers everything that it says. */
export interface PromptSpec {
  name: string;
  version: string;
  owner: string;
  description?: string;
  /** As written: `provider/model` or a bare name, which takes the config's default provider. */
  model: string;
  fallbackModels: readonly string[];
  temperature?: number;
  inputs: readonly PromptInput[];
  messages: readonly PromptMessage[];
  examples: readonly PromptExample[];
  /** As written. */
  outputSchema: JsonObject;
  /** The compiled schema, closed unless it opens itself: an extra field is invalid. */
  output: Schema;
  /** JSON pointer to the confidence in the output; null where the schema has none. */
  confidence: string | null;
  repair: { attempts: 0 | 1 };
  limits: { timeoutMs: number; maxOutputTokens?: number; usd?: number };
  risk: "low" | "high";
  rollbackVersion?: string;
  evalSuite?: string;
  /** SHA-256, hex, of the canonical `document`. */
  hash: string;
  /** The spec as one document, its messages filled in: what is published, diffed and hashed. A spec file in its own right. */
  document: JsonObject;
  /** Where it was read; absent for one read from the store. */
  file?: string;
}
