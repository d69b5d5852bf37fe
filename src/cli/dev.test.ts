import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCredential } from "../http/credential.ts";
import { typed } from "../testing/terminal.ts";

const bin = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
let folder: string;
let dev: ChildProcess | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-dev-"));
  await typed(["init", "project"], { cwd: folder });
});
afterEach(() => {
  dev?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `sluice dev` and gives a function that waits for text among what it prints from there on. */
function start(): (text: RegExp) => Promise<RegExpExecArray> {
  const child = spawn(process.execPath, [bin, "dev", "--port", "0", "--dir", join(folder, "project")], {
    env: { ...process.env, HOME: folder, SLUICE_LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  dev = child;
  let unread = "";
  let look = (): void => {};
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      unread += chunk.toString();
      look();
    });
  return (wanted) =>
    new Promise((resolve, reject) => {
      look = () => {
        const found = wanted.exec(unread);
        if (found === null) return;
        unread = unread.slice(found.index + found[0].length);
        look = () => {};
        resolve(found);
      };
      child.once("exit", () => reject(new Error(`dev has ended; unread: ${unread}`)));
      look();
    });
}

test(
  "dev starts anew on a save at the same port, and keeps serving while a file has mistakes",
  { timeout: 60_000 },
  async () => {
    const printed = start();
    const workflow = join(folder, "project/workflows/triage.ts");
    const good = readFileSync(workflow, "utf8");
    const url = (await printed(/Sluice listens on (\S+)/))[1] as string;
    await printed(/Console: ".* login --dir .*" prints a link to sign in with\.\n/);

    writeFileSync(workflow, `${good}const = 1;\n`);
    await printed(/triage\.ts:\d+:\d+: error .*\(syntax\)[^]*The version before it is still served/);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ alive: true });

    const renamed = good.replaceAll("low confidence", "too unsure");
    expect(renamed).not.toBe(good);
    writeFileSync(workflow, renamed.replace(`deadline: "24h"`, `deadline: "12h"`));
    await printed(/in order again[^]*starting anew/);
    expect((await printed(/Sluice listens on (\S+)/))[1]).toBe(url);
    const { token = "" } = (await readCredential(join(folder, "project/.sluice"))) ?? {};
    const workflows = await fetch(`${url}/v1/workflows`, { headers: { authorization: `Bearer ${token}` } });
    expect(await workflows.text()).toContain(`"deadline_ms":${12 * 3_600_000}`);
    const graph = await fetch(`${url}/v1/workflows/triage/graph`, { headers: { authorization: `Bearer ${token}` } });
    expect(await graph.text()).toContain('"id":"step:too unsure"');

    const ended = new Promise((resolve) => dev?.once("exit", (code, signal) => resolve(code ?? signal)));
    dev?.kill("SIGINT");
    expect(await ended).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow("fetch failed");
  },
);

test(
  "dev waits for a save where the first look finds mistakes, and takes its server along when it is killed",
  { timeout: 60_000 },
  async () => {
    const workflow = join(folder, "project/workflows/triage.ts");
    const good = readFileSync(workflow, "utf8");
    writeFileSync(workflow, "const = 1;\n");
    const printed = start();
    await printed(/\(syntax\)[^]*Nothing is served until then/);
    writeFileSync(workflow, good);
    const url = (await printed(/Sluice listens on (\S+)/))[1] as string;

    dev?.kill("SIGKILL");
    // The server's end closes its port; how soon the system tells it is not ours to say.
    await expect
      .poll(
        () =>
          fetch(`${url}/healthz`).then(
            () => "answers",
            () => "gone",
          ),
        { timeout: 10_000 },
      )
      .toBe("gone");
  },
);

test("dev ends with 2 where its server cannot start for what no save mends", { timeout: 60_000 }, async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const argv = [bin, "dev", "--port", String(port), "--dir", join(folder, "project")];
  const child = spawn(process.execPath, argv, {
    env: { ...process.env, HOME: folder, SLUICE_LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  dev = child;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  taken.close();
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(`Port ${port} on 127.0.0.1 is taken.`);
  expect(err).not.toContain("Waiting for the next save");
});
