import type { Command } from "commander";
import { stringify } from "yaml";
import { Failure, UsageError } from "../base/failure.ts";
import { inert } from "../base/inert.ts";
import type { Json } from "../base/json.ts";
import { readJson } from "../base/position.ts";
import { loadPrompts } from "../prompt/load.ts";
import { render } from "../prompt/render.ts";
import type { PromptSet } from "../prompt/set.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson, printLines, table } from "./print.ts";
import { errorsOf, folderOption, problemLines, projectDir, readInput } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";

type Options = FolderOptions & { json?: true };

/** `sluice prompt list|show|render`. */
export function define(command: Command, io: Io): void {
  command.addHelpText(
    "after",
    "\nExamples:\n  $ sluice prompt list\n  $ sluice prompt show support_ticket_classifier@2026-05-29.1\n  $ sluice prompt render support_ticket_classifier --inputs event.json",
  );
  withExamples(folderOption(command.command("list")), [["sluice prompt list", "all versions"]])
    .description("prompt versions, oldest first")
    .option("--json", "print them as JSON")
    .action(async (options: Options) => listPrompts(options, io));
  withExamples(folderOption(command.command("show")), [
    ["sluice prompt show ticket_classifier@2026-05-29.1", "one version as it is published"],
  ])
    .description("one version as it is published; the newest unless @VERSION says")
    .argument("<name[@version]>", "the prompt")
    .option("--json", "print it as JSON")
    .action(async (name: string, options: Options) => showPrompt(name, options, io));
  withExamples(folderOption(command.command("render")), [
    ["sluice prompt render ticket_classifier --inputs event.json", "what a model would be sent for an event"],
  ])
    .description("the messages a model would be sent, without calling it")
    .argument("<name[@version]>", "the prompt")
    .requiredOption("--inputs <file>", "JSON with the prompt's inputs, such as an event; - for standard input")
    .option("--json", "print them as JSON")
    .action(async (name: string, options: Options & { inputs: string }) => renderPrompt(name, options, io));
}

async function open(options: Options, io: Io): Promise<PromptSet> {
  const dir = projectDir(options, io);
  const { prompts, problems } = await loadPrompts(dir);
  // The versions in order can be worked with; the others must not look as if they were not there.
  if (errorsOf(problems).length > 0) io.err(problemLines(errorsOf(problems), dir, io));
  return prompts;
}

function versionOf(prompts: PromptSet, wanted: string): PromptSpec {
  const at = wanted.lastIndexOf("@");
  return at < 1 ? prompts.get(wanted) : prompts.get(wanted.slice(0, at), wanted.slice(at + 1));
}

async function listPrompts(options: Options, io: Io): Promise<void> {
  const prompts = await open(options, io);
  const all = prompts.all();
  if (options.json) {
    const rows = all.map((spec) => ({
      name: spec.name,
      version: spec.version,
      latest: prompts.latest(spec.name) === spec,
      model: spec.model,
      fallback_models: spec.fallbackModels,
      owner: spec.owner,
      rollback_version: spec.rollbackVersion ?? null,
      eval_suite: spec.evalSuite ?? null,
      hash: spec.hash,
      file: spec.file,
    }));
    printJson(io, rows);
  } else if (all.length === 0) io.out("There is no prompt. Write prompts/NAME/VERSION.yaml.\n");
  else
    printLines(
      io,
      table(
        io,
        [
          { title: "NAME" },
          { title: "VERSION" },
          { title: "" },
          { title: "MODEL" },
          { title: "BACK TO" },
          { title: "EVAL SUITE" },
          { title: "OWNER" },
        ],
        all.map((spec) => [
          spec.name,
          spec.version,
          prompts.latest(spec.name) === spec ? "latest" : "",
          [spec.model, ...spec.fallbackModels].join(", then "),
          spec.rollbackVersion ?? "-",
          spec.evalSuite ?? "-",
          spec.owner,
        ]),
      ),
    );
}

async function showPrompt(wanted: string, options: Options, io: Io): Promise<void> {
  const { document, hash, file } = versionOf(await open(options, io), wanted);
  if (options.json) printJson(io, { ...document, hash, file });
  else io.out(inert(`# ${file}\n# sha256 ${hash}\n${stringify(document, { lineWidth: 0 })}`));
}

async function renderPrompt(wanted: string, options: Options & { inputs: string }, io: Io): Promise<void> {
  const spec = versionOf(await open(options, io), wanted);
  const messages = rendered(spec, readInputs(options.inputs, await readInput(options.inputs, io)));
  if (options.json) printJson(io, messages);
  else
    for (const { role, content } of messages)
      io.out(`── ${role} ${"─".repeat(Math.max(2, 40 - role.length))}\n${inert(content)}\n\n`);
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
