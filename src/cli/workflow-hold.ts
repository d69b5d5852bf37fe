import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import type { HoldDocument } from "./documents.ts";
import { withExamples } from "./examples.ts";
import { Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { paint, printJson, printLines, shortTime, table } from "./print.ts";

type ActOptions = ServerOptions & { reason: string };

/** `sluice workflow pause`, `resume` and `holds`. */
export function defineHolds(command: Command, io: Io): void {
  const pausing = withServer(
    command.command("pause <name>").description("put a workflow on hold: events queue, nothing new of it starts"),
  ).requiredOption("--reason <text>", "on record");
  withExamples(pausing, [
    ['sluice workflow pause support_triage --reason "the desk is down"', "in force when it returns"],
  ]).action((name: string, options: ActOptions) => pause(name, options, io));
  const resuming = withServer(command.command("resume <name>").description("let a workflow on hold go on"))
    .requiredOption("--reason <text>", "on record")
    .option("--rate <rate>", "start the runs in the queue at this rate: 60/min, 2/s or 100/h");
  withExamples(resuming, [
    ['sluice workflow resume support_triage --reason "the desk is back"', "all at once"],
    ['sluice workflow resume support_triage --rate 60/min --reason "desk is back"', "one a second, oldest first"],
  ]).action((name: string, options: ActOptions & { rate?: string }) => resume(name, options, io));
  withExamples(withServer(command.command("holds <name>").description("every hold of a workflow: who, when and why")), [
    ["sluice workflow holds support_triage", "newest first"],
  ]).action((name: string, options: ServerOptions) => history(name, options, io));
}

function path(name: string, act: string): string {
  return `/v1/workflows/${encodeURIComponent(name)}/${act}`;
}

async function pause(name: string, options: ActOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const hold = await client.post<HoldDocument>(path(name, "pause"), { reason: options.reason });
  if (options.json === true) return printJson(io, hold);
  printLines(io, [
    `${paint(io, "yellow", inertLine(name))} is on hold. Its events are accepted and queue; ${runs(hold.runs)} so far.`,
    "What executes ends its step; nothing else of it is started.",
    `Let it go on: sluice workflow resume ${inertLine(name)} --reason "…" [--rate 60/min]`,
  ]);
}

async function resume(name: string, options: ActOptions & { rate?: string }, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { reason, rate } = options;
  const request = { reason, ...(rate === undefined ? {} : { rate }) };
  const hold = await client.post<HoldDocument>(path(name, "resume"), request);
  if (options.json === true) return printJson(io, hold);
  const { release } = hold;
  const said =
    hold.state === "releasing" && release !== null
      ? `${runs(release.to_start)} in the queue, started at ${release.rate}; the hold is lifted after the last.`
      : "It is not on hold any more.";
  printLines(io, [`${paint(io, "green", inertLine(name))} goes on. ${said}`]);
}

function runs(count: number): string {
  return `${count} ${count === 1 ? "run" : "runs"}`;
}

async function history(name: string, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { items } = await client.get<{ items: HoldDocument[] }>(path(name, "holds"));
  if (options.json === true) return printJson(io, { items });
  if (items.length === 0) return printLines(io, [`${inertLine(name)} was never on hold.`]);
  const columns = [
    { title: "HOLD" },
    { title: "STATE" },
    { title: "WHEN" },
    { title: "ACT" },
    { title: "BY" },
    { title: "WHY", grows: true },
  ];
  const rows = items.flatMap((hold) =>
    hold.history.map(({ act, at, by, reason, rate }, index) => [
      index === 0 ? hold.hold_id : "",
      index === 0 ? hold.state : "",
      shortTime(at),
      rate === null ? act : `${act} ${rate}`,
      by,
      reason ?? "",
    ]),
  );
  printLines(io, table(io, columns, rows));
}

/** What is on hold, from the server; null where none answers. */
export async function holdsByWorkflow(options: ServerOptions, io: Io): Promise<Map<string, HoldDocument> | null> {
  try {
    const client = await connect(options, io);
    const { items } = await client.get<{ items: { name: string; hold: HoldDocument | null }[] }>("/v1/workflows");
    return new Map(items.flatMap(({ name, hold }) => (hold === null ? [] : [[name, hold] as const])));
  } catch (error) {
    // A server that was named has to answer; a project can be looked at without one.
    if (!(error instanceof Exit) || options.url !== undefined || io.env["SLUICE_URL"] !== undefined) throw error;
    return null;
  }
}

/** A line for each workflow on hold. */
export function holdLines(holds: Iterable<HoldDocument>, io: Io): string[] {
  return [...holds].map(({ workflow, state, since, by, reason, runs: standing, release }) => {
    const progress =
      state === "releasing" && release !== null
        ? `is released at ${release.rate}: ${release.started} of ${release.to_start} started`
        : `is on hold: ${runs(standing)}`;
    const why = inertLine(`since ${shortTime(since)} by ${by}: ${reason}`);
    return `${paint(io, "yellow", inertLine(workflow))} ${progress}; ${why}`;
  });
}
