import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const SUITE = "mock_regression";
export const LABELS: readonly string[] = ["billing", "bug", "sales", "account", "how_to", "other"];

export const SYSTEM: string =
  "Classify the support ticket. Give the category, how sure you are from 0 to 1, and one sentence why.";

export const OUTPUT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["category", "confidence", "reason"],
  properties: {
    category: { type: "string", enum: LABELS },
    confidence: { type: "number", minimum: 0, maximum: 1 },
    reason: { type: "string", maxLength: 300 },
  },
} as const;

export interface Case {
  id: string;
  input: { ticket: { subject: string; body: string } };
  expected: { category: string };
}

export function caseAt(index: number): Case {
  const label = LABELS[index % LABELS.length] as string;
  const subject = `Ticket ${index}: something about my last order`;
  const body = `${"I have written before and nobody answered, so here it is again in full. ".repeat(4)} label=${label}`;
  return { id: `case-${index}`, input: { ticket: { subject, body } }, expected: { category: label } };
}

export function question({ input: { ticket } }: Case): string {
  return `Subject: ${ticket.subject}\n${ticket.body}`;
}

/** A project with a suite of so many cases, whose model is the mock at this port. */
export function writeProject(dir: string, cases: number, port: number): void {
  const write = (file: string, text: string): void => {
    mkdirSync(join(dir, file, ".."), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  const providers = { mock: { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "none" } };
  write("sluice.config.json", JSON.stringify({ providers, logLevel: "error" }));
  const prompt = {
    name: "mock_classifier",
    version: "1",
    owner: "bench",
    model: "mock/mock",
    temperature: 0,
    inputs: ["ticket.subject", "ticket.body"],
    messages: [
      { role: "system", content: SYSTEM },
      { role: "user", content: "Subject: {{ ticket.subject }}\n{{ ticket.body }}" },
    ],
    output_schema: OUTPUT_SCHEMA,
    eval_suite: SUITE,
  };
  write("prompts/mock_classifier/1.json", JSON.stringify(prompt));
  const suite = {
    name: SUITE,
    prompt: "mock_classifier",
    datasets: [{ file: "cases.jsonl", kind: "golden" }],
    targets: [
      { name: "Category accuracy", metric: "accuracy", field: "category", target: ">= 95%" },
      { name: "Valid JSON rate", metric: "valid_json_rate", target: ">= 99%" },
    ],
  };
  write(`evals/${SUITE}/suite.json`, JSON.stringify(suite));
  const lines = Array.from({ length: cases }, (_, index) => JSON.stringify(caseAt(index)));
  write(`evals/${SUITE}/cases.jsonl`, `${lines.join("\n")}\n`);
}
