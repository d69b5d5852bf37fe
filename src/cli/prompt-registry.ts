import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { stringify } from "yaml";
import { UsageError } from "../base/failure.ts";
import { inertLine } from "../base/inert.ts";
import type { JsonObject, Problem } from "../base/json.ts";
import { compilePrompt } from "../prompt/compile.ts";
import { loadPromptFile, loadPrompts } from "../prompt/load.ts";
import { splitVersion } from "../prompt/registry.ts";
import type { PromptSet } from "../prompt/set.ts";
import { parseSource } from "../prompt/source.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { connect, withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { writeNew } from "./new-file.ts";
import { paint, printJson, printLines } from "./print.ts";
import { projectDir, refuseErrors } from "./project-folder.ts";
import type { VersionDocument } from "./prompt-documents.ts";

/** Names and versions have no ending like that. */
const FILE = /\.(yaml|yml|json)$/;

type Reasoned = ServerOptions & { reason: string };

/** `sluice prompt push|pull|approve|delete`. */
export function defineRegistry(command: Command, io: Io): void {
  withExamples(
    withServer(
      command
        .command("push [name@version|file]")
        .description("publish the project's files, or a file from elsewhere, to the server"),
    ).requiredOption("--reason <text>", "on record"),
    [
      ['sluice prompt push --reason "first set"', "every version in the files"],
      ['sluice prompt push ticket_classifier@2026-06-01.1 --reason "fewer misses"', "one of them"],
      ['sluice prompt push ../elsewhere/2026-06-01.1.yaml --reason "to be tried"', "a file that is not in prompts/"],
    ],
  ).action((wanted: string | undefined, options: Reasoned) => push(wanted, options, io));
  withExamples(withServer(command.command("pull [name@version]").description("write published versions to files")), [
    ["sluice prompt pull", "every published version that no file has; nothing is written over"],
    ["sluice prompt pull ticket_classifier@2026-06-01.1", "one of them"],
  ]).action((wanted: string | undefined, options: ServerOptions) => pull(wanted, options, io));
  withExamples(
    withServer(
      command.command("approve <name@version>").description("approve a version that somebody else published"),
    ).requiredOption("--reason <text>", "on record"),
    [['sluice prompt approve ticket_classifier@2026-06-01.1 --reason "read it"', "of this very content"]],
  ).action((wanted: string, options: Reasoned) => approve(wanted, options, io));
  withExamples(
    withServer(
      command.command("delete <name@version>").description("take a version out of the registry"),
    ).requiredOption("--reason <text>", "on record"),
    [['sluice prompt delete ticket_classifier@2026-06-01.1 --reason "a slip"', "refused while anything goes by it"]],
  ).action((wanted: string, options: Reasoned) => remove(wanted, options, io));
}

