import { parseArgs } from "node:util";
import type { CrashReport } from "../../src/testing/crash/crash-test.ts";
import { crashScenario } from "./scenario.ts";
import { LEASE_MS, measureSteadiness } from "./steadiness.ts";
import type { Steadiness } from "./steadiness.ts";

const USAGE = `Kills the server (SIGKILL) at every named point and then at random, under the stream of example tickets and with a
model and a ticket desk that are slow and fail, and compares from outside what is left. Then measures how soon the
server does as much as before it was killed.

  npm run crash                         300 kills at random
  npm run crash -- --kills 20 --seed 7  fewer of them, at other moments
  npm run crash -- --json               the report as one JSON object`;

const DEFAULT_KILLS = "300";
/** Beyond the lease. */
const STEADY_WITHIN_MS = 5_000;

interface Options {
  kills: number;
  seed: number;
  json: boolean;
}

function readOptions(): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({ options: { kills: text, seed: text, json: flag, help: flag } });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  return {
    kills: wholeNumber("kills", values.kills ?? DEFAULT_KILLS),
    seed: wholeNumber("seed", values.seed ?? "1"),
    json: values.json,
  };
}

function wholeNumber(name: string, given: string): number {
  const value = Number(given);
  if (given.trim() === "" || !Number.isInteger(value) || value < 0)
    throw new RangeError(`--${name} takes a whole number.`);
  return value;
}

function optionsOrExit(): Options {
  try {
    return readOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return process.exit(2);
  }
}

function lines(report: CrashReport, steady: Steadiness): string[] {
  const { kills, lost, doubled, stuck, accepted, sent, runs, effects, ended } = report;
  const by = Object.entries(ended).map(([status, count]) => `${count} ${status}`);
  return [
    ...report.problems.slice(0, 40).map((problem) => `  ${problem}`),
    ...report.unreached.map((at) => `  never came to ${at}`),
    `${accepted} of ${sent} events accepted, ${runs} runs (${by.join(", ")}), ${effects} effects at the desk`,
    steadyLine(steady),
    `kills ${kills + 1}, lost ${lost}, doubled ${doubled}, stuck ${stuck}`,
  ];
}

function steadyLine({ before, readyMs, steadyMs }: Steadiness): string {
  const rate = `${before.toFixed(0)} runs a second decided or put before a person until the kill`;
  const limit = `lease ${LEASE_MS / 1_000} s + ${STEADY_WITHIN_MS / 1_000} s allowed`;
  if (steadyMs === null) return `${rate}, and never 80 % of that again (${limit})`;
  return `${rate}; ready after ${seconds(readyMs)}, 80 % of that again after ${seconds(steadyMs)} (${limit})`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

const { kills, seed, json } = optionsOrExit();
// What it has started ends with it, which a signal alone would not see to.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const report = await crashScenario({ kills, seed, say });
say("measuring how soon it is steady again");
const steady = await measureSteadiness(seed);
const late = steady.steadyMs === null || steady.steadyMs > LEASE_MS + STEADY_WITHIN_MS;
const document = { ...report, kills: report.kills + 1, steady: { ...steady, leaseMs: LEASE_MS, late } };
process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${lines(report, steady).join("\n")}\n`);
process.exit(report.problems.length + report.unreached.length === 0 && !late ? 0 : 1);
