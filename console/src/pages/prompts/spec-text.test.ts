import { describe, expect, test } from "vitest";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { changes, partText } from "./spec-text.ts";

const old: PromptVersion = {
  name: "classifier",
  version: "1",
  owner: "support",
  model: "openai/small",
  temperature: 0,
  inputs: ["ticket.subject"],
  messages: [
    { role: "system", content: "Sort the ticket.\n" },
    { role: "user", content: "{{ ticket.subject }}" },
  ],
  examples: [{ input: { ticket: { subject: "Charged twice" } }, output: { category: "billing", confidence: 0.9 } }],
  output_schema: { type: "object", required: ["category"], properties: { category: { enum: ["billing", "other"] } } },
  hash: "a",
  risk: "low",
  source: "file",
  published_at: null,
  published_by: null,
  reason: null,
  approvals: [],
  serves: [],
  candidate_in: [],
};

describe("a prompt as text", () => {
  test("has its messages under their roles, its examples with what they lead to, and its output by field", () => {
    expect(partText(old, "messages")).toBe("── system ──\nSort the ticket.\n\n── user ──\n{{ ticket.subject }}\n");
    expect(partText(old, "examples")).toBe("ticket.subject: Charged twice\n→ category: billing  ·  confidence: 0.9\n");
    expect(partText(old, "schema")).toBe("category: one of these\n    billing · other");
    expect(JSON.parse(partText(old, "spec"))).not.toHaveProperty("hash");
  });

  test("is told apart by what changed and nothing else", () => {
    expect(changes(old, { ...old, version: "2", hash: "b" })).toEqual([]);
    const next: PromptVersion = {
      ...old,
      version: "2",
      model: "openai/large",
      inputs: ["ticket.subject", { path: "ticket.body", redact: true }],
      limits: { timeout: 2_000, max_output_tokens: 1 },
      repair: { attempts: 0 },
    };
    expect(changes(old, next)).toEqual([
      { what: "Model", before: "openai/small", after: "openai/large" },
      { what: "Longest answer", before: "–", after: "1 token" },
      { what: "Timeout", before: "–", after: "2.00 s" },
      { what: "Repairs of an invalid answer", before: "1", after: "0" },
      { what: "Inputs", before: "ticket.subject", after: "ticket.subject, ticket.body (redacted)" },
    ]);
  });
});
