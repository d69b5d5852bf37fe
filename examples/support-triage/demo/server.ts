import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Api } from "./api.ts";

export interface ServerOptions {
  dataDir: string;
  keyFile: string;
  logFile: string;
  deskUrl: string;
  port: number;
  stage: string;
}

export interface Server {
  api: Api;
  /** Lets running steps end, then the process. */
  stop(): Promise<void>;
  /** At once. */
  kill(): void;
  /** Resolves when the process ends by itself. */
  ended: Promise<string>;
}

const sluice = fileURLToPath(new URL("../../../bin/sluice.js", import.meta.url));
const project = fileURLToPath(new URL("..", import.meta.url));
const READY_WITHIN_MS = 30_000;

/** Starts `sluice dev` over the example, in a process of its own, and signs in with the credential it leaves. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { dataDir, port, stage } = options;
  const args = ["dev", "--no-watch", "--dir", project, "--data", dataDir, "--port", String(port), "--stage", stage];
  // A process group of its own: Ctrl-C reaches the demo, and the demo ends the server in order.
  const child = spawn(process.execPath, [sluice, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, SUPPORT_DESK_URL: options.deskUrl, SLUICE_KEY_FILE: options.keyFile },
  });
  const log = createWriteStream(options.logFile, { flags: "a" });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = endOf(child, options.logFile);
  const kill = (): void => signalGroup(child, "SIGKILL");
  process.once("exit", kill);
  const url = await Promise.race([
    announcedAddress(child, options.logFile),
    ended.then((how) => Promise.reject(new Error(how))),
  ]);
  const { token } = JSON.parse(await readFile(join(dataDir, "credential.json"), "utf8")) as { token: string };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  };
  return { api: new Api(url, token), stop, kill, ended };
}

async function announcedAddress(child: ChildProcess, logFile: string): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const timer = setTimeout(() => lines.close(), READY_WITHIN_MS);
  for await (const line of lines) {
    const url = /https?:\/\/[^\s/]+/.exec(line)?.[0];
    if (url === undefined) continue;
    clearTimeout(timer);
    return url;
  }
  throw new Error(
    `The server did not say its address within ${READY_WITHIN_MS / 1_000} s. ${await lastWords(logFile)}`,
  );
}

async function endOf(child: ChildProcess, logFile: string): Promise<string> {
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return `The server ended with ${signal ?? `exit code ${code}`}. ${await lastWords(logFile)}`;
}

async function lastWords(logFile: string): Promise<string> {
  const text = (await readFile(logFile, "utf8").catch(() => "")).trimEnd();
  return text === "" ? "It said nothing." : `Its last words:\n${text.split("\n").slice(-12).join("\n")}`;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It is gone already.
  }
}
