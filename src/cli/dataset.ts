import { createReadStream, createWriteStream } from "node:fs";
import { basename, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { inert, inertLine } from "../base/inert.ts";
import { isObject } from "../base/json.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { didYouMean } from "../base/suggest.ts";
import { defaultDelimiter, formatOf } from "../eval/case-files.ts";
import { DATASET_KINDS } from "../eval/case.ts";
import { isFile } from "../app/is-file.ts";
import type { ServerOptions } from "./client.ts";
import { refusal, withServer } from "./client.ts";
import { evalPlace } from "./eval-place.ts";
import type { EvalPlace } from "./eval-place.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { writeNew } from "./new-file.ts";
import { printJson, printLines, shortTime, table } from "./print.ts";

interface VersionDocument extends JsonObject {
  name: string;
  version: number;
  kind: string;
  cases: number;
  source: string;
  suites: string[];
  published_by: string;
  published_at: string;
}

interface ImportOptions extends ServerOptions {
  kind: string;
  name?: string;
  format?: string;
  map?: string[];
  set?: string[];
  delimiter?: string;
}

const repeated = (value: string, before: string[] = []): string[] => [...before, value];

/** `sluice dataset import|export|list`. */
export function define(command: Command, io: Io): void {
  const importing = withServer(command.command("import"))
    .description("publish a version of a dataset from a file of cases")
    .argument("<file>", "JSONL, or CSV with a header; - for standard input")
    .requiredOption("--kind <kind>", `what its cases are for: ${DATASET_KINDS.join(", ")}`)
    .option("--name <name>", "of the dataset; the file's unless given")
    .option("--format <format>", "jsonl or csv; by the file's ending unless given")
    .option("--map <column=path>", "of CSV, repeated: where a column goes, as text=input.ticket.body", repeated)
    .option("--set <path=value>", "of CSV, repeated: the same in every case, as input.ticket.channel=email", repeated)
    .option("--delimiter <character>", "of CSV: what is between the cells");
  withExamples(importing, [
    ["sluice dataset import golden.jsonl --name support_golden --kind golden", "one case to a line"],
    ["sluice dataset import queries.csv --kind golden --map text=input.query --map intent=expected.intent", "columns of a CSV file"],
    ["sluice dataset import amounts.csv --kind edge --map id=id --map t=input.text --map sum=expected.amount:number", "cells that are no text: :number, :boolean, :json, :list"],
  ]).action((file: string, options: ImportOptions) => importFile(file, options, io)); // prettier-ignore
  withExamples(withServer(command.command("export")), [
    ["sluice dataset export support_golden > golden.jsonl", "the newest version"],
    ["sluice dataset export support_golden --version 3 --out golden-3.jsonl", "an older one, into a new file"],
  ])
    .description("the cases of a version, one to a line")
    .argument("<name>", "the dataset")
    .option("--version <number>", "the newest unless given")
    .option("--out <file>", "a new file; standard output unless given")
    .action((name: string, options: ServerOptions & { version?: string; out?: string }) =>
      exportCases(name, options, io),
    );
  withExamples(withServer(command.command("list")), [
    ["sluice dataset list", "each as its newest version"],
    ["sluice dataset list support_golden", "every version of one"],
  ])
    .description("datasets, or the versions of one")
    .argument("[name]", "the dataset")
    .action((name: string | undefined, options: ServerOptions) => list(name, options, io));
}

/** With a server or without one; whoever opened it closes it. */
async function within<T>(options: ServerOptions, io: Io, use: (service: EvalPlace) => Promise<T>): Promise<T> {
  const service = await evalPlace(options, io);
  try {
    return await use(service);
  } finally {
    await service.close();
  }
}

async function importFile(file: string, options: ImportOptions, io: Io): Promise<void> {
  if (!DATASET_KINDS.some((kind) => kind === options.kind))
    throw new Exit(
      EXIT.wrongUse,
      `There is no kind "${options.kind}" of dataset. ${didYouMean(options.kind, DATASET_KINDS)}`,
    );
  const path = resolve(io.cwd, file);
  if (file !== "-" && !isFile(path)) throw new Exit(EXIT.wrongUse, `There is no file ${file}.`);
  const name = options.name ?? nameOf(file);
  const format = formatGiven(file, options);
  const query = new URLSearchParams({ kind: options.kind, ...mapping(file, format, options) });
  const body = file === "-" ? Readable.from([Buffer.from(await io.readStdin())]) : createReadStream(path);
  await within(options, io, async ({ client }) => {
    const type = format === "csv" ? "text/csv" : "application/x-ndjson";
    const answer = await client.upload(
      `/v1/datasets/${encodeURIComponent(name)}/import?${query.toString()}`,
      type,
      body,
    );
    if (answer.status >= 400) throw refused(file, answer.status, answer.body);
    const document = answer.body as VersionDocument & { fresh: boolean };
    if (options.json === true) printJson(io, document);
    else printLines(io, imported(document));
  });
}

function nameOf(file: string): string {
  if (file === "-") throw new Exit(EXIT.wrongUse, "Name the dataset that standard input is: --name NAME.");
  return basename(file).replace(/\.[^.]*$/, "");
}

function formatGiven(file: string, { format }: ImportOptions): "jsonl" | "csv" {
  if (format === undefined) return formatOf(file);
  if (format === "jsonl" || format === "csv") return format;
  throw new Exit(EXIT.wrongUse, `There is no format "${format}". ${didYouMean(format, ["jsonl", "csv"])}`);
}

function mapping(
  file: string,
  format: "jsonl" | "csv",
  { map, set, delimiter }: ImportOptions,
): Record<string, string> {
  if (map === undefined && set === undefined && delimiter === undefined) return {};
  if (format === "jsonl")
    throw new Exit(
      EXIT.wrongUse,
      "--map, --set and --delimiter are for CSV; JSONL holds whole cases. Say --format csv where it is CSV.",
    );
  const split = delimiter ?? defaultDelimiter(file);
  return {
    map: JSON.stringify(Object.fromEntries((map ?? []).map((each) => pair("--map", "column=path", each, true)))),
    ...(set === undefined
      ? {}
      : {
          set: JSON.stringify(
            Object.fromEntries(set.map((each) => constant(pair("--set", "path=value", each, false)))),
          ),
        }),
    delimiter: split === "\\t" || split === "tab" ? "\t" : split,
  };
}

/** A column may have an = in its name, a path has none; a value may have one too. */
function pair(option: string, form: string, text: string, last: boolean): [string, string] {
  const at = last ? text.lastIndexOf("=") : text.indexOf("=");
  if (at <= 0 || at === text.length - 1)
    throw new Exit(EXIT.wrongUse, `${option} takes ${form}, not ${JSON.stringify(text)}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** JSON where it is JSON, else text. */
function constant([path, text]: [string, string]): [string, Json] {
  const read = readJson(text);
  return [path, "value" in read ? read.value : text];
}

function imported({ name, version, kind, cases, fresh, suites }: VersionDocument & { fresh: boolean }): string[] {
  const count = `${cases.toLocaleString("en-US")} ${cases === 1 ? "case" : "cases"}`;
  if (!fresh) return [`${name} holds just that already: version ${version}, ${count}. Nothing was published.`];
  const use = `Use it in a suite: datasets: [{dataset: ${name}, kind: ${kind}}]`;
  return [
    `${name} version ${version} is published: ${count}, ${kind}.`,
    ...(version === 1 && suites === undefined ? [use] : []),
  ];
}

/** Mistakes of cases are of the file that was named, by line. */
function refused(file: string, status: number, problem: Json): Exit {
  const document: JsonObject = isObject(problem) ? problem : {};
  const { code, detail, errors } = document;
  if (code !== "bad_cases" || !Array.isArray(errors)) return refusal(status, document);
  const told = errors.map((each) => {
    const { pointer, message } = each as { pointer: string; message: string };
    return `${file}:${pointer.slice(1)}: ${message}`;
  });
  return new Exit(EXIT.wrongUse, inert([...told, String(detail)].join("\n")));
}

async function exportCases(
  name: string,
  options: ServerOptions & { version?: string; out?: string },
  io: Io,
): Promise<void> {
  const query = options.version === undefined ? "" : `?version=${encodeURIComponent(options.version)}`;
  await within(options, io, async ({ client }) => {
    const { body } = await client.bytes("GET", `/v1/datasets/${encodeURIComponent(name)}/export${query}`);
    const cases = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
    if (options.out !== undefined)
      await writeNew(resolve(io.cwd, options.out), (draft) => pipeline(cases, createWriteStream(draft)));
    // As it is: it is data, and goes into files.
    else for await (const chunk of cases) io.out(Buffer.from(chunk as Uint8Array).toString());
  });
}

async function list(name: string | undefined, options: ServerOptions, io: Io): Promise<void> {
  const path = name === undefined ? "/v1/datasets" : `/v1/datasets/${encodeURIComponent(name)}`;
  const document = await within(options, io, ({ client }) => client.get<JsonObject>(path));
  if (options.json === true) return printJson(io, document);
  const rows = (name === undefined ? document["items"] : document["versions"]) as unknown as VersionDocument[];
  if (rows.length === 0)
    return printLines(io, ['No dataset is published. Files of suites are when they are evaluated; "sluice dataset import FILE" publishes another.']); // prettier-ignore
  const columns = [
    { title: name === undefined ? "DATASET" : "VERSION", grows: name === undefined },
    { title: name === undefined ? "VERSION" : "" },
    { title: "KIND" },
    { title: "CASES" },
    { title: "FROM" },
    { title: "PUBLISHED" },
    { title: "BY" },
  ];
  const cells = rows.map((each) => [
    inertLine(name === undefined ? each.name : String(each.version)),
    name === undefined ? String(each.version) : "",
    each.kind,
    each.cases.toLocaleString("en-US"),
    inertLine(each.source),
    shortTime(each.published_at),
    inertLine(each.published_by),
  ]);
  printLines(io, table(io, columns, cells));
}
