import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { splitLines } from "../base/lines.ts";
import { ticket, writeSampleProject } from "../testing/sample-project.ts";
import { typed } from "../testing/terminal.ts";

const BIN = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));

let dir: string;
const children: Serving[] = [];
beforeEach(async () => {
  dir = await writeSampleProject();
});
afterEach(async () => {
  for (const { child, ended } of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  }
  await rm(dir, { recursive: true });
});

interface Serving {
  child: ChildProcessByStdio<null, Readable, Readable>;
  /** The first line on standard output, "" where it ended without one. */
  firstLine: Promise<string>;
  ended: Promise<{ code: number | null; out: string; err: string }>;
}

function serve(...flags: string[]): Serving {
  const child = spawn(process.execPath, [BIN, "serve", "--dir", dir, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const first = Promise.withResolvers<string>();
  const reading = (async (): Promise<void> => {
    for await (const line of splitLines(child.stdout)) {
      out += `${line}\n`;
      first.resolve(line);
    }
    first.resolve("");
  })();
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once("close", (code) => void reading.then(() => resolve({ code, out, err })));
  });
  const serving = { child, firstLine: first.promise, ended };
  children.push(serving);
  return serving;
}

describe("serve", () => {
  test("prints one line with its address, takes events, and ends well when told to", async () => {
    const { child, firstLine, ended } = serve("--port", "0");
    expect(await firstLine).toMatch(/^Sluice listens on http:\/\/127\.0\.0\.1:\d+$/);
    const stdin = JSON.stringify(ticket("evt_1", "x"));
    expect(await typed(["trigger", "-", "--dir", dir], { stdin })).toMatchObject({ code: 0 });
    child.kill("SIGTERM");
    const { code, out, err } = await ended;
    expect([code, out.split("\n").length]).toEqual([0, 2]);
    expect(err.match(/^Console: ".* login --dir .*" prints a link to sign in with\.$/gm)).toHaveLength(1);
    expect(err).not.toContain("#code=");
    expect(await typed(["runs", "list", "--dir", dir])).toMatchObject({ code: 2 });
  });

  test("keeps what it took when it is killed, and goes on", async () => {
    const first = serve("--port", "0");
    await first.firstLine;
    const stdin = JSON.stringify(ticket("evt_1", "x"));
    expect((await typed(["trigger", "-", "--dir", dir], { stdin })).code).toBe(0);
    first.child.kill("SIGKILL");
    await first.ended;
    const second = serve("--port", "0");
    expect(await second.firstLine).toContain("Sluice listens");
    expect((await typed(["trigger", "-", "--dir", dir], { stdin })).out).toContain("evt_1 was accepted before");
    expect(await typed(["audit", "verify", "--dir", dir])).toMatchObject({ code: 0 });
  });

  test("says so when the port or the store is taken, and leaves the running one alone", async () => {
    const running = serve("--port", "0");
    const port = new URL((await running.firstLine).split(" ").at(-1) ?? "").port;
    const samePort = await serve("--port", port, "--data", "other").ended;
    expect(samePort).toMatchObject({ code: 2, out: "" });
    expect(samePort.err).toContain(`Port ${port} on 127.0.0.1 is taken.`);
    const sameStore = await serve("--port", "0").ended;
    expect(sameStore).toMatchObject({ code: 2, out: "" });
    expect(sameStore.err).toContain(`in use by process ${running.child.pid}`);
    for (const { err } of [samePort, sameStore]) expect(err).not.toMatch(/\n\s+at /);
    expect(await typed(["runs", "list", "--dir", dir])).toMatchObject({ code: 0 });
  });

  test.each([["serve"], ["dev"]])("%s refuses a folder that is no project, and leaves it as it is", async (command) => {
    const empty = await mkdtemp(join(tmpdir(), "sluice-empty-"));
    try {
      for (const flags of [[], ["--no-watch"]].slice(0, command === "dev" ? 2 : 1)) {
        const { code, out, err } = await typed([command, "--dir", empty, "--port", "0", ...flags]);
        expect([code, out]).toEqual([2, ""]);
        expect(err).toContain(`is no Sluice project`);
        expect(err).toContain("sluice init");
      }
      expect(await readdir(empty)).toEqual([]);
      const file = join(empty, "file");
      await writeFile(file, "");
      for (const each of [command, "check"])
        expect(await typed([each, "--dir", file])).toMatchObject({
          code: 2,
          err: expect.stringContaining("is a file"),
        });
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  test("names every mistake of the project with its place, and serves nothing", async () => {
    await writeFile(join(dir, "events/support_ticket.created/1.schema.json"), '{\n  "type": "dict"\n}\n');
    await writeFile(join(dir, "prompts/classifier/2026-05-29.1.json"), "{\n");
    const { code, out, err } = await serve("--port", "0").ended;
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/events\/support_ticket\.created\/1\.schema\.json:2/);
    expect(err).toMatch(/prompts\/classifier\/2026-05-29\.1\.json:/);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test.each([
    ["--port", "http", "port"],
    ["--port", "70000", "port"],
    ["--host", "nowhere.invalid", "host"],
  ])("%s %s is wrong use", async (flag, value, named) => {
    const { code, out, err } = await serve(flag, value).ended;
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(named);
  });
});
