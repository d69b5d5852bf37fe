import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type Desk, type DeskCounts, type DeskOptions, startDesk } from "./desk.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function desk(options: DeskOptions = {}): Promise<Desk> {
  const started = await startDesk(options);
  closing.push(() => started.close().catch(() => {}));
  return started;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "desk-"));
  closing.push(() => rm(path, { recursive: true }));
  return path;
}

function post(url: string, path: string, body: unknown, key?: string): Promise<Response> {
  const headers = { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) };
  return fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

const escalation = { ticket_id: "tkt_1", reason: "double charge" };

test("an account is found by customer id, and an unknown customer is a 404", async () => {
  const { url, counts } = await desk();
  const known = await fetch(`${url}/accounts/cus_1188`);
  expect(await known.json()).toMatchObject({ customer_id: "cus_1188", plan: "pro", enterprise: false });
  expect((await fetch(`${url}/accounts/cus_0`)).status).toBe(404);
  expect(counts().accounts).toEqual({ requests: 2, unknown: 1 });
});

test("a repeated key is answered with the first effect, carried out once, and counted as received twice", async () => {
  const { url, counts } = await desk();
  const first = await post(url, "/escalations", escalation, "k1");
  const second = await post(url, "/escalations", escalation, "k1");
  expect([first.status, second.status]).toEqual([201, 200]);
  expect(await second.json()).toEqual(await first.json());
  expect(counts().escalations).toEqual({ requests: 2, distinct: 1, repeated: 1, conflicts: 0 });
});

test("twenty simultaneous requests under one key are one effect", async () => {
  const { url, counts } = await desk({ file: join(await folder(), "effects.jsonl") });
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(url, "/escalations", escalation, "k1")));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(counts().escalations).toMatchObject({ requests: 20, distinct: 1, repeated: 19 });
});

test("the same key with another body is a conflict and changes nothing", async () => {
  const { url, counts } = await desk();
  await post(url, "/escalations", escalation, "k1");
  expect((await post(url, "/escalations", { ...escalation, reason: "other" }, "k1")).status).toBe(409);
  expect(counts().escalations).toMatchObject({ distinct: 1, conflicts: 1 });
});

test("a key counts for its own kind of write only", async () => {
  const { url, counts } = await desk();
  await post(url, "/escalations", escalation, "k1");
  const reply = await post(url, "/replies", { ticket_id: "tkt_1", language: "en", text: "Hello" }, "k1");
  expect(reply.status).toBe(201);
  expect(counts()).toMatchObject({ escalations: { distinct: 1 }, replies: { distinct: 1 } });
});

test("a write without a key, or with a body off its shape, is refused and leaves no effect", async () => {
  const { url, counts } = await desk();
  expect((await post(url, "/escalations", escalation)).status).toBe(400);
  expect((await post(url, "/escalations", { ticket_id: "tkt_1" }, "k")).status).toBe(422);
  expect((await post(url, "/escalations", { ...escalation, extra: 1 }, "k")).status).toBe(422);
  expect(counts().escalations.requests).toBe(0);
});

test("effects and keys outlive the desk, and a line torn by a kill is cut off", async () => {
  const file = join(await folder(), "effects.jsonl");
  const before = await desk({ file });
  await post(before.url, "/escalations", escalation, "k1");
  await before.close();
  await appendFile(file, '{"at":"2026-0');
  const after = await desk({ file });
  expect((await post(after.url, "/escalations", escalation, "k1")).status).toBe(200);
  expect((await post(after.url, "/escalations", escalation, "k2")).status).toBe(201);
  expect(after.counts().escalations).toMatchObject({ requests: 3, distinct: 2, repeated: 1 });
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { key: string; outcome: string }).outcome)).toEqual([
    "created",
    "repeated",
    "created",
  ]);
});

test("injected failures strike before or after the effect, the same for the same seed", async () => {
  const run = async (): Promise<{ statuses: number[]; counts: DeskCounts }> => {
    const { url, counts } = await desk({ fail: 0.5, seed: 7 });
    const statuses: number[] = [];
    for (let i = 0; i < 40; i++) statuses.push((await post(url, "/escalations", escalation, `k${i}`)).status);
    return { statuses, counts: counts() };
  };
  const [one, two] = [await run(), await run()];
  expect(one).toEqual(two);
  const failed = (status: number): number => one.statuses.filter((each) => each === status).length;
  expect(failed(503)).toBeGreaterThan(0);
  expect(failed(500)).toBeGreaterThan(0);
  expect(one.counts.injected).toBe(failed(500) + failed(503));
  expect(one.counts.escalations.distinct).toBe(failed(201) + failed(500));
});

test("started by itself it says its address, and what it acknowledged is on disk after SIGKILL", async () => {
  const file = join(await folder(), "effects.jsonl");
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [main, "--port", "0", "--file", file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  closing.push(async () => child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line")) as [string];
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] as string;
  await post(url, "/escalations", escalation, "k1");
  expect(await (await fetch(`${url}/counts`)).json()).toMatchObject({ escalations: { requests: 1, distinct: 1 } });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ key: "k1", ticket_id: "tkt_1", outcome: "created" });
});
