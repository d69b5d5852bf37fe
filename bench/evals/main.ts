import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "../machine.ts";

const here = dirname(fileURLToPath(import.meta.url));
const OPTIONS = {
  cases: { type: "string", default: "3000" },
  concurrency: { type: "string", default: "50" },
  delay: { type: "string", default: "20" },
  runs: { type: "string", default: "5" },
  only: { type: "string", default: "bare,sluice,again" },
  save: { type: "boolean", default: false },
} as const;

interface Figures {
  what: string;
  medianMs: number;
  ms: number[];
  /** Processor time of all threads, median. */
  cpuMs: number;
  peakMb: number;
}

interface Trial {
  ms: number;
  cpuMs: number;
  peakMb: number;
}

/** `npm run bench -- evals [--cases 3000] [--concurrency 50] [--delay 20] [--runs 5] [--only bare,sluice,again] [--save]` */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const mock = spawn(process.execPath, [join(here, "mock.ts"), values.delay], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [said] = (await once(mock.stdout, "data")) as [Buffer];
    const port = said.toString().trim();
    const kinds = values.only.split(",");
    const trials = new Map<string, Trial[]>(kinds.map((what) => [what, []]));
    for (let run = 0; run < Number(values.runs); run++)
      for (const what of kinds) trials.get(what)?.push(await trial([what, port, values.cases, values.concurrency]));
    const figures = [...trials].map(([what, all]) => figuresOf(what, all));
    const results = { date: new Date().toISOString(), machine: machine(), ...values, figures };
    process.stdout.write(told(results));
    if (values.save) writeFileSync(join(here, "../results/evals.json"), `${JSON.stringify(results, undefined, 2)}\n`);
    return 0;
  } finally {
    mock.kill();
  }
}

async function trial(args: readonly string[]): Promise<Trial> {
  const child = spawn(process.execPath, [join(here, "trial.ts"), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`The trial ${args.join(" ")} ended with ${code}.`);
  return JSON.parse(out) as Trial;
}

function figuresOf(what: string, all: readonly Trial[]): Figures {
  const sorted = (of: (each: Trial) => number): number[] =>
    all.map((each) => Math.round(of(each))).toSorted((a, b) => a - b);
  const [ms, cpu] = [sorted((each) => each.ms), sorted((each) => each.cpuMs)];
  const middle = Math.floor(all.length / 2);
  const peakMb = Math.round(Math.max(...all.map((each) => each.peakMb)));
  return { what, medianMs: ms[middle] ?? 0, ms, cpuMs: cpu[middle] ?? 0, peakMb };
}

function told(results: { cases: string; concurrency: string; delay: string; figures: readonly Figures[] }): string {
  const { cases, concurrency, delay, figures } = results;
  const limit = (Number(cases) * Number(delay)) / Number(concurrency);
  const bare = figures.find(({ what }) => what === "bare")?.medianMs;
  const lines = figures.map(({ what, medianMs, ms, cpuMs, peakMb }) => {
    const more =
      bare === undefined || what !== "sluice" ? "" : `, ${Math.round((100 * medianMs) / bare - 100)} % over the loop`;
    return `${what.padEnd(8)} ${medianMs} ms (${ms[0]} to ${ms.at(-1)}), ${cpuMs} ms of processor, peak ${peakMb} MB${more}`;
  });
  return [`${cases} cases, ${concurrency} at once, ${delay} ms each: limit ${limit} ms`, ...lines, ""].join("\n");
}
