import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { startChild } from "../../src/testing/crash/child.ts";
import type { Child } from "../../src/testing/crash/child.ts";

const BIN = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const SERVER = fileURLToPath(new URL("server.ts", import.meta.url));

const CONTRACT: JsonObject = {
  "x-default": true,
  type: "object",
  required: ["event", "event_id", "created_at", "text"],
  properties: {
    event: { const: "note.made" },
    event_id: { type: "string" },
    created_at: { type: "string", format: "date-time" },
    text: { type: "string", "x-sensitive": true },
  },
};

const PROMPT: JsonObject = {
  name: "sorter",
  version: "1",
  owner: "tests",
  model: "local/in-context",
  inputs: ["text"],
  messages: [{ role: "user", content: "Sort: {{ text }}" }],
  output_schema: {
    type: "object",
    required: ["kind", "confidence"],
    properties: { kind: { enum: ["call", "mail"] }, confidence: { type: "number", minimum: 0, maximum: 1 } },
  },
  examples: [{ input: { text: "Ring them." }, output: { kind: "call", confidence: 0.9 } }],
};

/** Two reviews around three writes to another system: one that knows keys, one that can be looked up, one that cannot. */
const WORKFLOW = `
import { event, tool, workflow } from "sluice";

const url = process.env.PEER_URL;
const call = async (path, body, key = "") => {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  return await (await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) })).json();
};
const args = { type: "object", required: ["text"], properties: { text: { type: "string" } } };
const write = (name, more = {}) =>
  tool(name, { effect: "write", risk: "low", args, run: (given, { idempotencyKey }) => call("/" + name, given, idempotencyKey), ...more });
const keyed = write("keyed", { idempotent: true });
const looked = write("looked", { reconcile: async (given) => {
  const found = await call("/looked-up", given);
  return found.done ? { status: "done", result: { ok: true } } : { status: "not_done" };
} });
const blind = write("blind");

export default workflow("notes", { on: event("note.made"), deadline: "24h", prompts: { sort: "sorter" }, tools: { keyed, looked, blind } }, async (note, ctx) => {
  await ctx.prompt("sort", { text: note.text });
  await ctx.review("before", { of: "sort" });
  for (const one of [keyed, looked, blind]) await ctx.tool(one.name, one, { text: note.text });
  await ctx.review("after", { of: "sort" });
  return ctx.decide({ done: true });
});
`;

interface OpenReview {
  review_id: string;
  run_id: string;
  step: string;
  why: string;
}

/** A project on disk with a server that can be killed, and the real command line. */
export class KeptProject {
  readonly dir: string;
  readonly env: Record<string, string>;
  server: Child | null = null;
  url = "";
  #events = 0;

  private constructor(dir: string, env: Record<string, string>) {
    this.dir = dir;
    this.env = env;
  }

  static async open(env: Record<string, string> = {}): Promise<KeptProject> {
    const dir = await mkdtemp(join(tmpdir(), "sluice-keeping-"));
    const files = {
      "sluice.config.json": "{}",
      "events/note.made/1.schema.json": JSON.stringify(CONTRACT),
      "prompts/sorter/1.json": JSON.stringify(PROMPT),
      "workflows/notes.ts": WORKFLOW,
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(dir, path, ".."), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    const project = new KeptProject(dir, { SLUICE_KEY: randomBytes(32).toString("base64"), NO_COLOR: "1", ...env });
    onTestFinished(async () => {
      await project.kill();
      await rm(dir, { recursive: true, force: true });
    });
    return project;
  }

  get dataDir(): string {
    return join(this.dir, ".sluice");
  }

  async start(): Promise<void> {
    const server = startChild([SERVER, this.dir], this.env);
    this.server = server;
    const said = await server.says(/^ready (\S+)/);
    if (said === null) throw new Error(`The server ended before it was ready:\n${server.errors()}`);
    this.url = said[1] as string;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.server?.kill();
    this.server = null;
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = null;
  }

  /** `sluice …` in the project folder. */
  async sluice(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    return await this.begin(...args).ended;
  }

  begin(...args: string[]): {
    signal(name: NodeJS.Signals): void;
    ended: Promise<{ code: number | null; out: string; err: string }>;
  } {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: this.dir,
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      child.once("close", (code) => resolve({ code, out, err }));
    });
    return { signal: (name) => void child.kill(name), ended };
  }

  async api(method: string, path: string, body?: unknown): Promise<{ status: number; body: JsonObject }> {
    const { token } = JSON.parse(readFileSync(join(this.dataDir, "credential.json"), "utf8")) as { token: string };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  }

  note(id = `note_${++this.#events}`): JsonObject {
    return { event: "note.made", event_id: id, created_at: "2026-05-29T14:22:10Z", text: "Call Zoë Quux back." };
  }

  async send(note: JsonObject = this.note()): Promise<string> {
    const { status, body } = await this.api("POST", "/v1/events", note);
    if (status !== 202) throw new Error(`The event was not accepted: ${status} ${JSON.stringify(body)}`);
    return body["run_id"] as string;
  }

  async #openReviews(): Promise<OpenReview[]> {
    return (await this.api("GET", "/v1/reviews?status=open")).body["items"] as unknown as OpenReview[];
  }

  /** The one open review of the run, once it waits for it. */
  async review(runId: string): Promise<OpenReview> {
    return await this.eventually(`a review of ${runId}`, async () =>
      (await this.#openReviews()).find((item) => item.run_id === runId),
    );
  }

  async approve(runId: string): Promise<void> {
    const { review_id: id } = await this.review(runId);
    const { status, body } = await this.api("POST", `/v1/reviews/${id}/decide`, { action: "approve" });
    if (status !== 200) throw new Error(`The review was not approved: ${JSON.stringify(body)}`);
  }

  async run(runId: string): Promise<JsonObject> {
    return (await this.api("GET", `/v1/runs/${runId}`)).body;
  }

  async status(runId: string, status: string): Promise<JsonObject> {
    return await this.eventually(`${runId} ${status}`, async () => {
      const run = await this.run(runId);
      return run["status"] === status ? run : undefined;
    });
  }

  async eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
      if (performance.now() > deadline) throw new Error(`It did not come to ${what}. ${this.server?.errors() ?? ""}`);
    }
  }

  has(path: string): boolean {
    return existsSync(join(this.dir, path));
  }
}
