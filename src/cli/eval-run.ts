import { writeFile } from "node:fs/promises";
import { resolve as absolute } from "node:path";
import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import type { EvalDocument, EvalStarted, EvalWithReport } from "./eval-documents.ts";
import { junitReport } from "../eval/report-junit.ts";
import { markdownReport } from "../eval/report-markdown.ts";
import { printEval } from "./eval-print.ts";
import { evalPlace } from "./eval-place.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { dollars, printJson } from "./print.ts";

interface RunOptions extends ServerOptions {
  prompt?: string;
  baseline?: string;
  model?: string;
  threshold?: string[];
  repeat?: string;
  concurrency?: string;
  budget?: string;
  fresh?: boolean;
  junit?: string;
  markdown?: string;
}

export function defineEvalRun(command: Command, io: Io): void {
  const running = withServer(
    command.command("run <suite>").description("evaluate a prompt version, or a workflow's whole path"),
  )
    .option("--prompt <name@version>", "the version; the newest unless said")
    .option("--baseline <name@version>", "the version to compare with, on the same cases")
    .option("--model <model>", "in place of the version's own")
    .option("--threshold <name=value...>", "of a workflow's suite, in place of what is in force")
    .option("--repeat <count>", "try each case so often")
    .option("--concurrency <count>", "cases under way at once; 10 unless said")
    .option("--budget <usd>", "spend at most so many US dollars")
    .option("--fresh", "ask anew what was answered before")
    .option("--junit <file>", "write the report for a build server")
    .option("--markdown <file>", "write the report for a pull request");
  withExamples(running, [
    ["sluice eval run support_ticket_classifier_regression", "the newest version"],
    ["sluice eval run SUITE --prompt classifier@2026-05-29.1 --baseline classifier@2026-05-20.3", "against another"],
    [
      "sluice eval run SUITE --repeat 3 --budget 2.50 --markdown report.md",
      "three times each, for 2.50 dollars at most",
    ],
  ])
    .addHelpText(
      "after",
      "\nExit codes: 0 PASS, 1 FAIL, 2 wrong use, 3 INCONCLUSIVE. Ctrl-C keeps what was answered.\n",
    )
    .action((suite: string, options: RunOptions) => run(suite, options, io));
}

async function run(suite: string, options: RunOptions, io: Io): Promise<void> {
  const body = requestOf(suite, options);
  const place = await evalPlace(options, io);
  try {
    const started = await place.client.post<EvalStarted>("/v1/evals", body);
    const ended = await following(place.client, started, place.server, options, io);
    await report(ended, options, io);
  } finally {
    await place.close();
  }
}

