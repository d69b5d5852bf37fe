import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import type { JsonObject } from "../base/json.ts";
import { calledAs } from "./called-as.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import type { DeadGroupDocument, RunDocument, StepDocument } from "./documents.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { age, jsonLines, paint, printJson, printLines, table } from "./print.ts";
import { restartCommand } from "./restart.ts";
import { filterQuery, runLines, withRunFilters } from "./runs.ts";
import type { FilterOptions } from "./runs.ts";

const NOT_FOR_DEAD = ["status", "disposition"];

type RedriveOptions = FilterOptions &
  ServerOptions & { reason: string; limit: string; all?: boolean; dryRun?: boolean };

export function define(command: Command, io: Io): void {
  withExamples(
    withRunFilters(
      withServer(command.command("list").description("dead runs, in groups that died alike")),
      NOT_FOR_DEAD,
    ),
    [["sluice dead list --since 24h", "what died today, and how often"]],
  ).action((options: FilterOptions & ServerOptions) => list(options, io));
  withExamples(withServer(command.command("show <run>").description("a dead run and the steps that failed")), [
    ["sluice dead show run_01k…", "why it died"],
  ]).action((run: string, options: ServerOptions) => show(run, options, io));
  const redriving = withRunFilters(
    withServer(command.command("redrive [run]").description("resume dead runs from the step that failed")),
    NOT_FOR_DEAD,
  )
    .option("--all", "every dead run")
    .option("--limit <count>", "at most this many", "100")
    .option("--dry-run", "count only")
    .requiredOption("--reason <text>", "on record");
  withExamples(redriving, [
    ['sluice dead redrive run_01k… --reason "desk is back"', "one run"],
    ['sluice dead redrive --failure-class transient --reason "desk is back" --dry-run', "how many it would be"],
  ]).action((run: string | undefined, options: RedriveOptions) => redrive(run, options, io));
}

async function list(options: FilterOptions & ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { items } = await client.get<{ items: DeadGroupDocument[] }>("/v1/dead-letters", filterQuery(options));
  if (options.json === true) return printJson(io, { items });
  if (items.length === 0) return printLines(io, ["No dead letters."]);
  const columns = [
    { title: "RUNS", right: true },
    { title: "CLASS" },
    { title: "WHERE AND WHAT", grows: true },
    { title: "LAST", right: true },
    { title: "LOOK AT" },
  ];
  const rows = items.map((group) => [
    String(group.count),
    group.class,
    `${group.workflow}${group.step === null ? "" : ` / ${group.step}`}: ${group.message} (${group.code})`,
    age(group.last_at),
    group.example_run_id,
  ]);
  printLines(io, table(io, columns, rows));
}

async function show(runId: string, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const document = await client.get<JsonObject>(`/v1/dead-letters/${encodeURIComponent(runId)}`);
  if (options.json === true) return printJson(io, document);
  const steps = document["failed_steps"] as unknown as StepDocument[];
  const restart = restartCommand(document["run"] as RunDocument, io);
  const lines = steps.flatMap((step) => [
    paint(io, "bold", inertLine(`Step ${step.step}, ${step.type} "${step.name}", attempt ${step.attempt}`)),
    ...jsonLines({ error: step["error"] ?? null, input: step["input"] ?? null }, "  ", 24),
  ]);
  printLines(io, [
    ...runLines(document["run"] as RunDocument, io),
    "",
    ...lines,
    ...(restart === null ? [] : [`Ask that step and what follows it anew: ${inertLine(restart)}`]),
    `Resume it: ${calledAs(io)} dead redrive ${inertLine(runId)} --reason "…"`,
  ]);
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
  const request = { filter, limit: Number(options.limit), dry_run: options.dryRun === true, reason: options.reason };
  const report = await client.post<{
    matched: number;
    redriven: string[];
    refused: { run_id: string; why: string }[];
  }>("/v1/dead-letters/redrive", request);
  if (options.json === true) printJson(io, report);
  else {
    const done = options.dryRun === true ? "nothing was done (--dry-run)" : `${report.redriven.length} resumed`;
    printLines(io, [`${report.matched} dead ${report.matched === 1 ? "run matches" : "runs match"}, ${done}.`]);
    printLines(
      io,
      report.refused.map(({ run_id: refused, why }) => inertLine(`${refused}: ${why}`)),
    );
  }
  if (report.refused.length > 0) throw new Exit(EXIT.failed);
}
