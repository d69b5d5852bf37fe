import type { Command } from "commander";
import { formatDuration } from "../base/duration.ts";
import { inertLine } from "../base/inert.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import type { RunDocument, StepDocument } from "./documents.ts";
import { defineRestart, restartCommand } from "./restart.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import {
  age,
  colouredStatus,
  dollars,
  jsonLines,
  jsonText,
  paint,
  printJson,
  printLines,
  shortTime,
  table,
} from "./print.ts";

/** Option and the query parameter it becomes. */
const FILTERS: readonly (readonly [flags: string, parameter: string, what: string])[] = [
  ["--workflow <name>", "workflow", "of this workflow"],
  ["--status <status>", "status", "queued, running, waiting, completed, dead, stopped or cancelled"],
  ["--disposition <word>", "disposition", "shadowed, suggested, applied, reviewed, rejected or stopped"],
  ["--prompt <name>", "prompt", "that used this prompt; NAME@VERSION for one version"],
  ["--model <model>", "model", "that called this model"],
  ["--release <number>", "release", "under this release"],
  ["--stage <stage>", "stage", "under this stage"],
  ["--tool <name>", "tool", "that called this tool"],
  ["--failure-class <class>", "failure_class", "that failed this way: timeout, invalid_output, …"],
  ["--fingerprint <hash>", "fingerprint", "of this group of dead letters"],
  ["--edge-from <node>", "edge_from", "with --edge-to: that went straight from this node of the picture to that one"],
  ["--edge-to <node>", "edge_to", "that came to this node of the picture: step:classify, end:dead"],
  ["--since <time>", "since", "created since: RFC 3339, or 2h for two hours ago"],
  ["--until <time>", "until", "created before"],
  ["--q <text>", "q", "run id or event id, or words of event, decision or failure; or their beginnings"],
];

export type FilterOptions = Record<string, string | undefined>;

export function withRunFilters(command: Command, leaveOut: readonly string[] = []): Command {
  for (const [flags, parameter, what] of FILTERS) if (!leaveOut.includes(parameter)) command.option(flags, what);
  return command;
}

/** Query parameters of the filter options given. */
export function filterQuery(options: FilterOptions): Record<string, string | undefined> {
  const query: Record<string, string | undefined> = {};
  for (const [, parameter] of FILTERS) {
    const name = parameter.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (options[name] !== undefined) query[parameter] = options[name];
  }
  const { prompt } = query;
  if (prompt?.includes("@") === true) {
    delete query["prompt"];
    query["prompt_version"] = prompt;
  }
  return query;
}

export function define(command: Command, io: Io): void {
  const listing = withRunFilters(withServer(command.command("list").description("list runs, newest first")))
    .option("--limit <count>", "at most this many", "20")
    .option("--cursor <cursor>", "go on where the page before ended");
  withExamples(listing, [
    ["sluice runs list --status waiting", "who waits"],
    ["sluice runs list --prompt classifier@2026-05-29.1 --since 2h", "what a prompt version did"],
  ]).action((options: FilterOptions & ServerOptions & { limit: string; cursor?: string }) => list(options, io));
  withExamples(
    withServer(command.command("show <run>").description("show a run and its steps"))
      .option("--trace", "all of every step")
      .option("--step <number>", "all of one step"),
    [
      ["sluice runs show run_01k…", "the steps, one line each"],
      ["sluice runs show run_01k… --step 3", "input, output and errors of step 3"],
    ],
  ).action((run: string, options: ServerOptions & { step?: string; trace?: boolean }) => show(run, options, io));
  const exporting = withRunFilters(
    withServer(command.command("export").description("print every matching run as a line of JSON")),
  );
  withExamples(exporting.option("--trace", "with its steps"), [
    ["sluice runs export --since 24h --trace > runs.jsonl", "a day with all steps"],
  ]).action((options: FilterOptions & ServerOptions & { trace?: boolean }) => exportRuns(options, io));
  withExamples(
    withServer(command.command("cancel <run>").description("cancel a run that has not ended")).requiredOption(
      "--reason <text>",
      "on record",
    ),
    [['sluice runs cancel run_01k… --reason "sent by mistake"', "it ends as cancelled"]],
  ).action((run: string, options: ServerOptions & { reason: string }) => cancel(run, options, io));
  defineRestart(command, io);
}