function requestOf(suite: string, options: RunOptions): Record<string, unknown> {
  const { prompt, baseline, model, repeat, concurrency, budget, fresh, threshold } = options;
  const given: Record<string, unknown> = {
    prompt: prompt === undefined ? undefined : reference("prompt", prompt),
    baseline: baseline === undefined ? undefined : reference("baseline", baseline),
    model,
    repeat: count("repeat", repeat),
    concurrency: count("concurrency", concurrency),
    budget_usd: budget === undefined ? undefined : amount(budget),
    fresh,
    thresholds: threshold === undefined ? undefined : Object.fromEntries(threshold.map(statement)),
  };
  return { suite, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

function reference(option: string, text: string): string {
  if (/^[^@]+@[^@]+$/.test(text)) return text;
  throw new Exit(EXIT.wrongUse, `--${option} is written NAME@VERSION, not ${JSON.stringify(text)}.`);
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1) return value;
  throw new Exit(EXIT.wrongUse, `--${option} takes a whole number from 1, not ${JSON.stringify(text)}.`);
}

function amount(text: string): number {
  const value = Number(text.replace(/^\$/, ""));
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new Exit(EXIT.wrongUse, `--budget takes US dollars, as in 2.50, not ${JSON.stringify(text)}.`);
}

function statement(text: string): [string, number] {
  const at = text.indexOf("=");
  const value = Number(text.slice(at + 1));
  if (at > 0 && text.slice(at + 1).trim() !== "" && Number.isFinite(value)) return [text.slice(0, at), value];
  throw new Exit(EXIT.wrongUse, `--threshold is written NAME=VALUE, not ${JSON.stringify(text)}.`);
}

const EVERY_MS = 250;
const PLAIN_EVERY_MS = 10_000;

/** Looks on until it has ended. Ctrl-C stops the asking: nothing is spent that nobody waits for. */
async function following(
  client: Client,
  started: EvalStarted,
  server: boolean,
  options: RunOptions,
  io: Io,
): Promise<EvalWithReport> {
  const path = `/v1/evals/${started.eval_id}`;
  const shown = new Progress(options.json === true, io);
  shown.begin(started, server);
  const stop = Promise.withResolvers<"stop">();
  const interrupted = (): void => stop.resolve("stop");
  process.once("SIGINT", interrupted);
  try {
    for (;;) {
      const now = await client.get<EvalWithReport>(path);
      if (now.status !== "queued" && now.status !== "running") return now;
      shown.tell(now);
      if ((await Promise.race([stop.promise, elapsed(EVERY_MS)])) !== "stop") continue;
      const { done, total } = await client.post<EvalDocument>(`${path}/cancel`);
      const kept = `${done} of ${total} are kept: the same command goes on from there.`;
      throw new Exit(EXIT.interrupted, `\nStopped. ${kept}`);
    }
  } finally {
    process.removeListener("SIGINT", interrupted);
    shown.end();
  }
}

function elapsed(ms: number): Promise<"elapsed"> {
  return new Promise((resolve) => setTimeout(() => resolve("elapsed"), ms));
}

/** One line that changes on a terminal, else a line now and then. */
class Progress {
  readonly #quiet: boolean;
  readonly #io: Io;
  #saidAt = 0;

  constructor(quiet: boolean, io: Io) {
    this.#quiet = quiet;
    this.#io = io;
  }

  begin({ eval_id: id, resumed, done, total }: EvalStarted, server: boolean): void {
    if (this.#quiet) return;
    const where = server ? "on the server; it goes on there if this terminal is closed" : "here";
    const how = resumed ? `Going on with ${id}: ${done} of ${total} are done.` : `Eval run ${id} has begun ${where}.`;
    this.#io.err(`${inertLine(how)}\n`);
    this.#saidAt = Date.now();
  }

  tell(now: EvalDocument): void {
    if (this.#quiet) return;
    if (this.#io.interactive) this.#io.err(`\r\u001b[2K${bar(now)} ${line(now)}`);
    else if (Date.now() - this.#saidAt >= PLAIN_EVERY_MS) {
      this.#saidAt = Date.now();
      this.#io.err(`${line(now)}\n`);
    }
  }

  end(): void {
    if (!this.#quiet && this.#io.interactive) this.#io.err("\r\u001b[2K");
  }
}

const BAR_WIDTH = 24;

function bar({ done, total }: EvalDocument): string {
  const full = total === 0 ? 0 : Math.floor((BAR_WIDTH * done) / total);
  return "━".repeat(full) + "─".repeat(BAR_WIDTH - full);
}

function line({ done, total, seconds_left: left, cost_usd: cost, cached }: EvalDocument): string {
  return [
    `${done} of ${total}`,
    left === null ? null : `${left} s left`,
    cost === null ? "cost unknown" : dollars(cost),
    cached === 0 ? null : `${cached} answered before`,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

async function report(ended: EvalWithReport, options: RunOptions, io: Io): Promise<void> {
  if (ended.report !== null) {
    if (options.markdown !== undefined) await write(options.markdown, markdownReport(ended.report), io);
    if (options.junit !== undefined) await write(options.junit, junitReport(ended.report), io);
  }
  if (options.json === true) printJson(io, ended);
  else printEval(ended, io);
  const code = exitCode(ended);
  if (code !== EXIT.done) throw new Exit(code);
}

async function write(file: string, text: string, io: Io): Promise<void> {
  try {
    await writeFile(absolute(io.cwd, file), text);
  } catch (error) {
    throw new Exit(EXIT.wrongUse, `${file} cannot be written: ${(error as Error).message}`);
  }
}

/** What did not come to its end has decided nothing; what could not be asked at all has failed. */
function exitCode({ status, verdict, failure }: EvalDocument): ExitCode {
  if (status === "cancelled" || failure?.class === "budget") return EXIT.inconclusive;
  if (verdict === "PASS") return EXIT.done;
  return verdict === "INCONCLUSIVE" ? EXIT.inconclusive : EXIT.failed;
}
