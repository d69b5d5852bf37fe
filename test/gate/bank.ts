import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { INTENTS } from "./queries.ts";
import type { Query } from "./queries.ts";
import type { SuiteFile } from "./figures.ts";

/** A project of an outside tester: one workflow, one prompt in two versions, one suite over the labelled queries. */
export const SUITE: SuiteFile & { name: string; prompt: string } = {
  name: "bank_queries",
  prompt: "bank_intents",
  datasets: [
    { file: "queries.jsonl", kind: "golden" },
    { file: "out-of-scope.jsonl", kind: "negative" },
  ],
  slices: ["channel"],
  targets: [
    { name: "Intent accuracy", metric: "accuracy", field: "intent", target: ">= 92%" },
    { name: "Whole answer", metric: "accuracy", target: ">= 92%" },
    { name: "Urgent recall", metric: "recall", positive: { urgent: true }, target: ">= 98%", critical: true },
    { name: "Urgent precision", metric: "precision", positive: { urgent: true }, target: ">= 95%" },
    { name: "Urgent specificity", metric: "specificity", positive: { urgent: true }, target: ">= 95%" },
    {
      name: "Out of scope recognised",
      metric: "recall",
      positive: { intent: "out_of_scope" },
      target: ">= 80%",
      min_cases: 20,
    },
    { name: "Chat accuracy", metric: "accuracy", field: "intent", slice: { channel: "chat" }, target: ">= 90%" },
    { name: "Valid JSON rate", metric: "valid_json_rate", target: ">= 98%" },
    { name: "Schema failures", metric: "schema_failure_rate", target: "<= 2%" },
    { name: "Repairs", metric: "repair_rate", target: "<= 2%" },
    { name: "Calibration", metric: "ece", field: "intent", target: "<= 50%" },
    { name: "Average latency", metric: "latency_avg", target: "< 5s" },
    { name: "Slow answers", metric: "latency_p95", target: "< 10s" },
  ],
};

const SCHEMA = {
  type: "object",
  required: ["intent", "urgent", "confidence"],
  properties: {
    intent: { enum: INTENTS },
    urgent: { type: "boolean" },
    confidence: { type: "number", minimum: 0, maximum: 1 },
  },
};

function promptVersion(version: string, rules: string): unknown {
  return {
    name: "bank_intents",
    version,
    owner: "outside-tester",
    model: "bank/classifier",
    inputs: ["text", "channel"],
    messages: [
      { role: "system", content: `Sort the query by the ${rules}. Answer with JSON.` },
      { role: "user", content: "{{ text }}" },
    ],
    output_schema: SCHEMA,
    eval_suite: SUITE.name,
    ...(version === "1" ? {} : { rollback_version: "1" }),
  };
}

const CONTRACT = {
  type: "object",
  required: ["event", "event_id", "created_at", "text", "channel"],
  properties: {
    event: { const: "query.received" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    text: { type: "string" },
    channel: { enum: ["chat", "voice", "mail"] },
  },
};

const WORKFLOW = `import { event, workflow } from "sluice";

export default workflow(
  "bank_sorting",
  {
    on: event("query.received"),
    decision: ${JSON.stringify(SCHEMA)} as const,
    success: "suite:bank_queries",
    deadline: "1h",
    affects: [],
    prompts: { sort: "bank_intents" },
    tools: {},
  },
  async ({ text, channel }, ctx) => ctx.decide(await ctx.prompt("sort", { text, channel })),
);
`;

/** Writes it; the second version of the prompt beside the project, to be pushed. Answers where that is. */
export function writeBank(dir: string, modelUrl: string, queries: readonly Query[]): { second: string } {
  const lines = (wanted: boolean): string =>
    queries
      .filter(({ intent }) => (intent === "out_of_scope") === wanted)
      .map(({ id, text, channel, intent, urgent }) =>
        JSON.stringify({ id, input: { text, channel }, expected: { intent, urgent }, tags: ["synthetic"] }),
      )
      .join("\n");
  const files: Record<string, string> = {
    "sluice.config.json": JSON.stringify({ providers: { bank: { baseUrl: modelUrl } } }),
    "events/query.received/1.schema.json": JSON.stringify(CONTRACT),
    "workflows/bank-sorting.ts": WORKFLOW,
    "prompts/bank_intents/1.json": JSON.stringify(promptVersion("1", "first rules")),
    [`evals/${SUITE.name}/suite.json`]: JSON.stringify(SUITE),
    [`evals/${SUITE.name}/queries.jsonl`]: lines(false),
    [`evals/${SUITE.name}/out-of-scope.jsonl`]: lines(true),
    "beside/2.json": JSON.stringify(promptVersion("2", "second rules")),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return { second: join(dir, "beside/2.json") };
}
