import type { Command } from "commander";
import { stringify } from "yaml";
import { Failure, ProjectError, UsageError } from "../base/failure.ts";
import { inert } from "../base/inert.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { comparedDocument, versionDocument } from "../http/prompt-documents.ts";
import { comparePrompts } from "../prompt/compare.ts";
import { loadPrompts, promptFromDocument } from "../prompt/load.ts";
import { splitVersion } from "../prompt/registry.ts";
import { render } from "../prompt/render.ts";
import { compareVersions } from "../prompt/set.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { connectIfThere, withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson, printLines, table } from "./print.ts";
import { errorsOf, problemLines, projectDir, readInput } from "./project-folder.ts";
import type { ComparisonDocument, VersionDetailDocument, VersionDocument } from "./prompt-documents.ts";
import { definePreview } from "./prompt-preview.ts";
import { comparisonLines, recordLines } from "./prompt-print.ts";
import { ON_RECORD, defineRegistry, versionPath } from "./prompt-registry.ts";

type Options = ServerOptions;

/** `sluice prompt list|show|diff|render|preview|push|pull|approve|delete`. */
export function define(command: Command, io: Io): void {
  command.addHelpText(
    "after",
    "\nExamples:\n  $ sluice prompt list\n  $ sluice prompt diff support_ticket_classifier 2026-05-20.3 2026-05-29.1\n  $ sluice prompt preview support_ticket_classifier --file next.yaml --workflow support_triage",
  );
  withExamples(
    withServer(command.command("list").description("prompt versions, oldest first: the server's, or else the files'")),
    [["sluice prompt list", "all versions"]],
  ).action((options: Options) => listPrompts(options, io));
  withExamples(
    withServer(
      command
        .command("show <name[@version]>")
        .description("one version, and what is on record of it; the newest unless said"),
    ),
    [["sluice prompt show ticket_classifier@2026-05-29.1", "as it is published, with evidence and use"]],
  ).action((name: string, options: Options) => showPrompt(name, options, io));
  withExamples(
    withServer(
      command
        .command("diff <name> <from> <to>")
        .description("two versions side by side: text, schema, settings, evidence"),
    ),
    [["sluice prompt diff ticket_classifier 2026-05-20.3 2026-05-29.1", "what the newer one changes"]],
  ).action((name: string, from: string, to: string, options: Options) => diffPrompts(name, [from, to], options, io));
  withExamples(
    withServer(command.command("render <name[@version]>"))
      .description("the messages a model would be sent, without calling it")
      .requiredOption("--inputs <file>", "JSON with the prompt's inputs, such as an event; - for standard input"),
    [["sluice prompt render ticket_classifier --inputs event.json", "what a model would be sent for an event"]],
  ).action((name: string, options: Options & { inputs: string }) => renderPrompt(name, options, io));
  definePreview(command, io);
  defineRegistry(command, io);
}

async function open(options: Options, io: Io): Promise<PromptSet> {
  const dir = projectDir(options, io);
  const { prompts, problems } = await loadPrompts(dir);
  // The versions in order can be worked with; the others must not look as if they were not there.
  if (errorsOf(problems).length > 0) io.err(problemLines(errorsOf(problems), dir, io));
  return prompts;
}

/** A version of a file as the server would show it. */
function filed(spec: PromptSpec): VersionDocument {
  const none = { publication: null, approvals: [], serves: [], candidateIn: [] };
  return versionDocument({ spec, source: "file", ...none }) as unknown as VersionDocument;
}

async function allVersions(options: Options, io: Io): Promise<VersionDocument[]> {
  const client = await connectIfThere(options, io);
  if (client === null) return (await open(options, io)).all().map(filed);
  return (await client.get<{ items: VersionDocument[] }>("/v1/prompts")).items;
}

async function listPrompts(options: Options, io: Io): Promise<void> {
  const all = await allVersions(options, io);
  const latest = (version: VersionDocument): boolean => !all.some((other) => isNewer(other, version));
  if (options.json === true) return printJson(io, all.map((version) => ({ ...version, latest: latest(version) }))); // prettier-ignore
  if (all.length === 0) return io.out("There is no prompt. Write prompts/NAME/VERSION.yaml.\n");
  const columns = [
    "NAME",
    "VERSION",
    "",
    "MODEL",
    "BACK TO",
    "EVAL SUITE",
    "OWNER",
    "PUBLISHED BY",
    "APPROVED BY",
    "SERVES",
  ];
  const rows = all.map((version) => [
    version.name,
    version.version,
    latest(version) ? "latest" : "",
    [version.model, ...((version["fallback_models"] ?? []) as string[])].join(", then "),
    (version["rollback_version"] ?? "-") as string,
    (version["eval_suite"] ?? "-") as string,
    version.owner,
    version.published_by ?? "-",
    version.approvals.map(({ by }) => by).join(", ") || (version.risk === "high" ? "nobody yet" : "-"),
    [...version.serves, ...version.candidate_in.map((workflow) => `${workflow} (candidate)`)].join(", ") || "-",
  ]);
  printLines(
    io,
    table(
      io,
      columns.map((title) => ({ title })),
      rows,
    ),
  );
}

