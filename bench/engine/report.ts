import type { Machine } from "../machine.ts";
import type { TrialResult } from "./trial.ts";

export type Measurement = {
  readonly engine: string;
  readonly concurrency: number;
  readonly trials: TrialResult[];
};
export type Results = {
  readonly date: string;
  readonly runs: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly measurements: readonly Measurement[];
};

const SUBJECT = "sluice";
const LIMIT = "inserts";

/** Markdown that reads as text too: steps per second with their spread, and what they come to against each other. */
export function report(results: Results): string {
  const { machine, measurements } = results;
  const concurrencies = [...new Set(measurements.map(({ concurrency }) => concurrency))];
  const settings = new Map(measurements.map(({ engine, trials }) => [engine, trials[0]?.settings ?? ""]));
  return [
    `Five-step run, about 2 KB a step, queueing included. ${results.date.slice(0, 10)}; ${machine.cpu}, ${machine.cores} cores, ` +
      `${machine.memoryGb} GB, ${machine.platform}; Node ${machine.node}, SQLite ${machine.sqlite}; load before: ${machine.load}.`,
    `Alternating, median of ${results.runs} trials of ${results.seconds} s each (lowest to highest). A step's time is from call to durable record.`,
    "",
    ...table([
      ["engine", "at once", "steps/s", "spread", "step p50 ms", "step p95 ms", "CPU ms/step", "memory MB"],
      ...measurements.map(row),
    ]),
    "",
    ...comparison(measurements, concurrencies),
    ...[...settings].map(([engine, text]) => `- ${engine}: ${text}`),
    "",
  ].join("\n");
}

function row(measurement: Measurement): string[] {
  const rates = measurement.trials.map(({ stepsPerSecond }) => stepsPerSecond);
  const [low, middle, high] = spread(rates);
  const of = (pick: (trial: TrialResult) => number): number => spread(measurement.trials.map(pick))[1];
  return [
    measurement.engine,
    String(measurement.concurrency),
    whole(middle),
    `${whole(low)} – ${whole(high)}`,
    of(({ stepMs }) => stepMs.p50).toFixed(2),
    of(({ stepMs }) => stepMs.p95).toFixed(2),
    of(({ cpuMsPerStep }) => cpuMsPerStep).toFixed(3),
    whole(of(({ rssMb }) => rssMb)),
  ];
}

/** Sluice against the faster form of the peer, and against the limit, trial by trial of the same round. */
function comparison(measurements: readonly Measurement[], concurrencies: readonly number[]): string[] {
  const rows = concurrencies.flatMap((concurrency) => {
    const here = measurements.filter((each) => each.concurrency === concurrency);
    const subject = here.find(({ engine }) => engine === SUBJECT);
    const limit = here.find(({ engine }) => engine === LIMIT);
    const peer = here
      .filter(({ engine }) => engine !== SUBJECT && engine !== LIMIT)
      .toSorted((a, b) => middleRate(b) - middleRate(a))
      .at(0);
    if (subject === undefined) return [];
    return [[String(concurrency), peer?.engine ?? "", ratio(subject, peer), ratio(subject, limit)]];
  });
  if (rows.length === 0) return [];
  return [...table([["at once", "fastest peer", "Sluice to peer", "Sluice to inserts only"], ...rows]), ""];
}

function middleRate(measurement: Measurement): number {
  return spread(measurement.trials.map(({ stepsPerSecond }) => stepsPerSecond))[1];
}

function ratio(subject: Measurement, other: Measurement | undefined): string {
  if (other === undefined) return "";
  const ratios = subject.trials.map(
    (trial, index) => trial.stepsPerSecond / (other.trials[index]?.stepsPerSecond ?? 0),
  );
  const [low, middle, high] = spread(ratios);
  return `${middle.toFixed(2)} (${low.toFixed(2)} – ${high.toFixed(2)})`;
}

function spread(values: readonly number[]): [low: number, middle: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  const middle = sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? 0)) / 2;
  return [sorted[0] ?? 0, middle, sorted.at(-1) ?? 0];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)];
}
