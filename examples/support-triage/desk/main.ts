import { parseArgs } from "node:util";
import { type DeskOptions, startDesk } from "./desk.ts";

const USAGE = `Usage: npm run -s desk -- [--port 0] [--file effects.jsonl] [--latency 20ms] [--fail 0.02] [--seed 7]`;

function wrongUse(message: string): never {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(2);
}

function number(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !(value >= min && value <= max))
    wrongUse(`--${name} takes a number from ${min} to ${max}.`);
  return value;
}

function readOptions(): DeskOptions {
  const text = { type: "string" } as const;
  const options = { port: text, file: text, latency: text, fail: text, seed: text, help: { type: "boolean" } } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const given = {
    port: number("port", values.port, 0, 65_535),
    file: values.file,
    latencyMs: number("latency", values.latency?.replace(/ms$/, ""), 0, 60_000),
    fail: number("fail", values.fail, 0, 1),
    seed: number("seed", values.seed, 0, 2 ** 31),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function optionsOrExit(): DeskOptions {
  try {
    return readOptions();
  } catch (error) {
    return wrongUse((error as Error).message);
  }
}

const desk = await startDesk(optionsOrExit());
process.stdout.write(`The ticket desk listens on ${desk.url}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void desk.close().then(() => process.exit(0));
  });
}
