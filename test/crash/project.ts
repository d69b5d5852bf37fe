import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLE = fileURLToPath(new URL("../../examples/support-triage/", import.meta.url));
const PARTS = ["events", "prompts", "tools", "workflows", "evals", "sluice.config.ts"];
/** So that a model that hangs is noticed within the life of a server. */
const MODEL_TIMEOUT = "1s";

/** Two writes with a sleep between them: the example itself never sleeps. */
const FOLLOW_UP = `
import { event, workflow } from "sluice";
import { createEscalation } from "../tools/ticket-desk.ts";

export default workflow(
  "follow_up",
  { on: event("follow_up.due"), success: "runs completed", deadline: "1h", tools: { createEscalation } },
  async ({ ticket }, ctx) => {
    await ctx.tool("first call", createEscalation, { ticket_id: ticket.id, reason: "Nobody has answered." });
    await ctx.sleep("a while", "200ms");
    const seen = await ctx.run("look again", () => ({ answered: false }));
    await ctx.tool("second call", createEscalation, { ticket_id: ticket.id, reason: "Still nobody has answered." });
    return ctx.decide(seen);
  },
);
`;

const FOLLOW_UP_CONTRACT = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["event", "event_id", "created_at", "ticket"],
  properties: {
    event: { const: "follow_up.due" },
    event_id: { type: "string", minLength: 1 },
    created_at: { type: "string", format: "date-time" },
    ticket: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
  },
};

/** The example, with a model that is given up on sooner and a second workflow that sleeps, in a folder of its own. */
export async function writeCrashProject(dir: string): Promise<string> {
  for (const part of PARTS) await cp(join(EXAMPLE, part), join(dir, part), { recursive: true });
  await hurryModels(join(dir, "prompts"));
  const files = {
    "workflows/follow-up.ts": FOLLOW_UP,
    "events/follow_up.due/1.schema.json": JSON.stringify(FOLLOW_UP_CONTRACT, null, 2),
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  return dir;
}

async function hurryModels(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".yaml")) continue;
    const file = join(folder, name);
    const text = await readFile(file, "utf8");
    const hurried = text.replace(/limits: \{timeout: \w+/, `limits: {timeout: ${MODEL_TIMEOUT}`);
    if (hurried === text) throw new Error(`${name} has no limit of time to shorten.`);
    await writeFile(file, hurried);
  }
}
