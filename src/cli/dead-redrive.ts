import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { connect, withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import type { RedriveDocument } from "./documents.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { age, paint, printJson, printLines, table } from "./print.ts";
import { filterQuery, withRunFilters } from "./runs.ts";
import type { FilterOptions } from "./runs.ts";
import { holdsByWorkflow } from "./workflow-hold.ts";

export const NOT_FOR_DEAD: readonly string[] = ["status", "disposition"];

type RedriveOptions = FilterOptions &
  ServerOptions & {
    reason: string;
    limit?: string;
    all?: boolean;
    dryRun?: boolean;
    wait?: boolean;
    canary?: string;
    rate?: string;
    stopOnFailureRate?: string;
    minSample?: string;
    onRelease?: string;
  };

interface Report {
  matched: number;
  redriven: string[];
  refused: { run_id: string; why: string }[];
}

/** `sluice dead redrive`, `redrives` and `cancel`. */
export function defineRedrives(command: Command, io: Io): void {
  const redriving = withRunFilters(
    withServer(command.command("redrive [run]").description("resume dead runs from the step that failed")),
    NOT_FOR_DEAD,
  )
    .option("--all", "every dead run")
    .option("--limit <count>", "at most this many; 100, and in the background all that match")
    .option("--dry-run", "count only")
    .option("--on-release <number>", "go by this release of the workflow from now on")
    .option("--canary <count>", "so many first; the others once each of them came to something other than death")
    .option("--rate <rate>", "at most so many: 30/min, 2/s or 100/h")
    .option("--stop-on-failure-rate <share>", "stop when this share has died again: 0.2")
    .option("--min-sample <count>", "how many have to have come to something before the share counts: 10")
    .option("--wait", "look on until it is over; 1 where it stopped by itself")
    .requiredOption("--reason <text>", "on record");
  withExamples(redriving, [
    ['sluice dead redrive run_01k… --reason "desk is back"', "one run"],
    ['sluice dead redrive --failure-class transient --reason "desk is back" --dry-run', "how many it would be"],
    ['sluice dead redrive --fingerprint … --canary 5 --rate 30/min --reason "mended" --wait', "with care"],
  ]).action((run: string | undefined, options: RedriveOptions) => redrive(run, options, io));
  withExamples(
    withServer(command.command("redrives [redrive]").description("redrives in the background, or one of them")),
    [["sluice dead redrives", "how far each is, newest first"]],
  ).action((id: string | undefined, options: ServerOptions) => list(id, options, io));
  withExamples(
    withServer(command.command("cancel <redrive>").description("redrive no further run; what was redriven goes on")),
    [["sluice dead cancel rdv_01k…", "the rest stays dead"]],
  ).action((id: string, options: ServerOptions) => cancel(id, options, io));
}

async function redrive(runId: string | undefined, options: RedriveOptions, io: Io): Promise<void> {
  const { release, ...words } = filterQuery(options);
  const filter = {
    ...words,
    ...(release === undefined ? {} : { release: Number(release) }),
    ...(runId === undefined ? {} : { run_id: runId }),
  };
  if (Object.keys(filter).length === 0 && options.all !== true)
    throw new Exit(EXIT.wrongUse, "Say which: a run, a filter, or --all.");
  const client = await connect(options, io);
  const numbers = { limit: options.limit, canary: options.canary, min_sample: options.minSample };
  const { status, body } = await client.send("POST", "/v1/dead-letters/redrive", {
    filter,
    dry_run: options.dryRun === true,
    reason: options.reason,
    ...Object.fromEntries(
      Object.entries(numbers).flatMap(([name, text]) => (text === undefined ? [] : [[name, numberIn(name, text)]])),
    ),
    ...(options.onRelease === undefined ? {} : { release: numberIn("on_release", options.onRelease) }),
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    ...(options.stopOnFailureRate === undefined
      ? {}
      : { stop_on_failure_rate: numberIn("stop_on_failure_rate", options.stopOnFailureRate) }),
  });
  if (status === 202) return await begun(client, body as unknown as RedriveDocument, options, io);
  report(body as unknown as Report, options, io);
}

function numberIn(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value))
    throw new Exit(EXIT.wrongUse, `--${name.replaceAll("_", "-")} takes a number, not ${JSON.stringify(text)}.`);
  return value;
}

function report({ matched, redriven, refused }: Report, options: RedriveOptions, io: Io): void {
  if (options.json === true) printJson(io, { matched, redriven, refused, dry_run: options.dryRun === true });
  else {
    const done = options.dryRun === true ? "nothing was done (--dry-run)" : `${redriven.length} resumed`;
    const rest = matched - redriven.length - refused.length;
    const limited = options.dryRun !== true && rest > 0 ? ` ${rest} more with --limit, or with --rate.` : "";
    printLines(io, [`${matched} dead ${matched === 1 ? "run matches" : "runs match"}, ${done}.${limited}`]);
    printLines(
      io,
      refused.map(({ run_id: which, why }) => inertLine(`${which}: ${why}`)),
    );
  }
  if (refused.length > 0) throw new Exit(EXIT.failed);
}

