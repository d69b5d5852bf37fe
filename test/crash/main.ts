import { parseArgs } from "node:util";
import { crashScenario } from "./scenario.ts";
import type { CrashReport } from "./scenario.ts";

const USAGE = `Kills the server (SIGKILL) at every named point and then at random under the stream of example tickets, and
compares from outside what is left.

  npm run crash                          20 kills at random
  npm run crash -- --kills 200 --seed 7  more of them, at other moments
  npm run crash -- --json                the report as JSON`;

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
    kills: wholeNumber("kills", values.kills ?? "20"),
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

function lines(report: CrashReport): string[] {
  const { lost, doubled, stuck, wrong } = report;
  return [
    ...[...lost, ...doubled, ...stuck, ...wrong].slice(0, 40).map((problem) => `  ${problem}`),
    `${report.accepted} of ${report.sent} events accepted, ${report.runs} runs, ${report.escalations} effects at the desk`,
    `kills ${report.kills}, lost ${lost.length}, doubled ${doubled.length}, stuck ${stuck.length}`,
  ];
}

const { kills, seed, json } = optionsOrExit();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const report = await crashScenario({ kills, seed, say });
process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${lines(report).join("\n")}\n`);
const { lost, doubled, stuck, wrong } = report;
process.exit(lost.length + doubled.length + stuck.length + wrong.length === 0 ? 0 : 1);
