import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isInMemory, machine } from "../machine.ts";
import { report, type Measurement, type Results } from "./report.ts";
import { ENGINES, type TrialResult } from "./trial.ts";

const here = dirname(fileURLToPath(import.meta.url));
const USAGE = `npm run bench -- engine [options]

  --runs N      how often each is measured; the median is shown (default 5)
  --seconds N   the measured window of one trial (default 2; its warm-up comes before)
  --only LIST   some of: ${Object.keys(ENGINES).join(", ")}
  --at LIST     concurrencies (default 1,20,100)
  --data DIR    where the databases are written (default: beside this repository's bench folder)
  --quick       one short trial each, to see that it works; not for figures
  --json        the results as JSON
  --save        also write them to bench/results/engine.json`;

const OPTIONS = {
  runs: { type: "string" },
  seconds: { type: "string" },
  only: { type: "string", default: Object.keys(ENGINES).join(",") },
  at: { type: "string", default: "1,20,100" },
  data: { type: "string", default: join(here, "..", ".data") },
  quick: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  save: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

export async function main(args: string[]): Promise<number> {
  const plan = readPlan(args);
  if (plan === undefined) return 2;
  mkdirSync(plan.data, { recursive: true });
  if (isInMemory(plan.data)) {
    process.stderr.write(`${plan.data} is in memory, where nothing is durable; choose a disk with --data\n`);
    return 2;
  }
  const results: Results = {
    ...plan,
    date: new Date().toISOString(),
    machine: machine(),
    measurements: await measure(plan),
  };
  process.stdout.write(plan.json ? `${JSON.stringify(results, undefined, 2)}\n` : report(results));
  if (plan.save) save(results);
  return 0;
}

type Plan = {
  readonly runs: number;
  readonly seconds: number;
  readonly engines: readonly string[];
  readonly concurrencies: readonly number[];
  readonly data: string;
  readonly json: boolean;
  readonly save: boolean;
};

function readPlan(args: string[]): Plan | undefined {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    const engines = values.only.split(",");
    const concurrencies = values.at.split(",").map(Number);
    const runs = Number(values.runs ?? (values.quick ? 1 : 5));
    const seconds = Number(values.seconds ?? (values.quick ? 0.5 : 2));
    const unknown = engines.find((name) => ENGINES[name] === undefined);
    if (unknown !== undefined) throw new Error(`there is no engine "${unknown}"`);
    if (![runs, seconds, ...concurrencies].every((number) => number > 0)) throw new Error("numbers have to be above 0");
    if (values.help) throw new Error("the engine benchmark");
    return { runs, seconds, engines, concurrencies, data: values.data, json: values.json, save: values.save };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return undefined;
  }
}

/** Alternating: each round measures every engine once, so that what else the machine does falls on all of them. */
async function measure(plan: Plan): Promise<Measurement[]> {
  const measurements: Measurement[] = plan.concurrencies.flatMap((concurrency) =>
    plan.engines.map((engine) => ({ engine, concurrency, trials: [] })),
  );
  const total = measurements.length * plan.runs;
  let done = 0;
  for (let round = 0; round < plan.runs; round += 1)
    for (const measurement of measurements) {
      done += 1;
      progress(`${done}/${total} ${measurement.engine} at ${measurement.concurrency}`);
      measurement.trials.push(await trial(measurement, plan));
    }
  progress("");
  return measurements;
}

/** A process and an empty folder of its own for every trial; it is ended when it takes far longer than planned. */
async function trial({ engine, concurrency }: Measurement, plan: Plan): Promise<TrialResult> {
  const folder = mkdtempSync(join(plan.data, `${engine}-`));
  try {
    const file = join(here, "trial.ts");
    const args = [file, engine, String(concurrency), String(plan.seconds), folder];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const limit = setTimeout(() => child.kill("SIGKILL"), (plan.seconds * 10 + 20) * 1000);
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise((resolve) => child.on("close", resolve));
    clearTimeout(limit);
    if (code !== 0) throw new Error(`${engine} at ${concurrency} ended with ${String(code)}`);
    return JSON.parse(out.trim().split("\n").at(-1) ?? "") as TrialResult;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  else if (text !== "") process.stderr.write(`${text}\n`);
}

function save(results: Results): void {
  const folder = join(here, "..", "results");
  mkdirSync(folder, { recursive: true });
  // Where the databases were is nobody's business but this machine's.
  writeFileSync(join(folder, "engine.json"), `${JSON.stringify({ ...results, data: undefined }, undefined, 2)}\n`);
  writeFileSync(join(folder, "engine.md"), report(results));
}
