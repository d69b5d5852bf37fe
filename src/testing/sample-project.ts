import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Json, JsonObject } from "../base/json.ts";
import { createSluice } from "../app/create.ts";
import { loadProject } from "../app/project.ts";
import type { Sluice } from "../app/sluice.ts";
import type { ModelRequest } from "../model/port.ts";
import { scriptedModel } from "../model/scripted.ts";

/** The golden event; `subject` tells the scripted model what to answer. */
export function ticket(eventId: string, subject: string, more: JsonObject = {}): JsonObject {
  return {
    event: "support_ticket.created",
    event_id: eventId,
    created_at: "2026-05-29T14:22:10Z",
    ticket: { id: `tkt_${eventId}`, subject, body: "I see two charges on my card." },
    ...more,
  };
}

const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["event", "event_id", "created_at", "ticket"],
  properties: {
    event: { const: "support_ticket.created" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    ticket: {
      type: "object",
      required: ["id", "subject", "body"],
      properties: {
        id: { type: "string" },
        subject: { type: "string" },
        body: { type: "string", "x-sensitive": true },
      },
    },
  },
};

const PROMPT = {
  name: "classifier",
  version: "2026-05-29.1",
  owner: "support",
  model: "scripted/classifier",
  temperature: 0,
  description: "Classify the support ticket.",
  inputs: ["ticket.subject", "ticket.body"],
  output_schema: {
    type: "object",
    required: ["category", "urgency", "confidence"],
    properties: {
      category: { type: "string", enum: ["billing", "account", "other"] },
      urgency: { type: "string", enum: ["low", "medium", "high"] },
      confidence: { type: "number", minimum: 0, maximum: 1 },
    },
  },
  rollback_version: "2026-05-20.3",
  eval_suite: "classifier_regression",
};

/** Effects land in `effects.jsonl`; while the file `broken` exists, the tool fails for good. */
const TOOLS = `
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { Failure, tool } from "sluice";
const dir = join(import.meta.dirname, "..");
export const escalate = tool("escalate", {
  effect: "write",
  risk: "low",
  idempotent: true,
  args: { type: "object", required: ["ticket_id"], properties: { ticket_id: { type: "string" } } },
  run: async (args) => {
    if (existsSync(join(dir, "broken")))
      throw new Failure({ class: "bug", code: "desk_gone", message: "The desk is gone." });
    appendFileSync(join(dir, "effects.jsonl"), JSON.stringify(args) + "\\n");
    return { filed: true };
  },
});
`;

const WORKFLOW = `
import { event, workflow } from "sluice";
import { escalate } from "../tools/desk.ts";
export default workflow("triage", {
  on: event("support_ticket.created"),
  decision: {
    type: "object",
    required: ["category", "urgency", "confidence"],
    properties: { category: { type: "string" }, urgency: { type: "string" }, confidence: { type: "number" } },
  },
  success: "suite:classifier_regression",
  deadline: "24h",
  prompts: { classify: "classifier" },
  tools: { escalate },
  thresholds: { review_below: 0.75 },
}, async ({ ticket }, ctx) => {
  const result = await ctx.prompt("classify", { ticket });
  const final = result.confidence < ctx.thresholds.review_below
    ? await ctx.review("low confidence", { of: "classify", team: "support", reveal: ["ticket.body"] })
    : result;
  if (final.category === "other") await ctx.rule("nothing else is urgent", final.urgency !== "high");
  if (final.category === "billing" && final.urgency === "high")
    await ctx.tool("escalate", escalate, { ticket_id: ticket.id });
  return ctx.decide(final);
});
`;

/** Another project than the usual one. */
export interface SampleChange {
  /** By path in the project's folder: files that are added, or stand in for those of the same path. */
  files?: Readonly<Record<string, string>>;
  /** What the scripted model says. */
  answer?: (request: ModelRequest) => JsonObject;
  /** `serve`: under proper releases, the first of them at stage shadow; else a development release of stage partial. */
  mode?: "dev" | "serve";
}

/** Writes a small triage project into a new folder and answers where it is. */
export async function writeSampleProject(change: SampleChange = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-sample-"));
  const files: Record<string, string> = {
    "sluice.config.json": JSON.stringify({ keyFile: "key", logLevel: "silent" }),
    "events/support_ticket.created/1.schema.json": JSON.stringify(SCHEMA, null, 2),
    "prompts/classifier/2026-05-29.1.json": JSON.stringify(PROMPT, null, 2),
    "prompts/classifier/2026-05-20.3.json": JSON.stringify({
      ...PROMPT,
      version: "2026-05-20.3",
      description: "Sort the ticket.",
      rollback_version: undefined,
    }),
    "tools/desk.ts": TOOLS,
    "workflows/triage.ts": WORKFLOW,
    key: `${Buffer.alloc(32, 7).toString("base64")}\n`,
    ...change.files,
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text, { mode: 0o600 });
  }
  return dir;
}

export interface Sample {
  dir: string;
  sluice: Sluice;
  /** What the escalation tool did, oldest first. */
  effects(): Promise<JsonObject[]>;
  /** From now on (or no longer) the escalation tool fails for good. */
  breakDesk(broken: boolean): Promise<void>;
  close(): Promise<void>;
}

/** The sample project at work, with a scripted model. */
export async function startSample(change: SampleChange = {}): Promise<Sample> {
  const dir = await writeSampleProject(change);
  const project = await loadProject(dir, { env: {} });
  const sluice = await createSluice({
    project,
    ...(change.mode === "serve" ? { mode: "serve" } : { mode: "dev", stage: "partial" }),
    env: {},
    log: () => {},
    scripted: scriptedModel(change.answer ?? ((request) => answerOf(request))),
  });
  return {
    dir,
    sluice,
    effects: async () => {
      const text = await readFile(join(dir, "effects.jsonl"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as JsonObject);
    },
    breakDesk: async (broken) =>
      broken ? writeFile(join(dir, "broken"), "") : rm(join(dir, "broken"), { force: true }),
    close: async () => {
      await sluice.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/**
 * A subject like `billing/high/0.9` is what the model answers (`refund` is off the schema); else it does not understand.
 * With two of them, as in `refund/low/0.9, then billing/low/0.9`, the second is its answer when it is asked to repair the first.
 */
function answerOf({ messages }: ModelRequest): Json[] | JsonObject | string {
  const asked = JSON.stringify(messages.filter(({ role }) => role !== "assistant"));
  const answers = [...asked.matchAll(/\b(billing|account|other|refund)\/(low|medium|high)\/(\d\.\d+)/g)];
  const found = messages.some(({ role }) => role === "assistant") ? answers.at(-1) : answers[0];
  if (found === undefined) return "I cannot say.";
  return { category: found[1] as string, urgency: found[2] as string, confidence: Number(found[3]) };
}
