import { parseArgs } from "node:util";
import { machine } from "../../bench/machine.ts";
import { flatnessOf } from "./flat.ts";
import type { Flatness, Percentiles, Sample } from "./flat.ts";
import { soak } from "./soak.ts";

const USAGE = `Serves the example's tickets for a while, with a model and a ticket desk that fail and a server that is killed now and
then in the first half, and prints every minute what that takes. The end says whether each figure is flat over the
second half.

  npm run soak                           15 minutes, 8 events a second
  npm run soak -- --minutes 60 --rate 20 --seed 7`;

const DEFAULTS = { minutes: "15", rate: "8", seed: "1" };

function readOptions(): { minutes: number; rate: number; seed: number } {
  const text = (name: keyof typeof DEFAULTS) => ({ type: "string", default: DEFAULTS[name] }) as const;
  const { values } = parseArgs({
    options: { minutes: text("minutes"), rate: text("rate"), seed: text("seed"), help: { type: "boolean" } },
  });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const number = (name: keyof typeof DEFAULTS): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new RangeError(`--${name} takes a number above 0.`);
    return value;
  };
  return { minutes: number("minutes"), rate: number("rate"), seed: number("seed") };
}

function optionsOrExit(): ReturnType<typeof readOptions> {
  try {
    return readOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return process.exit(2);
  }
}

const HEAD =
  "  time  life  RSS MB  heap MB  handles  WAL MB  KB/run  intake p50/p95/p99 ms  decision p50/p95/p99 ms  queue";

function row(sample: Sample): string {
  const { at, life, rssMb, heapMb, handles, walMb, kbPerRun, intake, decision, queued } = sample;
  const time = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`;
  const cells: [string, number][] = [
    [time, 6],
    [String(life), 6],
    [rssMb.toFixed(0), 8],
    [heapMb.toFixed(1), 9],
    [String(handles), 9],
    [walMb.toFixed(1), 8],
    [kbPerRun.toFixed(1), 8],
    [three(intake), 23],
    [three(decision), 25],
    [String(queued), 7],
  ];
  return cells.map(([cell, width]) => cell.padStart(width)).join("");
}

const three = ({ p50, p95, p99 }: Percentiles): string => [p50, p95, p99].map((ms) => Math.round(ms)).join("/");

function verdict({ figure, from, to, allowed, flat }: Flatness): string {
  const change = `${from.toFixed(1)} to ${to.toFixed(1)} over the second half, ${allowed.toFixed(1)} more allowed`;
  return `${flat ? "flat    " : "NOT FLAT"}  ${figure}: ${change}`;
}

const options = optionsOrExit();
// What it has started ends with it, which a signal alone would not see to.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
const { cpu, cores, memoryGb, node, load } = machine();
const print = (line: string): void => void process.stdout.write(`${line}\n`);
print(`${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, load ${load}\n${HEAD}`);
// Twelve samples at least, and one a minute where that is more.
const sampleEvery = Math.min(60, (options.minutes * 60) / 15);
const { samples, kills, events, runs, wrong } = await soak({
  ...options,
  sampleEvery,
  tell: (each) => print(row(each)),
});
const flatness = flatnessOf(samples);
for (const each of flatness) print(verdict(each));
const by = Object.entries(runs).map(([status, count]) => `${count} ${status}`);
print(`${events} events, ${kills} kills; runs: ${by.join(", ")}`);
for (const problem of wrong) print(`  ${problem}`);
const bad = flatness.filter(({ flat }) => !flat).length;
print(bad + wrong.length === 0 ? "all flat" : `${bad} not flat, ${wrong.length} wrong`);
process.exit(bad + wrong.length === 0 ? 0 : 1);
