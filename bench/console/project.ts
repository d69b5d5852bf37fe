import { mkdirSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { SHAPES, type Shape } from "./workflows.ts";

/** Writes the benchmark's project, which `sluice serve` can serve: four workflows with contracts, prompts and tools. */
export function writeProject(dir: string): void {
  const files: Record<string, string> = {
    "sluice.config.json": `${JSON.stringify({ keyFile: "key", defaultProvider: "local" }, null, 2)}\n`,
    "tools/desk.ts": toolsOf(SHAPES),
  };
  // Beside the project, so that the folder can be served by whoever has it.
  files["key"] = `${randomBytes(32).toString("base64")}\n`;
  for (const shape of SHAPES) {
    files[`events/${shape.eventType}/1.schema.json`] = json(contractOf(shape));
    shape.versions.forEach((_, at) => {
      const { file, spec } = promptOf(shape, at);
      files[file] = json(spec);
    });
    files[`workflows/${shape.workflow}.ts`] = workflowOf(shape);
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text, { mode: 0o600 });
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function contractOf({ eventType, item }: Shape): object {
  const text = { type: "string" };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    required: ["event", "event_id", "created_at", item, "customer"],
    properties: {
      event: { const: eventType },
      event_id: text,
      created_at: { type: "string", format: "date-time" },
      [item]: {
        type: "object",
        required: ["id", "subject", "body"],
        properties: { id: text, subject: text, body: { ...text, "x-sensitive": true }, channel: text },
      },
      customer: { type: "object", required: ["id", "plan"], properties: { id: text, plan: text } },
    },
  };
}

function promptOf(shape: Shape, at: number): { file: string; spec: object } {
  const { prompt, item, category, versions } = shape;
  const { version, model } = versions[at] as Shape["versions"][number];
  const before = versions[at - 1];
  const spec = {
    name: prompt,
    version,
    owner: `${shape.team}-platform`,
    model,
    temperature: 0,
    description: `Decide what becomes of a ${item}.`,
    inputs: [`${item}.subject`, `${item}.body`, "customer.plan"],
    output_schema: decisionOf(category),
    ...(before === undefined ? {} : { rollback_version: before.version }),
    eval_suite: `${prompt}_regression`,
  };
  return { file: `prompts/${prompt}/${version}.json`, spec };
}

function decisionOf(category: readonly string[]): object {
  return {
    type: "object",
    required: ["category", "urgency", "confidence", "reason"],
    properties: {
      category: { type: "string", enum: category },
      urgency: { type: "string", enum: ["low", "medium", "high"] },
      confidence: { type: "number", minimum: 0, maximum: 1 },
      reason: { type: "string", maxLength: 300 },
    },
  };
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function toolsOf(shapes: readonly Shape[]): string {
  const one = ({ read, write }: Shape): string => `
export const ${camel(read)} = tool("${read}", {
  effect: "read",
  args: { type: "object", required: ["customer_id"], properties: { customer_id: { type: "string" } } },
  result: { type: "object", required: ["known"], properties: { known: { type: "boolean" } } },
  run: async () => ({ known: true }),
});

export const ${camel(write)} = tool("${write}", {
  effect: "write",
  risk: "low",
  idempotent: true,
  args: { type: "object", required: ["id", "reason"], properties: { id: { type: "string" }, reason: { type: "string" } } },
  run: async () => ({ filed: true }),
});
`;
  return `import { tool } from "sluice";\n${shapes.map(one).join("")}`;
}

function workflowOf(shape: Shape): string {
  const { workflow, eventType, item, prompt, slot, read, write, category, team } = shape;
  return `import { event, workflow } from "sluice";
import { ${camel(read)}, ${camel(write)} } from "../tools/desk.ts";

export default workflow(
  "${workflow}",
  {
    on: event("${eventType}"),
    decision: ${JSON.stringify(decisionOf(category))},
    success: "suite:${prompt}_regression",
    deadline: "24h",
    prompts: { ${slot}: "${prompt}" },
    tools: { ${camel(read)}, ${camel(write)} },
    thresholds: { review_below: 0.75 },
  },
  async ({ ${item}, customer }, ctx) => {
    const found = await ctx.tool("${read.replaceAll("_", " ")}", ${camel(read)}, { customer_id: customer.id });
    await ctx.rule("known customer", found.known);
    const result = await ctx.prompt("${slot}", { ${item}, customer });
    const final =
      result.confidence < ctx.thresholds.review_below
        ? await ctx.review("low confidence", { of: "${slot}", team: "${team}", reveal: ["${item}.body"] })
        : result;
    if (final.urgency === "high")
      await ctx.tool("${write.replaceAll("_", " ")}", ${camel(write)}, { id: ${item}.id, reason: final.reason });
    return ctx.decide(final);
  },
);
`;
}
