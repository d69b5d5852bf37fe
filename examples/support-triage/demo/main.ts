import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Desk, startDesk } from "../desk/desk.ts";
import type { Release, Run, Served } from "./api.ts";
import { postAll, readRuns, untilSettled } from "./flow.ts";
import { checkLines, howToLook, releaseLine, summary } from "./report.ts";
import { type Server, startServer } from "./server.ts";
import { tally } from "./tally.ts";
import { readStream } from "./tickets.ts";
import { type DeskView, runsOf, verify } from "./verify.ts";

const USAGE = `Streams the example's tickets through one Sluice process and shows what happened.

  npm run demo                     and stays up until Ctrl-C
  npm run demo -- --exit           ends with 0 when every count held, else 1
  npm run demo -- --data DIR       keeps the store, its key and the desk's effects in DIR
  npm run demo -- --port 4780      the server's port; any free one unless set
  npm run demo -- --stage shadow   another stage than partial`;

interface Options {
  exit: boolean;
  data: string | undefined;
  port: number;
  stage: string;
}

class WrongUse extends Error {}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const FLAGS = { exit: flag, help: flag, data: text, port: text, stage: text };

function readOptions(): Options {
  const { values } = parsed();
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const port = Number(values.port ?? "0");
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new WrongUse("--port takes a number from 0 to 65535.");
  return { exit: values.exit, data: values.data, port, stage: values.stage ?? "partial" };
}

function parsed(): ReturnType<typeof parseArgs<{ options: typeof FLAGS }>> {
  try {
    return parseArgs({ options: FLAGS });
  } catch (error) {
    throw new WrongUse((error as Error).message);
  }
}

/** Everything the demo writes is in one folder; a fresh one in the system's temp folder unless `--data` keeps it. */
interface Place {
  dataDir: string;
  keyFile: string;
  effectsFile: string;
  logFile: string;
  remove(): Promise<void>;
  /** The same at once, for a hard stop. */
  removeNow(): void;
}

async function preparePlace(kept: string | undefined): Promise<Place> {
  const root = kept === undefined ? await mkdtemp(join(tmpdir(), "sluice-demo-")) : resolve(kept);
  await mkdir(root, { recursive: true });
  const keyFile = join(root, "key");
  if (!existsSync(keyFile)) await writeFile(keyFile, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  return {
    dataDir: join(root, "data"),
    keyFile,
    effectsFile: join(root, "desk-effects.jsonl"),
    logFile: join(root, "server.log"),
    remove: async () => {
      if (kept === undefined) await rm(root, { recursive: true, force: true });
    },
    removeNow: () => {
      // The killed server may still be writing its last file while this looks.
      if (kept === undefined) rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

async function deskView(desk: Desk): Promise<DeskView> {
  const keys = async (path: string): Promise<string[]> => {
    const { items } = (await (await fetch(`${desk.url}${path}`)).json()) as { items: { key: string }[] };
    return items.map(({ key }) => key);
  };
  return { counts: desk.counts(), escalationKeys: await keys("/escalations"), replyKeys: await keys("/replies") };
}

/** Runs the stream through and prints the outcome; true when every check holds. */
async function perform(server: Server, desk: Desk, place: Place, staying: boolean): Promise<boolean> {
  const { api } = server;
  const stream = await readStream();
  const before = runsOf(stream, await api.all<Run>("/v1/runs")).length;
  const started = performance.now();
  const receipts = await postAll(api, stream);
  await untilSettled(api, stream.distinct);
  const seconds = (performance.now() - started) / 1_000;
  const runs = await readRuns(api);
  const view = await deskView(desk);
  process.stdout.write(`${summary(tally(receipts, runs, stream.labels), view.counts, seconds)}\n`);
  const [release, served] = await Promise.all([
    api.get<Release>("/v1/releases/support_triage"),
    api.get<Served>("/v1/releases/support_triage/served"),
  ]);
  process.stdout.write(`${releaseLine(release, served)}\n`);
  const checks = verify({ stream, receipts, runs, desk: view, before });
  process.stdout.write(`${checkLines(checks)}\n`);
  if (staying) {
    const at = { url: api.url, link: await api.loginLink(whoever()), dataDir: place.dataDir };
    process.stdout.write(`${howToLook(runs, at)}\n`);
  }
  return checks.every(({ holds }) => holds);
}

/** Who sits here, for the name at the console. */
function whoever(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return "demo";
  }
}

/** Resolves at the first Ctrl-C (or TERM); the second ends everything at once. */
function untilStopped(kill: () => void): Promise<void> {
  return new Promise((stopped) => {
    let asked = false;
    const onSignal = (): void => {
      if (asked) {
        kill();
        process.exit(130);
      }
      asked = true;
      stopped();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

async function main(): Promise<number> {
  const options = readOptions();
  const place = await preparePlace(options.data);
  const desk = await startDesk({ file: place.effectsFile, latencyMs: 5, fail: 0.02, seed: 7 });
  let server: Server | undefined;
  const interrupted = untilStopped(() => {
    server?.kill();
    // As the last of the exit handlers: a server that is only just starting is killed by one of them.
    process.once("exit", () => place.removeNow());
  });
  try {
    process.stdout.write("Starting the ticket desk and one Sluice process on loopback.\n");
    server = await startServer({ ...place, deskUrl: desk.url, port: options.port, stage: options.stage });
    const ended = server.ended.then((how): never => {
      throw new Error(how);
    });
    const held = await Promise.race([perform(server, desk, place, !options.exit), interrupted, ended]);
    if (held === undefined) return 130;
    if (!options.exit) await Promise.race([interrupted, ended]);
    return held ? 0 : 1;
  } finally {
    await server?.stop();
    await desk.close();
    await place.remove();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof WrongUse ? 2 : 1);
  },
);