async function list(
  options: FilterOptions & ServerOptions & { limit: string; cursor?: string },
  io: Io,
): Promise<void> {
  const client = await connect(options, io);
  const query = { ...filterQuery(options), limit: options.limit, cursor: options.cursor };
  const page = await client.get<{ items: RunDocument[]; next_cursor: string | null }>("/v1/runs", query);
  if (options.json === true) return printJson(io, page);
  if (page.items.length === 0) return printLines(io, ["No run matches."]);
  printLines(io, runTable(page.items, io));
  if (page.next_cursor !== null)
    printLines(io, [paint(io, "dim", `More with --cursor ${inertLine(page.next_cursor)}`)]);
}

/** The workflow's name only where it tells runs apart: room is scarce. */
function runTable(runs: readonly RunDocument[], io: Io): string[] {
  const several = new Set(runs.map(({ workflow }) => workflow)).size > 1;
  const columns = [
    { title: "RUN" },
    ...(several ? [{ title: "WORKFLOW" }] : []),
    { title: "STATUS" },
    { title: "DECISION OR FAILURE", grows: true },
    { title: "AGE", right: true },
  ];
  const rows = runs.map((run) => [
    run.run_id,
    ...(several ? [run.workflow] : []),
    run.status,
    gist(run),
    age(run.created_at),
  ]);
  return table(io, columns, rows);
}

/** What became of a run, in a few words. */
export function gist(run: RunDocument): string {
  if (run.failure !== null) return `${run.failure.class}: ${run.failure.message}`;
  if (run.status === "waiting") return `for ${run.waiting_for}`;
  const decision = run.decision === null ? "" : JSON.stringify(run.decision).replaceAll('"', "");
  return [run.disposition, decision].filter(Boolean).join(" ");
}

async function show(runId: string, options: ServerOptions & { step?: string; trace?: boolean }, io: Io): Promise<void> {
  const client = await connect(options, io);
  const path = `/v1/runs/${encodeURIComponent(runId)}`;
  const run = await client.get<RunDocument>(path);
  const trace = await client.get<StepDocument[]>(`${path}/trace`);
  if (options.step !== undefined) return showStep(trace, options, io);
  if (options.json === true) return printJson(io, { run, trace });
  printLines(io, [...runLines(run, io), "", ...stepTable(trace, io)]);
  if (options.trace === true)
    printLines(
      io,
      trace.flatMap((step) => ["", ...fullStep(step, io)]),
    );
}

/** Everything but what says where the step belongs. */
function fullStep(step: StepDocument, io: Io): string[] {
  const { workflow_run_id: _run, event_id: _event, step: number, type, name, ...rest } = step;
  return [paint(io, "bold", inertLine(`${number}. ${type} ${name}`)), ...jsonLines(rest, "  ", 400)];
}

function showStep(trace: readonly StepDocument[], options: ServerOptions & { step?: string }, io: Io): void {
  const step = trace.find((each) => String(each.step) === options.step);
  if (step === undefined)
    throw new Exit(EXIT.wrongUse, `There is no step ${options.step}; the run has ${trace.length}.`);
  if (options.json === true) return printJson(io, step);
  printLines(io, jsonLines(step, "", 2_000));
}

/** What it waits for; until when, where nobody has to do anything for it to go on. */
function waitingWords({ waiting_for: wait, wake_at: at }: RunDocument): string {
  if (wait === null) return "";
  const alone = wait === "retry" || wait === "sleep";
  return ` for ${wait}${alone && at !== null ? ` until ${shortTime(at)}` : ""}`;
}

