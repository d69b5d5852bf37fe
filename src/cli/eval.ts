import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { didYouMean } from "../base/suggest.ts";
import type { ComparisonReport } from "../eval/comparison.ts";
import { withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import type { EvalDocument, EvalWithReport, SuiteDocument } from "./eval-documents.ts";
import { printComparison, printEval, statusWord, subjectText } from "./eval-print.ts";
import { defineEvalRun } from "./eval-run.ts";
import { evalPlace } from "./eval-place.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { age, dollars, printJson, printLines, table } from "./print.ts";

export function define(command: Command, io: Io): void {
  defineEvalRun(command, io);
  withExamples(
    withServer(command.command("list [suite]").description("suites, and what their eval runs came to"))
      .option("--limit <count>", "at most this many", "20")
      .option("--cursor <cursor>", "go on where the page before ended"),
    [
      ["sluice eval list", "the suites there are, and the newest eval runs"],
      ["sluice eval list support_ticket_classifier_regression", "of one suite"],
    ],
  ).action((suite: string | undefined, options: ListOptions) => list(suite, options, io));
  withExamples(withServer(command.command("show <eval>").description("how far an eval run is, and its report")), [
    ["sluice eval show evl_01k…", "the table, what failed, the slices"],
  ]).action((id: string, options: ServerOptions) => show(id, options, io));
  withExamples(
    withServer(command.command("compare <before> <after>").description("two eval runs of one suite, case by case")),
    [["sluice eval compare evl_01k… evl_01m…", "what got worse and what got better"]],
  ).action((before: string, after: string, options: ServerOptions) => compare(before, after, options, io));
  withExamples(
    withServer(command.command("cancel <eval>").description("ask no further case; what was answered is kept")),
    [["sluice eval cancel evl_01k…", "the same eval run, asked for again, goes on from there"]],
  ).action((id: string, options: ServerOptions) => cancel(id, options, io));
}

type ListOptions = ServerOptions & { limit: string; cursor?: string };

/** Opens whatever works on evals, for one command. */
export async function withEvals<T>(
  options: ServerOptions,
  io: Io,
  use: (client: Client, server: boolean) => Promise<T>,
): Promise<T> {
  const place = await evalPlace(options, io);
  try {
    return await use(place.client, place.server);
  } finally {
    await place.close();
  }
}

async function list(suite: string | undefined, options: ListOptions, io: Io): Promise<void> {
  await withEvals(options, io, async (client) => {
    const suites = (await client.get<{ items: SuiteDocument[] }>("/v1/evals/suites")).items;
    const names = suites.map(({ name }) => name);
    if (suite !== undefined && !names.includes(suite))
      throw new Exit(EXIT.wrongUse, `There is no suite "${suite}". ${didYouMean(suite, names)}`);
    const query = { suite, limit: options.limit, cursor: options.cursor };
    const page = await client.get<{ items: EvalDocument[]; next_cursor: string | null }>("/v1/evals", query);
    if (options.json === true) return printJson(io, { suites: suite === undefined ? suites : undefined, ...page });
    if (suite === undefined) printLines(io, [...suiteLines(suites, io), ""]);
    printLines(io, evalLines(page.items, io));
    if (page.next_cursor !== null) printLines(io, [`More: --cursor ${page.next_cursor}`]);
  });
}

function suiteLines(suites: readonly SuiteDocument[], io: Io): string[] {
  if (suites.length === 0) return ['No suites yet: write evals/NAME/suite.yaml; "sluice check" helps.'];
  const columns = [{ title: "SUITE" }, { title: "OF" }, { title: "LAST" }, { title: "AGE", right: true }];
  const rows = suites.map(({ name, prompt, workflow, last }) => [
    name,
    prompt === null ? `workflow ${workflow ?? ""}` : `prompt ${prompt}`,
    last === null ? "never" : (last.verdict ?? last.status),
    last === null ? "" : age(last.created_at),
  ]);
  return table(io, columns, rows);
}

function evalLines(items: readonly EvalDocument[], io: Io): string[] {
  if (items.length === 0) return ["No eval runs yet: sluice eval run SUITE"];
  const columns = [
    { title: "EVAL" },
    { title: "SUITE", grows: true },
    { title: "SUBJECT" },
    { title: "STATUS" },
    { title: "DONE", right: true },
    { title: "COST", right: true },
    { title: "AGE", right: true },
  ];
  const rows = items.map((each) => [
    each.eval_id,
    each.suite,
    subjectText(each.subject),
    statusWord(each),
    `${each.done}/${each.total}`,
    each.cost_usd === null ? "unknown" : dollars(each.cost_usd),
    age(each.created_at),
  ]);
  return table(io, columns, rows);
}

async function show(id: string, options: ServerOptions, io: Io): Promise<void> {
  await withEvals(options, io, async (client) => {
    const found = await client.get<EvalWithReport>(`/v1/evals/${encodeURIComponent(id)}`);
    if (options.json === true) printJson(io, found);
    else printEval(found, io);
  });
}

async function compare(before: string, after: string, options: ServerOptions, io: Io): Promise<void> {
  await withEvals(options, io, async (client) => {
    const compared = await client.get<ComparisonReport>("/v1/evals/compare", { a: before, b: after });
    if (options.json === true) printJson(io, compared);
    else printComparison(compared, io);
  });
}

async function cancel(id: string, options: ServerOptions, io: Io): Promise<void> {
  await withEvals(options, io, async (client) => {
    const cancelled = await client.post<EvalDocument>(`/v1/evals/${encodeURIComponent(id)}/cancel`);
    if (options.json === true) return printJson(io, cancelled);
    const { done, total } = cancelled;
    printLines(io, [
      inertLine(`${id} is cancelled; ${done} of ${total} are kept, and the same eval run goes on from there.`),
    ]);
  });
}
