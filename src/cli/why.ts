import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import type { Why, WhyAnswer } from "../workflow/why.ts";
import { connect, withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { restartCommand } from "./restart.ts";
import { clip, colouredStatus, paint, printJson, printLines } from "./print.ts";

/** A question takes no more lines than this, so that all seven fit on a screen. */
const MAX_LINES = 5;

export function define(command: Command, io: Io): void {
  withServer(command.argument("<run>", "its id, or an event's id")).option("--full", "every line of every answer");
  withExamples(command, [
    ["sluice why run_01k…", "the seven questions about a decision, answered"],
    ["sluice why evt_01HY9K2P0A7", "of the run that this event started"],
  ]).action((run: string, options: ServerOptions & { full?: boolean }) => why(run, options, io));
}

async function why(given: string, options: ServerOptions & { full?: boolean }, io: Io): Promise<void> {
  const client = await connect(options, io);
  const runId = given.startsWith("run_") ? given : await runOfEvent(client, given);
  const answer = await client.get<Why>(`/v1/runs/${encodeURIComponent(runId)}/why`);
  if (options.json === true) printJson(io, answer);
  else printLines(io, whyLines(answer, options.full === true, io));
}

/** The only run of an event; the id as it came where there is none or more than one, so that the server says so. */
async function runOfEvent(client: Client, eventId: string): Promise<string> {
  const { items } = await client.get<{
    items: { run_id: string; event_id: string }[];
  }>("/v1/runs", { q: eventId, limit: "2" });
  const [first] = items.filter((run) => run.event_id === eventId);
  return first?.run_id ?? eventId;
}

export function whyLines(answers: Why, full: boolean, io: Io): string[] {
  const facts = [
    `event ${inertLine(answers.event_id)}`,
    answers.disposition,
    answers.stage === null ? null : `stage ${answers.stage}`,
    answers.release === null ? null : `release ${answers.release}`,
  ];
  return [
    `${paint(io, "bold", answers.run_id)}  ${inertLine(answers.workflow)}  ${colouredStatus(io, answers.status)}`,
    shorten(facts.filter((fact) => fact !== null).join(", "), full, io),
    ...(answers.decision === null
      ? []
      : [shorten(`decision ${inertLine(JSON.stringify(answers.decision))}`, full, io)]),
    ...(answers.failure === null
      ? []
      : [shorten(paint(io, "red", `failure ${failureText(answers.failure)}`), full, io)]),
    ...fixLines(answers, io),
    ...answers.questions.flatMap((question, index) => questionLines(question, index + 1, full, io)),
  ];
}

function fixLines(answers: Why, io: Io): string[] {
  const command = restartCommand(answers, io);
  return command === null ? [] : [`fix ${inertLine(command)}`];
}

function failureText(failure: unknown): string {
  const {
    class: failureClass,
    code,
    message,
    step,
  } = failure as { class: string; code: string; message: string; step: string | null };
  return inertLine(`${failureClass}/${code}${step === null ? "" : ` in "${step}"`}: ${message}`);
}

function questionLines(
  { question, answered, answer, commands }: WhyAnswer,
  number: number,
  full: boolean,
  io: Io,
): string[] {
  const facts = answer.map(inertLine);
  const room = full ? facts.length : MAX_LINES;
  const shown =
    facts.length > room ? [...facts.slice(0, room - 1), `… ${facts.length - room + 1} more (--full)`] : facts;
  return [
    `${number}. ${paint(io, "bold", question)}${answered ? "" : paint(io, "yellow", "  (no answer yet)")}`,
    ...shown.map((fact) => `   ${full ? fact : clip(fact, io.width - 3)}`),
    ...commands.slice(0, 1).map((line) => `   ${paint(io, "dim", clip(`→ ${inertLine(line)}`, io.width - 3))}`),
  ];
}

function shorten(line: string, full: boolean, io: Io): string {
  return full ? line : clip(line, io.width);
}