function isNewer(a: VersionDocument, b: VersionDocument): boolean {
  return a.name === b.name && compareVersions(a.version, b.version) > 0;
}

/** The server's version with all that is on record of it; null where no server has it. */
async function fromServer(client: Client | null, wanted: string): Promise<VersionDetailDocument | null> {
  if (client === null) return null;
  const { name, version } = splitVersion(wanted);
  if (version !== undefined) return await client.get<VersionDetailDocument>(versionPath(name, version));
  const { versions } = await client.get<{ versions: VersionDocument[] }>(`/v1/prompts/${encodeURIComponent(name)}`);
  const newest = versions.findLast((each) => !versions.some((other) => isNewer(other, each)));
  return newest === undefined ? null : await client.get(versionPath(name, newest.version));
}

function versionOf(prompts: PromptSet, wanted: string): PromptSpec {
  const { name, version } = splitVersion(wanted);
  return prompts.get(name, version);
}

async function showPrompt(wanted: string, options: Options, io: Io): Promise<void> {
  const found = await fromServer(await connectIfThere(options, io), wanted);
  const version = found ?? filed(versionOf(await open(options, io), wanted));
  if (options.json === true) return printJson(io, version);
  const { file, hash } = version;
  const place = typeof file === "string" ? file : "in the registry, in no file";
  io.out(inert(`# ${place}\n# sha256 ${hash}\n${stringify(specOf(version), { lineWidth: 0 })}`));
  if (found !== null) printLines(io, ["", ...recordLines(found, io)]);
}

/** What the version says, without what is on record of it. */
function specOf(version: VersionDocument): JsonObject {
  const beside = new Set([...ON_RECORD, "evidence", "usage", "served"]);
  const said = Object.entries(version).filter(([key]) => !beside.has(key));
  // The risk is told of every version; what is not high was seldom written.
  return Object.fromEntries(said.filter(([key, value]) => key !== "risk" || value !== "low"));
}

async function diffPrompts(name: string, [from, to]: [string, string], options: Options, io: Io): Promise<void> {
  const client = await connectIfThere(options, io);
  const compared =
    client === null
      ? compareFiles(await open(options, io), name, [from, to])
      : await client.get<ComparisonDocument>(`/v1/prompts/${encodeURIComponent(name)}/diff`, { from, to });
  if (options.json === true) return printJson(io, compared);
  printLines(io, comparisonLines(compared, io));
}

function compareFiles(prompts: PromptSet, name: string, [from, to]: [string, string]): ComparisonDocument {
  const [before, after] = [prompts.get(name, from), prompts.get(name, to)];
  const compared = {
    from: { spec: before, evidence: [] },
    to: { spec: after, evidence: [] },
    comparison: comparePrompts(before, after),
  };
  return comparedDocument(name, compared) as unknown as ComparisonDocument;
}

async function renderPrompt(wanted: string, options: Options & { inputs: string }, io: Io): Promise<void> {
  const spec = await specToRender(wanted, options, io);
  const messages = rendered(spec, readInputs(options.inputs, await readInput(options.inputs, io)));
  if (options.json === true) printJson(io, messages);
  else
    for (const { role, content } of messages)
      io.out(`── ${role} ${"─".repeat(Math.max(2, 40 - role.length))}\n${inert(content)}\n\n`);
}

/** A file's version as it stands now; one that is only published, from the server. */
async function specToRender(wanted: string, options: Options, io: Io): Promise<PromptSpec> {
  const files = await open(options, io);
  const { name, version } = splitVersion(wanted);
  const present = version === undefined ? files.latest(name) : files.find(name, version);
  if (present !== undefined) return present;
  const found = await fromServer(await connectIfThere(options, io), wanted);
  if (found === null) return versionOf(files, wanted);
  const said = specOf(found);
  return specWithHash([said, { ...said, risk: found.risk }], found);
}

/** Throws `ProjectError` where the server's version does not read here as it was published. */
function specWithHash(documents: readonly JsonObject[], { name, version, hash }: VersionDocument): PromptSpec {
  const specs = documents.map(promptFromDocument);
  const found = specs.find((spec) => spec.hash === hash);
  if (found !== undefined) return found;
  const message = `${name}@${version} does not read as it was published; this Sluice may be older than the server.`;
  throw new ProjectError([{ file: name, code: "other_content", message, severity: "error" }]);
}

function readInputs(file: string, text: string): Json {
  const read = readJson(text);
  if ("value" in read) return read.value;
  const { line, column, message } = read.mistake;
  throw new UsageError("not_json", `${file === "-" ? "standard input" : file}:${line}:${column}: ${message}`);
}

function rendered(spec: PromptSpec, inputs: Json): ReturnType<typeof render> {
  try {
    return render(spec, inputs);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new UsageError(error.info.code, error.info.message, { errors: error.info.errors ?? [] });
  }
}