/** Where one version is on the server. */
export function versionPath(name: string, version: string): string {
  return `/v1/prompts/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
}

function oneVersion(wanted: string): { name: string; version: string } {
  const { name, version } = splitVersion(wanted);
  if (version !== undefined) return { name, version };
  throw new UsageError("wrong_version", `Name the version too: ${name}@VERSION.`);
}

function chosen(prompts: PromptSet, wanted: string | undefined): readonly PromptSpec[] {
  if (wanted === undefined) return prompts.all();
  const { name, version } = splitVersion(wanted);
  if (version !== undefined) return [prompts.get(name, version)];
  prompts.get(name);
  return prompts.versions(name);
}

interface Pushed {
  name: string;
  version: string;
  result: "published" | "published before" | "refused";
  message: string | null;
}

async function push(wanted: string | undefined, options: Reasoned, io: Io): Promise<void> {
  const specs = await toPush(wanted, options, io);
  if (specs.length === 0)
    throw new Exit(EXIT.wrongUse, "There is no prompt in the files. Write prompts/NAME/VERSION.yaml.");
  const client = await connect(options, io);
  const pushed: Pushed[] = [];
  for (const spec of specs) pushed.push(await pushOne(client, spec, options.reason));
  if (options.json === true) printJson(io, pushed);
  else
    printLines(
      io,
      pushed.map((each) => pushedLine(each, io)),
    );
  if (pushed.some(({ result }) => result === "refused")) throw new Exit(EXIT.failed);
}

async function toPush(wanted: string | undefined, options: Reasoned, io: Io): Promise<readonly PromptSpec[]> {
  if (wanted !== undefined && FILE.test(wanted)) {
    const file = resolve(io.cwd, wanted);
    if (!existsSync(file)) throw new UsageError("no_file", `There is no file ${wanted}.`);
    // Paths in mistakes are seen from the project; a file from elsewhere is seen from where the person is.
    const { spec, problems } = await loadPromptFile(io.cwd, relative(io.cwd, file));
    refuseErrors(problems);
    return spec === undefined ? [] : [spec];
  }
  const { prompts, problems } = await loadPrompts(projectDir(options, io));
  refuseErrors(problems);
  return chosen(prompts, wanted);
}

/** One that is refused does not keep the others back. */
async function pushOne(client: Client, { name, version, document }: PromptSpec, reason: string): Promise<Pushed> {
  const path = `/v1/prompts/${encodeURIComponent(name)}/versions`;
  const { status, body } = await client.send("POST", path, { document, reason }, [409, 422]);
  if (status !== 409 && status !== 422)
    return { name, version, result: status === 201 ? "published" : "published before", message: null };
  const { detail, errors = [] } = body as { detail?: string; errors?: Problem[] };
  const mistakes = errors.map(({ pointer, message }) => `${pointer} ${message}`.trim());
  return { name, version, result: "refused", message: [detail ?? "", ...mistakes].join(" ") };
}

function pushedLine({ name, version, result, message }: Pushed, io: Io): string {
  const colour = result === "refused" ? "red" : result === "published" ? "green" : "dim";
  return `${paint(io, colour, result)} ${inertLine(`${name}@${version}${message === null ? "" : `: ${message}`}`)}`;
}

interface Pulled {
  name: string;
  version: string;
  file: string;
  result: "written" | "same" | "differs";
}

async function pull(wanted: string | undefined, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { items } = await client.get<{ items: VersionDocument[] }>("/v1/prompts");
  const { name, version } = wanted === undefined ? { name: undefined, version: undefined } : splitVersion(wanted);
  const asked = items.filter((each) => {
    return (name === undefined || each.name === name) && (version === undefined || each.version === version);
  });
  if (wanted !== undefined && asked.length === 0)
    throw new Exit(
      EXIT.wrongUse,
      `The server has no prompt version ${wanted}. "sluice prompt list" shows what it has.`,
    );
  const published = asked.filter((each) => each.published_at !== null || version !== undefined);
  const dir = projectDir(options, io);
  const pulled: Pulled[] = [];
  for (const each of published) pulled.push(await pullOne(dir, each));
  if (options.json === true) printJson(io, pulled);
  else if (pulled.length === 0) io.out('Nothing is published there. "sluice prompt push" publishes the files.\n');
  else
    printLines(
      io,
      pulled.map((each) => pulledLine(each, io)),
    );
  if (pulled.some(({ result }) => result === "differs")) throw new Exit(EXIT.failed);
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Never over a file that says something else: then one of the two needs a version of its own. */
async function pullOne(dir: string, document: VersionDocument): Promise<Pulled> {
  const { name, version, hash } = document;
  if (!NAME.test(name) || !NAME.test(version))
    throw new Exit(
      EXIT.failed,
      `The server names a prompt version that cannot be a file: ${inertLine(`${name}@${version}`)}.`,
    );
  const folder = join(dir, "prompts", name);
  const present = ["yaml", "yml", "json", "md"].map((ending) => join(folder, `${version}.${ending}`)).find(existsSync);
  if (present !== undefined) {
    const { prompts } = await loadPrompts(dir);
    const result = prompts.find(name, version)?.hash === hash ? "same" : "differs";
    return { name, version, file: relative(dir, present), result };
  }
  const { text, ending } = fileOf(document);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${version}.${ending}`);
  await writeNew(file, (draft) => writeFile(draft, text));
  return { name, version, file: relative(dir, file), result: "written" };
}

/** What is on record of a version is no part of what it says. */
export const ON_RECORD: readonly string[] =
  "hash file source published_at published_by reason approvals serves candidate_in".split(" ");

/** As YAML where that reads back as the very same version, else as JSON. */
function fileOf(version: VersionDocument): { text: string; ending: "yaml" | "json" } {
  const { risk, ...said } = Object.fromEntries(Object.entries(version).filter(([key]) => !ON_RECORD.includes(key)));
  for (const document of [said, { ...said, risk: risk ?? "low" }] as JsonObject[]) {
    const yaml = stringify(document, { lineWidth: 0 });
    if (readsAs(version, "yaml", yaml)) return { text: yaml, ending: "yaml" };
    const json = `${JSON.stringify(document, null, 2)}\n`;
    if (readsAs(version, "json", json)) return { text: json, ending: "json" };
  }
  throw new Exit(
    EXIT.failed,
    `${version.name}@${version.version} does not read as it was published; this Sluice may be older than the server.`,
  );
}

function readsAs({ name, version, hash }: VersionDocument, ending: string, text: string): boolean {
  return compilePrompt(parseSource(`${version}.${ending}`, text), { name, version }).spec?.hash === hash;
}

function pulledLine({ name, version, file, result }: Pulled, io: Io): string {
  const what = inertLine(`${name}@${version}`);
  if (result === "written") return `${paint(io, "green", "written")} ${inertLine(file)}`;
  if (result === "same") return `${paint(io, "dim", "the same")} ${inertLine(file)}`;
  return `${paint(io, "red", "differs")} ${inertLine(file)} says something else than the published ${what}, and is left as it is. Give the file a version of its own.`;
}

async function approve(wanted: string, options: Reasoned, io: Io): Promise<void> {
  const { name, version } = oneVersion(wanted);
  const client = await connect(options, io);
  const approved = await client.post<VersionDocument>(`${versionPath(name, version)}/approve`, {
    reason: options.reason,
  });
  if (options.json === true) return printJson(io, approved);
  const people = [...new Set(approved.approvals.map(({ by }) => by))].join(", ");
  printLines(io, [`${inertLine(wanted)} is approved by ${inertLine(people)}.`]);
}

async function remove(wanted: string, options: Reasoned, io: Io): Promise<void> {
  const { name, version } = oneVersion(wanted);
  const client = await connect(options, io);
  await client.send("DELETE", versionPath(name, version), { reason: options.reason });
  if (options.json === true) return printJson(io, { name, version, deleted: true });
  printLines(io, [`${inertLine(wanted)} is deleted. Its name and version stay taken.`]);
}
