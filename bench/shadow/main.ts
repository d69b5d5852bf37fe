import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createSluice } from "../../src/app/create.ts";
import { loadKey } from "../../src/app/key.ts";
import { loadProject } from "../../src/app/project.ts";
import type { Project } from "../../src/app/project.ts";
import type { Sluice } from "../../src/app/sluice.ts";
import { createKeyring } from "../../src/journal/keyring.ts";
import type { ModelPort } from "../../src/model/port.ts";
import { scriptedModel } from "../../src/model/scripted.ts";
import type { Candidate, Release } from "../../src/release/release.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { machine } from "../machine.ts";

const BATCH = 25;
const BETWEEN_MS = 100;
const MODEL_MS = 20;
const ANSWER = { category: "billing", confidence: 0.9 };
const env = { SLUICE_KEY: Buffer.alloc(32, 7).toString("base64") };

/** `npm run bench -- shadow [--events 2000]`: a workflow in shadow, without and with a shadow candidate beside it, by turns. */
export async function main(args: string[]): Promise<number> {
  const options = { events: { type: "string", default: "2000" }, rounds: { type: "string", default: "2" } } as const;
  const { values } = parseArgs({ args, options });
  const [events, rounds] = [Number(values.events), Number(values.rounds)];
  const { cpu, cores, memoryGb, node, load } = machine();
  say(`${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, load ${load}`);
  let failed = false;
  for (let round = 0; round < rounds; round++)
    for (const candidate of [false, true]) failed = !(await trial(events, candidate)) || failed;
  return failed ? 1 : 0;
}

