import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const contractOf = (type: string): string =>
  JSON.stringify({
    type: "object",
    required: ["event", "event_id", "created_at", "order"],
    properties: {
      event: { const: type },
      event_id: { type: "string" },
      created_at: { type: "string", format: "date-time" },
      order: {
        type: "object",
        required: ["id", "wait", "note"],
        properties: {
          id: { type: "string" },
          wait: { enum: ["sleep", "event", "review"] },
          note: { type: "string", "x-sensitive": true },
        },
      },
    },
  });

const PROMPT = {
  name: "sorter",
  version: "2026-11-23.1",
  owner: "bench",
  model: "local/in-context",
  temperature: 0,
  description: "Sort the order.",
  inputs: ["order.id"],
  output_schema: {
    type: "object",
    required: ["kind", "confidence"],
    properties: { kind: { enum: ["large", "small"] }, confidence: { type: "number" } },
  },
  examples: [{ input: { order: { id: "ord" } }, output: { kind: "small", confidence: 0.9 } }],
};

const WORKFLOW = `
import { event, workflow } from "sluice";

const paid = event("order.paid");

export default workflow(
  "order",
  { on: event("order.placed"), waitsFor: [paid], success: "orders", deadline: "48h", prompts: { sort: "sorter" } },
  async ({ order }, ctx) => {
    const checked = await ctx.run("check", () => ({ order: order.id, note: order.note.length }));
    if (order.wait === "sleep") await ctx.sleep("a day", "24h");
    if (order.wait === "event") await ctx.waitFor("payment", paid, { where: { "order.id": order.id } });
    if (order.wait === "review") {
      await ctx.prompt("sort", { order });
      await ctx.review("look at it", { of: "sort", team: "orders" });
    }
    return ctx.decide(checked);
  },
);
`;

/** Writes a project whose runs sleep, wait for an event or for a person, as the event says. */
export function writeWaitingProject(dir: string): void {
  const files = {
    "sluice.config.json": JSON.stringify({ defaultProvider: "local", logLevel: "error", keyFile: "key" }),
    key: `${Buffer.alloc(32, 7).toString("base64")}\n`,
    "events/order.placed/1.schema.json": contractOf("order.placed"),
    "events/order.paid/1.schema.json": contractOf("order.paid"),
    "prompts/sorter/2026-11-23.1.json": JSON.stringify(PROMPT, null, 2),
    "workflows/order.ts": WORKFLOW,
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text, { mode: 0o600 });
  }
}
