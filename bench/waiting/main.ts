import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { JsonObject } from "../../src/base/json.ts";
import type { ServerApi } from "../../src/testing/crash/api.ts";
import { machine } from "../machine.ts";
import { writeWaitingProject } from "./project.ts";
import { Server } from "./server.ts";

const BATCH = 500;
const ANSWERERS = 16;
/** Of the runs, a tenth each is woken by an event and by a person; as many more wait for an event, and the rest sleeps. */
const WOKEN_SHARE = 0.2;

/** `npm run bench -- waiting [--runs 10000] [--seconds 60]`: what runs cost that wait, and how soon they go on. */
export async function main(args: string[]): Promise<number> {
  const options = { runs: { type: "string", default: "10000" }, seconds: { type: "string", default: "60" } } as const;
  const { values } = parseArgs({ args, options });
  const [runs, seconds] = [Number(values.runs), Number(values.seconds)];
  const dir = mkdtempSync(join(tmpdir(), "sluice-waiting-"));
  try {
    writeWaitingProject(dir);
    const { cpu, cores, memoryGb, node, load } = machine();
    say(`${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, load ${load}`);
    const none = await idle(dir, "none", seconds);
    say(row("no runs", none));
    const filled = await fill(dir, runs);
    say(`${runs} runs put to wait in ${filled.toFixed(1)} s`);
    const many = await idle(dir, "many", seconds);
    say(row(`${runs} waiting`, many));
    say(`added: ${mb(many.rss - none.rss)} RSS, ${mb(many.heapUsed - none.heapUsed)} heap`);
    await wake(dir, Math.round(runs * WOKEN_SHARE));
    return 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Idle {
  readyMs: number;
  readyCpu: number;
  rss: number;
  heapUsed: number;
  cpu: number;
}

/** A server on that data, started anew, with nothing to do. */
async function idle(dir: string, data: string, seconds: number): Promise<Idle> {
  const server = await Server.start(dir, join(dir, data));
  await pause(3_000);
  const cpu = await server.cpu(seconds);
  const { rss, heapUsed } = await server.memory();
  await server.kill();
  const { readyMs, readyCpu } = server;
  return { readyMs, readyCpu, rss, heapUsed, cpu };
}

/** Sends the events, and waits until every run waits. Seconds. */
async function fill(dir: string, runs: number): Promise<number> {
  const server = await Server.start(dir, join(dir, "many"));
  const before = await server.memory();
  const started = performance.now();
  for (let from = 0; from < runs; from += BATCH)
    await server.api.post(
      "/v1/events",
      Array.from({ length: Math.min(BATCH, runs - from) }, (_, i) => order(from + i)),
    );
  await until(server.api, "waiting", runs);
  const seconds = (performance.now() - started) / 1_000;
  const after = await server.memory();
  say(
    `in the process that took them: ${mb(after.rss - before.rss)} RSS, ${mb(after.heapUsed - before.heapUsed)} heap more`,
  );
  await server.kill();
  return seconds;
}

function order(n: number): JsonObject {
  const wait = n % 10 < 2 ? "review" : n % 10 < 6 ? "event" : "sleep";
  return placed("order.placed", n, wait);
}

function placed(event: string, n: number, wait: string): JsonObject {
  const created = "2026-11-23T09:00:00Z";
  const note = `Please ring twice at number ${n}, the bell is broken and the dog is not.`;
  return { event, event_id: `${event}_${n}`, created_at: created, order: { id: `ord_${n}`, wait, note } };
}

/** Events for so many runs, then answers for so many others: from the first call to the last run completed. */
async function wake(dir: string, count: number): Promise<void> {
  const server = await Server.start(dir, join(dir, "many"));
  const { api } = server;
  const events = Array.from({ length: count * 5 }, (_, n) => n)
    .filter((n) => n % 10 >= 2 && n % 10 < 6)
    .slice(0, count)
    .map((n) => placed("order.paid", n, "event"));
  await timed(server, `${events.length} events at once`, events.length, async () => {
    await Promise.all(slices(events).map((batch) => api.post("/v1/events", batch)));
  });
  const { items } = await reviewsOf(api, count);
  await timed(server, `${items.length} reviews by ${ANSWERERS} at once`, events.length + items.length, async () => {
    const next = items.values();
    const answerer = async (): Promise<void> => {
      for (const { review_id: id } of next) await api.post(`/v1/reviews/${String(id)}/decide`, { action: "approve" });
    };
    await Promise.all(Array.from({ length: ANSWERERS }, answerer));
  });
  await server.kill();
}

async function timed(server: Server, what: string, completed: number, act: () => Promise<void>): Promise<void> {
  const [started, before] = [performance.now(), server.cpuSeconds];
  await act();
  const told = performance.now() - started;
  await until(server.api, "completed", completed);
  const cpu = (server.cpuSeconds - before).toFixed(2);
  say(
    `${what}: taken in ${sec(told)}, all runs completed after ${sec(performance.now() - started)} (${cpu} s of a core)`,
  );
}

async function reviewsOf(api: ServerApi, count: number): Promise<{ items: JsonObject[] }> {
  const items = await api.all<JsonObject>("/v1/reviews?status=open");
  return { items: items.slice(0, count) };
}

async function until(api: ServerApi, status: string, count: number): Promise<void> {
  for (;;) {
    const counts = await api.get<Record<string, number>>("/v1/runs/counts");
    if ((counts[status] ?? 0) >= count && (counts["queued"] ?? 0) + (counts["running"] ?? 0) === 0) return;
    await pause(20);
  }
}

function slices<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / BATCH) }, (_, i) => list.slice(i * BATCH, (i + 1) * BATCH));
}

function row(name: string, { readyMs, readyCpu, rss, heapUsed, cpu }: Idle): string {
  const share = `${(cpu * 100).toFixed(2)} % of a core`;
  return `${name}: ready after ${Math.round(readyMs)} ms (${readyCpu.toFixed(2)} s of a core), ${mb(rss)} RSS, ${mb(heapUsed)} heap, ${share} while idle`;
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const sec = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
