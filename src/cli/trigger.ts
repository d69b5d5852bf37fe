import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import type { Json } from "../base/json.ts";
import { locator, readJson } from "../base/position.ts";
import { duplicateKeys, roundedIntegers } from "../base/scan-json.ts";
import type { Client, ServerOptions } from "./client.ts";
import { connect, projectFolder, withServer } from "./client.ts";
import type { ReceiptDocument, ResultDocument } from "./documents.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { utf8 } from "./utf8.ts";
import { jsonLines, printJson, printLines } from "./print.ts";

type TriggerOptions = ServerOptions & { wait?: string; dryRun?: boolean };

/** Under the server's limits of 500 events and 1 MiB a request. */
const MAX_EVENTS = 500;
const MAX_BYTES = 512 * 1024;

export function define(command: Command, io: Io): void {
  withServer(command.argument("<file>", 'an event, an array of events, or one event a line; "-" reads standard input'))
    .option("--wait <duration>", "wait for the decision of a single event, at most 60s")
    .option("--dry-run", "hold it against its contract here, and send nothing");
  withExamples(command, [
    ["sluice trigger event.json --wait 20s", "send it, print the decision; exit 3 if there is none yet"],
    ["sluice trigger tickets.jsonl", "send many, 500 at a time"],
    ["cat event.json | sluice trigger - --dry-run", "is it a valid event, and what would it start?"],
  ]).action((file: string, options: TriggerOptions) => trigger(file, options, io));
}

async function trigger(file: string, options: TriggerOptions, io: Io): Promise<void> {
  const { events, single } = parseEvents(await readText(file, io), file);
  if (options.dryRun === true)
    return (await import("./dry-run.ts")).dryRun(projectFolder(options, io), events, options.json === true, io);
  if (!single && options.wait !== undefined) throw new Exit(EXIT.wrongUse, "--wait is for a single event.");
  const client = await connect(options, io);
  if (single) await sendOne(client, events[0] as Json, options, io);
  else await sendMany(client, events, options, io);
}

export async function readText(file: string, io: Io): Promise<string> {
  if (file === "-") return io.readStdin();
  return utf8(await readBytes(file, io), file);
}

async function readBytes(file: string, io: Io): Promise<Uint8Array> {
  try {
    return await readFile(resolve(io.cwd, file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Exit(
      EXIT.wrongUse,
      code === "ENOENT" ? `There is no file ${file}.` : `${file} cannot be read (${code}).`,
    );
  }
}

/** One document, or one a line. */
function parseEvents(text: string, file: string): { events: Json[]; single: boolean } {
  const name = file === "-" ? "standard input" : file;
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "");
  const [first] = lines;
  if (first === undefined) throw new Exit(EXIT.wrongUse, `${name} holds no event.`);
  // Where the first line is no document of its own, the text as a whole was meant to be one.
  const oneALine = lines.length > 1 && "value" in readJson(first.line);
  if (oneALine) return { events: lines.map(({ line, number }) => parseEvent(line, name, number)), single: false };
  const whole = parseEvent(text, name, 1);
  if (!Array.isArray(whole)) return { events: [whole], single: true };
  if (whole.length === 0) throw new Exit(EXIT.wrongUse, `${name} holds no event.`);
  return { events: whole, single: false };
}

/** A document that begins on `line` of the input. */
function parseEvent(text: string, name: string, line: number): Json {
  const read = readJson(text);
  if ("mistake" in read) {
    const { line: below, column, message } = read.mistake;
    throw new Exit(EXIT.wrongUse, `${name}:${line + below - 1}:${column}: ${inertLine(message)}`);
  }
  // Sent on, it would be written anew, and the server would see nothing of it.
  const [wrong] = [...duplicateKeys(text, read.value), ...roundedIntegers(text, read.value)];
  if (wrong === undefined) return read.value;
  const at = locator(text)(wrong.pointer);
  throw new Exit(EXIT.wrongUse, `${name}:${line + at.line - 1}:${at.column}: ${inertLine(wrong.message)}`);
}

async function sendOne(client: Client, event: Json, options: TriggerOptions, io: Io): Promise<void> {
  const wait = options.wait === undefined ? "" : `?wait=${encodeURIComponent(options.wait)}`;
  const { status, body } = await client.send("POST", `/v1/events${wait}`, event);
  const receipt = body as unknown as ReceiptDocument;
  if (options.json === true) printJson(io, receipt);
  else printLines(io, receiptLines(receipt));
  if (options.wait === undefined || receipt.run_id === null) return;
  // 202 to a wait: there is no decision to report yet.
  if (status === 202) throw new Exit(EXIT.inconclusive, undecided(receipt));
  if (receipt.status !== "completed") throw new Exit(EXIT.failed);
}

function undecided(receipt: ReceiptDocument): string {
  const run = inertLine(receipt.run_id ?? "");
  if (receipt.waiting_for === "review") return `It waits for a reviewer: sluice review show ${run}`;
  return `No decision yet: sluice runs show ${run}`;
}

function receiptLines(receipt: ReceiptDocument): string[] {
  const { event_id: eventId, runs, duplicate, status, disposition, failure, decision } = receipt;
  const lines = [`${inertLine(eventId)} ${duplicate ? "was accepted before" : "accepted"}`];
  for (const { run_id: run, workflow } of runs) lines.push(`  ${inertLine(workflow)}: ${inertLine(run)}`);
  if (runs.length === 0) lines.push("  no workflow starts on it; it is for runs that wait for it, now or later");
  if (status === undefined) return lines;
  lines.push(`  ${[status, disposition].filter(Boolean).join(", ")}`);
  if (failure) lines.push(`  ${inertLine(`${failure.class}: ${failure.message}`)}`);
  if (decision !== null) lines.push(...jsonLines(decision, "  "));
  return lines;
}

async function sendMany(client: Client, events: readonly Json[], options: TriggerOptions, io: Io): Promise<void> {
  const results: ResultDocument[] = [];
  for (const batch of batches(events)) {
    const { body } = await client.send("POST", "/v1/events", batch);
    const answered = (body as unknown as { results: ResultDocument[] }).results;
    const before = results.length;
    results.push(...answered.map((result) => ({ ...result, index: before + result.index })));
  }
  const refused = results.filter(({ status }) => status >= 300);
  if (options.json === true) printJson(io, { results });
  else {
    const duplicates = results.filter(({ status }) => status === 200).length;
    printLines(io, [
      `${results.length - refused.length - duplicates} accepted, ${duplicates} accepted before, ${refused.length} refused`,
    ]);
  }
  if (refused.length === 0) return;
  const lines = refused.slice(0, 20).map(refusalLine);
  throw new Exit(
    EXIT.wrongUse,
    [...lines, ...(refused.length > 20 ? [`… and ${refused.length - 20} more (--json shows all)`] : [])].join("\n"),
  );
}

function refusalLine(result: ResultDocument): string {
  const { index, event_id: eventId, detail = "refused", errors = [] } = result;
  const places = errors.map(({ pointer, message }) => `${pointer || "the event"} ${message}`).join("; ");
  return inertLine(`event ${index + 1}${eventId === null ? "" : ` (${eventId})`}: ${detail} ${places}`);
}

function* batches(events: readonly Json[]): Generator<Json[]> {
  let batch: Json[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (batch.length > 0 && (batch.length === MAX_EVENTS || bytes + size > MAX_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