export function runLines(run: RunDocument, io: Io): string[] {
  const prompts = Object.entries(run.prompt_versions).map(([name, version]) => `${name}@${version}`);
  const status = colouredStatus(io, run.status) + waitingWords(run);
  return [
    `${paint(io, "bold", run.run_id)}  ${inertLine(run.workflow)}  ${status}${run.disposition === null ? "" : `, ${run.disposition}`}`,
    `  event     ${inertLine(run.event_type)} ${inertLine(run.event_id)}`,
    `  release   ${run.release === null ? "not pinned yet" : `${run.release}, stage ${run.stage}`}`,
    `  prompts   ${prompts.length === 0 ? "none pinned" : inertLine(prompts.join(", "))}`,
    ...codeLines(run),
    ...waitLines(run),
    `  created   ${shortTime(run.created_at)}${run.ended_at === null ? "" : `, ended ${shortTime(run.ended_at)}`}`,
    `  cost      ${dollars(run.cost_usd)}`,
    ...keptLines(run),
    ...(run.failure === null
      ? []
      : [`  failure   ${inertLine(`${run.failure.class}/${run.failure.code}: ${run.failure.message}`)}`]),
    ...fixLines(run, io),
    ...(run.decision === null ? [] : ["  decision", ...jsonLines(run.decision, "    ", 12)]),
  ];
}

/** What is no longer kept of it, and where it came back from. */
function keptLines(run: RunDocument): string[] {
  const { originals_removed_at: originals, values_removed_at: values, restored_at: restored } = run;
  return [
    ...(originals === null
      ? []
      : [`  originals removed ${shortTime(originals)}: what is redacted cannot be shown any more`]),
    ...(values === null ? [] : [`  values    removed by retention ${shortTime(values)}`]),
    ...(restored === null
      ? []
      : [`  restored  from a backup ${shortTime(restored)}: what it did after that was made is not on record`]),
  ];
}

function fixLines(run: RunDocument, io: Io): string[] {
  const command = restartCommand(run, io);
  return command === null ? [] : [`  fix       ${inertLine(command)}`];
}

function codeLines({ pinned_code: pinned, waits_for_code: wait }: RunDocument): string[] {
  if (wait !== null) {
    const present =
      wait.present === null ? "the project has no such workflow" : `present is ${shortCode(wait.present)}`;
    return [`  code      waits for a worker with code ${shortCode(wait.pinned)}; ${present}`];
  }
  return pinned === null ? [] : [`  code      pinned to ${shortCode(pinned)}`];
}

function waitLines({ waits_for_events: waits = [] }: RunDocument): string[] {
  return waits.map(({ step, key, event, until }) => {
    const name = key === "" ? step : `${step} · ${key}`;
    return `  waits     for ${inertLine(event)} in "${inertLine(name)}"${until === null ? "" : `, until ${shortTime(until)}`}`;
  });
}

/** Enough of a fingerprint to tell it from another. */
function shortCode(code: string): string {
  return inertLine(code.slice(0, 12));
}

function stepTable(trace: readonly StepDocument[], io: Io): string[] {
  const columns = [
    { title: "#", right: true },
    { title: "TYPE" },
    { title: "STEP" },
    { title: "STATUS" },
    { title: "TRY", right: true },
    { title: "TOOK", right: true },
    { title: "WITH", grows: true },
  ];
  const rows = trace.map((step) => [
    String(step.step),
    step.type,
    step.name,
    step.status,
    String(step.attempt),
    formatDuration(step.latency_ms),
    withWhat(step),
  ]);
  return table(io, columns, rows);
}

function withWhat(step: StepDocument): string {
  const { set_aside_by: aside, tool, prompt, prompt_version: version, model, error, fallback } = step;
  const parts = [
    aside === undefined ? undefined : `set aside by ${aside}`,
    tool,
    prompt === undefined ? undefined : `${prompt}@${version ?? "?"}`,
    model,
    error === undefined ? undefined : `${error.code}: ${error.message}`,
    fallback === undefined ? undefined : `(went on with ${fallback})`,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

async function exportRuns(options: FilterOptions & ServerOptions & { trace?: boolean }, io: Io): Promise<void> {
  const client = await connect(options, io);
  for await (const run of client.items<RunDocument>("/v1/runs", filterQuery(options))) {
    const trace = options.trace === true ? { trace: await client.get(`/v1/runs/${run.run_id}/trace`) } : {};
    io.out(`${jsonText({ ...run, ...trace }, 0)}\n`);
  }
}

async function cancel(runId: string, options: ServerOptions & { reason: string }, io: Io): Promise<void> {
  const client = await connect(options, io);
  const run = await client.post(`/v1/runs/${encodeURIComponent(runId)}/cancel`, { reason: options.reason });
  if (options.json === true) printJson(io, run);
  else printLines(io, [`${inertLine(runId)} is cancelled.`]);
}
