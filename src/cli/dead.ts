import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import type { JsonObject } from "../base/json.ts";
import { calledAs } from "./called-as.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { NOT_FOR_DEAD, defineRedrives } from "./dead-redrive.ts";
import type { DeadGroupDocument, RunDocument, StepDocument } from "./documents.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { age, jsonLines, paint, printJson, printLines, table } from "./print.ts";
import { restartCommand } from "./restart.ts";
import { filterQuery, runLines, withRunFilters } from "./runs.ts";
import type { FilterOptions } from "./runs.ts";

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
  defineRedrives(command, io);
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
  const [first] = items;
  // In lines that fit, and that a shell takes as one command.
  printLines(io, [
    "Resume a whole group, five of it first:",
    `  ${calledAs(io)} dead redrive --canary 5 --reason "…" \\`,
    `    --fingerprint ${inertLine(quoted(first?.fingerprint ?? ""))}`,
  ]);
}

/** For any shell. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
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
