import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

async function demo(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { SUPPORT_DESK_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: code as number | null, out, err };
}

test("the whole stream goes through a real server, every count holds, and nothing is coloured outside a terminal", async () => {
  const { code, out, err } = await demo("--exit");
  expect(err).toBe("");
  expect(out).not.toContain("BROKEN");
  expect(out).not.toContain("\u001b");
  expect(out).toMatch(/accepted +373\n/);
  expect(out).toMatch(/duplicates +32 re-sent/);
  expect(out).toMatch(/ p95 [\d.]+ m?s/);
  expect(out).toMatch(/release +1, stage partial; a development release/);
  expect(out).toMatch(/serves +classify = support_ticket_classifier@2026-11-23\.1\n/);
  expect(out.match(/^ {2}held /gm)).toHaveLength(8);
  expect(code).toBe(0);
}, 60_000);

test("without --exit it stays up, and its last lines have a link that opens the console", async () => {
  const child = spawn(process.execPath, [main], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let out = "";
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false }))
      if ((out += String(chunk)).includes("until Ctrl-C")) break;
    const [, origin = "", code = ""] = /^ {2}(http:\S+)\/login#code=(\S+)$/m.exec(out) ?? [];
    const answer = await fetch(`${origin}/v1/session`, {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ role: "admin", kind: "session" });
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
}, 60_000);

test("a wrong option is refused before anything starts", async () => {
  const { code, err } = await demo("--port", "many");
  expect(err).toBe("--port takes a number from 0 to 65535.\n");
  expect(code).toBe(2);
});

test("stopped twice it ends at once, and leaves nothing in the temp folder", async () => {
  const tmp = await mkdtemp(join(tmpdir(), "sluice-demo-test-"));
  const left = async (): Promise<string[]> => (await readdir(tmp)).filter((name) => name.startsWith("sluice-demo-"));
  const child = spawn(process.execPath, [main], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: tmp },
  });
  try {
    // Its first line: the folder is there, and the server is starting.
    await once(child.stdout, "data");
    expect(await left()).toHaveLength(1);
    // Two signals at once may arrive as one, so the second is sent until it is heard.
    const impatient = setInterval(() => child.kill("SIGINT"), 50);
    expect(await once(child, "exit")).toEqual([130, null]);
    clearInterval(impatient);
    expect(await left()).toEqual([]);
  } finally {
    child.kill("SIGKILL");
    await rm(tmp, { recursive: true, force: true });
  }
}, 60_000);