/** One fresh folder: all events through it, then what is on record and what came to the desk. */
async function trial(events: number, candidate: boolean): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-shadow-"));
  const desk = await Desk.start();
  try {
    const project = await makeProject(dir, desk.url);
    if (candidate) await addCandidate(project);
    const sluice = await open(project);
    const runs = await send(sluice, events);
    const times = await ended(sluice, runs);
    const asked = candidate ? await answered(sluice, events) : 0;
    const payloads = await blocked(sluice, runs);
    await sluice.close(1_000);
    const name = candidate ? "with a candidate" : "without";
    say(
      `${name.padEnd(17)} run p50 ${at(times, 0.5)} ms  p95 ${at(times, 0.95)} ms · ${events} runs, ${payloads} payloads on record, ` +
        `${desk.requests} requests at the desk, ${asked} answers of the candidate`,
    );
    return payloads === events && desk.requests === 0 && asked === (candidate ? events : 0);
  } finally {
    desk.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Counts whatever comes. */
class Desk {
  requests = 0;
  url = "";
  readonly #server: Server = createServer((_request, response) => {
    this.requests++;
    response.end("{}");
  });

  static async start(): Promise<Desk> {
    const desk = new Desk();
    await new Promise<void>((resolve) => desk.#server.listen(0, "127.0.0.1", resolve));
    desk.url = `http://127.0.0.1:${(desk.#server.address() as AddressInfo).port}`;
    return desk;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function promptOf(version: string): object {
  const content = `${version === "1" ? "Classify" : "Sort"}: {{ ticket.body }}`;
  const properties = { category: { enum: ["billing", "other"] }, confidence: { type: "number" } };
  const output = { type: "object", required: ["category", "confidence"], properties };
  const messages = [{ role: "user", content }];
  return { name: "classifier", version, owner: "bench", model: "scripted/one", inputs: ["ticket.body"], messages, output_schema: output }; // prettier-ignore
}

const CODE = `
import { event, tool, workflow } from "sluice";
const escalate = tool("escalate", {
  effect: "write", risk: "low", idempotent: true,
  args: { type: "object", required: ["reason"], properties: { reason: { type: "string" } } },
  run: async (args) => { const r = await fetch(process.env.BENCH_DESK, { method: "POST", body: JSON.stringify(args) }); return await r.json(); },
});
export default workflow("flow", { on: event("ticket.created"), deadline: "1h", prompts: { classify: "classifier" }, tools: { escalate } },
  async (given, ctx) => {
    const said = await ctx.prompt("classify", given);
    await ctx.tool("escalate", escalate, { reason: said.category });
    return ctx.decide(said);
  });
`;

async function makeProject(dir: string, desk: string): Promise<Project> {
  process.env["BENCH_DESK"] = desk;
  const contract = {
    "x-default": true,
    type: "object",
    required: ["event", "event_id", "created_at", "ticket"],
    properties: {
      event: { const: "ticket.created" },
      event_id: { type: "string" },
      created_at: { type: "string" },
      ticket: { type: "object", properties: { body: { type: "string", "x-sensitive": true } } },
    },
  };
  const files: Record<string, string> = {
    "sluice.config.json": JSON.stringify({ shadowConcurrency: 4 }),
    "events/ticket.created/1.schema.json": JSON.stringify(contract),
    // The newest version serves first: the one that is tried comes before it.
    "prompts/classifier/1.json": JSON.stringify(promptOf("1")),
    "prompts/classifier/0.json": JSON.stringify(promptOf("0")),
    "workflows/flow.ts": CODE,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return await loadProject(dir, { env });
}

function open(project: Project): Promise<Sluice> {
  const model = scriptedModel();
  const slow: ModelPort = {
    async call(request) {
      await pause(MODEL_MS);
      model.push(ANSWER);
      return await model.call(request);
    },
  };
  return createSluice({ project, mode: "serve", env, scripted: slow, log: () => {} });
}

/** Puts the other version beside the one that serves, for every key. */
async function addCandidate(project: Project): Promise<void> {
  await (await open(project)).close(1_000);
  const { chainKey } = createKeyring(await loadKey(project.config, env));
  const store = await openSqliteStore({ dataDir: project.config.dataDir, chainKey, clock: { now: () => Date.now() } });
  const control = await store.control("flow");
  const present = JSON.parse(control?.body ?? "null") as Release;
  const { version, hash, model } = project.prompts.get("classifier", "0");
  const candidate: Candidate = { version, hash, model, share: 1, mode: "shadow", salt: "bench" };
  const prompts = { classify: { ...(present.prompts["classify"] as Release["prompts"][string]), candidate } };
  const number = present.number + 1;
  const body = JSON.stringify({ ...present, number, prompts });
  await store.publish({ workflow: "flow", number, body, createdAt: Date.now() }, control?.version ?? 0);
  await store.close();
}

async function send(sluice: Sluice, events: number): Promise<string[]> {
  const runs: string[] = [];
  for (let first = 0; first < events; first += BATCH) {
    const bodies = Array.from({ length: Math.min(BATCH, events - first) }, (_, i) => ({
      event: "ticket.created",
      event_id: `evt_${first + i}`,
      created_at: "2026-05-29T14:22:10Z",
      ticket: { body: `I was charged twice for order ${first + i}.` },
    }));
    for (const each of await sluice.submit(bodies))
      if (each.outcome === "accepted") runs.push(...each.runs.map(({ runId }) => runId));
    await pause(BETWEEN_MS);
  }
  return runs;
}

/** How long each run took from its first claim to its decision, ms, shortest first. */
async function ended(sluice: Sluice, runs: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const runId of runs) {
    const run = await sluice.whenDecided(runId, 60_000);
    if (run?.endedAt == null || run.startedAt === null) throw new Error(`Run ${runId} has not ended.`);
    times.push(run.endedAt - run.startedAt);
  }
  return times.toSorted((a, b) => a - b);
}

async function answered(sluice: Sluice, events: number): Promise<number> {
  for (let seconds = 0; seconds < 600; seconds++) {
    const [totals] = await sluice.candidates.totals("flow");
    if (totals !== undefined && totals.valid >= events) return totals.valid;
    await pause(1_000);
  }
  return 0;
}

async function blocked(sluice: Sluice, runs: readonly string[]): Promise<number> {
  let payloads = 0;
  for (const runId of runs) {
    const trace = (await sluice.trace(runId)) ?? [];
    payloads += trace.filter(
      ({ phase, input }) => phase === "blocked" && JSON.stringify(input) === JSON.stringify({ reason: "billing" }),
    ).length;
  }
  return payloads;
}

function at(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
