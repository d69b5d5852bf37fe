import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLE = fileURLToPath(new URL("../../examples/support-triage/", import.meta.url));
const PARTS = ["events", "prompts", "tools", "workflows", "evals", "sluice.config.ts"];
/** So that a model that hangs is noticed within the life of a server. */
const MODEL_TIMEOUT = "1s";

/**
 * Left out: its 442 examples cost the in-context model, which shares these processors, more than the server takes for the
 * whole run, and a kill is to find the server at work.
 */
const SLOW_VERSION = "prompts/support_ticket_classifier/2026-11-23.1.yaml";

/** Two writes with a sleep and a wait between them: the example itself has neither. */
const FOLLOW_UP = `
import { event, workflow } from "sluice";
import { createEscalation } from "../tools/ticket-desk.ts";

const answered = event("follow_up.answered");

export default workflow(
  "follow_up",
  {
    on: event("follow_up.due"),
    waitsFor: [answered],
    success: "runs completed",
    deadline: "1h",
    tools: { createEscalation },
  },
  async ({ ticket }, ctx) => {
    await ctx.tool("first call", createEscalation, { ticket_id: ticket.id, reason: "Nobody has answered." });
    await ctx.sleep("a while", "200ms");
    const answer = await ctx.waitFor("an answer", answered, { where: { "ticket.id": ticket.id }, timeout: "1s" });
    const seen = await ctx.run("look again", () => ({ answered: answer !== null }));
    await ctx.tool("second call", createEscalation, { ticket_id: ticket.id, reason: "They want to know." });
    return ctx.decide(seen);
  },
);
`;

const contractOf = (type: string): string =>
  JSON.stringify({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    required: ["event", "event_id", "created_at", "ticket"],
    properties: {
      event: { const: type },
      event_id: { type: "string", minLength: 1 },
      created_at: { type: "string", format: "date-time" },
      ticket: { type: "object", required: ["id"], properties: { id: { type: "string" } } },
    },
  });

/** The example, with a model that is given up on sooner and a second workflow that sleeps and waits, in a folder of its own. */
export async function writeCrashProject(dir: string): Promise<string> {
  for (const part of PARTS) await cp(join(EXAMPLE, part), join(dir, part), { recursive: true });
  await rm(join(dir, SLOW_VERSION));
  await hurryModels(join(dir, "prompts"));
  const files = {
    "workflows/follow-up.ts": FOLLOW_UP,
    "events/follow_up.due/1.schema.json": contractOf("follow_up.due"),
    "events/follow_up.answered/1.schema.json": contractOf("follow_up.answered"),
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