async function begun(client: Client, started: RedriveDocument, options: RedriveOptions, io: Io): Promise<void> {
  if (options.json !== true) {
    const { redrive_id: id, counts } = started;
    if (counts.total === 0) printLines(io, ['No dead run matches; "sluice dead list" has the groups there are.']);
    printLines(io, [
      `Redrive ${paint(io, "bold", id)} of ${counts.total} dead ${counts.total === 1 ? "run" : "runs"} has begun. It goes on by itself.`,
      paint(io, "dim", `Look: sluice dead redrives ${id}   Stop: sluice dead cancel ${id}`),
      ...(await whyStill(started, options, io)),
    ]);
  }
  if (options.wait !== true) {
    if (options.json === true) printJson(io, started);
    return;
  }
  const ended = await lookOn(client, started, options, io);
  if (options.json === true) printJson(io, ended);
  else printLines(io, [outcome(ended, io)]);
  if (ended.state !== "done") throw new Exit(EXIT.failed);
}

const EVERY_MS = 300;

/** Until it is over: one line that changes on a terminal, else a line for each change. */
async function lookOn(
  client: Client,
  started: RedriveDocument,
  options: RedriveOptions,
  io: Io,
): Promise<RedriveDocument> {
  let now = started;
  let shown = "";
  const quiet = options.json === true;
  while (now.state === "running") {
    const line = progress(now);
    if (!quiet && io.interactive) io.err(`\r\u001b[2K${line}`);
    else if (!quiet && line !== shown) io.err(`${line}\n`);
    shown = line;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    now = await client.get<RedriveDocument>(`/v1/redrives/${started.redrive_id}`);
  }
  if (!quiet && io.interactive) io.err("\r\u001b[2K");
  return now;
}

function progress({ phase, counts }: RedriveDocument): string {
  const { total, redriven, went_on: wentOn, waits, died } = counts;
  return `${phase === "canary" ? "canary: " : ""}${redriven} of ${total} redriven; ${wentOn} ended, ${waits} wait for a person, ${died} died again`;
}

function outcome(job: RedriveDocument, io: Io): string {
  const word = paint(io, job.state === "done" ? "green" : "red", job.state);
  const why = job.why === null ? "" : ` ${inertLine(job.why)}`;
  const refused = job.counts.refused === 0 ? "" : `, ${job.counts.refused} refused`;
  return `${word}: ${progress({ ...job, phase: "rest" })}${refused}.${why}`;
}

async function list(id: string | undefined, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  if (id !== undefined) {
    const job = await client.get<RedriveDocument>(`/v1/redrives/${encodeURIComponent(id)}`);
    return options.json === true
      ? printJson(io, job)
      : printLines(io, [...details(job, io), ...(await whyStill(job, options, io))]);
  }
  const { items } = await client.get<{ items: RedriveDocument[] }>("/v1/redrives");
  if (options.json === true) return printJson(io, { items });
  if (items.length === 0) return printLines(io, ["No redrive in the background so far."]);
  const columns = [
    { title: "REDRIVE" },
    { title: "STATE" },
    { title: "REDRIVEN", right: true },
    { title: "ENDED", right: true },
    { title: "WAIT", right: true },
    { title: "DIED", right: true },
    { title: "BY" },
    { title: "WHY", grows: true },
    { title: "AGE", right: true },
  ];
  const rows = items.map(({ redrive_id: redriveId, state, counts, by, reason, created_at: at }) => [
    redriveId,
    state,
    `${counts.redriven}/${counts.total}`,
    String(counts.went_on),
    String(counts.waits),
    String(counts.died),
    by,
    reason,
    age(at),
  ]);
  printLines(io, table(io, columns, rows));
}

/** Nothing is sent into a workflow on hold; who looks at a redrive that stands still has to see that. */
async function whyStill({ state, filter }: RedriveDocument, options: ServerOptions, io: Io): Promise<string[]> {
  if (state !== "running") return [];
  const { workflow, fingerprint } = filter as { workflow?: string; fingerprint?: string };
  const holds = [...((await holdsByWorkflow(options, io))?.values() ?? [])].filter(
    (hold) =>
      hold.state === "held" &&
      (workflow === undefined || workflow === hold.workflow) &&
      (fingerprint === undefined || fingerprint.startsWith(`${hold.workflow}/`)),
  );
  return holds.map(({ workflow: name }) => {
    const held = inertLine(name);
    return `${paint(io, "yellow", held)} is on hold: nothing of it is redriven before sluice workflow resume ${held} --reason "…"`;
  });
}

function details(job: RedriveDocument, io: Io): string[] {
  const plan = [
    job.canary === null ? null : `canary ${job.canary}`,
    job.rate === null ? null : `at ${job.rate}`,
    `stops at ${Math.round(job.stop_on_failure_rate * 1_000) / 10} % of at least ${job.min_sample}`,
    job.release === null ? null : `on release ${job.release}`,
  ];
  return [
    `${paint(io, "bold", job.redrive_id)}  ${outcome(job, io)}`,
    `  of     ${Object.keys(job.filter).length === 0 ? "every dead run" : inertLine(JSON.stringify(job.filter))}`,
    `  plan   ${plan.filter((part) => part !== null).join(", ")}`,
    `  by     ${inertLine(job.by)}: ${inertLine(job.reason)}`,
  ];
}

async function cancel(id: string, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const job = await client.post<RedriveDocument>(`/v1/redrives/${encodeURIComponent(id)}/cancel`);
  if (options.json === true) printJson(io, job);
  else printLines(io, [outcome(job, io)]);
}
