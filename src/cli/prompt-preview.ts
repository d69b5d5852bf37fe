import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { UsageError } from "../base/failure.ts";
import { isObject } from "../base/json.ts";
import type { JsonObject } from "../base/json.ts";
import { splitVersion } from "../prompt/registry.ts";
import { parseSource } from "../prompt/source.ts";
import { connect, withServer } from "./client.ts";
import type { Client, ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson, printLines } from "./print.ts";
import { readInput } from "./project-folder.ts";
import type { PreviewDocument } from "./prompt-documents.ts";
import { previewLines } from "./prompt-print.ts";

type Options = ServerOptions & { workflow: string; file?: string; slot?: string; runs: string };

const POLL_MS = 250;

/** `sluice prompt preview`: what a version would have decided. */
export function definePreview(command: Command, io: Io): void {
  const previewing = withServer(
    command.command("preview <name[@version]>").description("what a version would have decided in the latest runs"),
  )
    .requiredOption("--workflow <name>", "whose runs")
    .option("--file <file>", "a version that is not published: YAML or JSON")
    .option("--slot <slot>", "the slot it is tried in; all of the prompt unless given")
    .option("--runs <number>", "at most so many of the latest runs", "200");
  withExamples(previewing, [
    ["sluice prompt preview ticket_classifier@2026-06-01.1 --workflow triage", "a published version"],
    ["sluice prompt preview ticket_classifier --file next.yaml --workflow triage", "one that is being written"],
  ]).action((wanted: string, options: Options) => preview(wanted, options, io));
}

async function preview(wanted: string, options: Options, io: Io): Promise<void> {
  const { name, version } = splitVersion(wanted);
  const what = await whatOf(options, version, io);
  const runs = Number(options.runs);
  if (!Number.isInteger(runs))
    throw new UsageError("wrong_number", `--runs takes a whole number, not "${options.runs}".`);
  const client = await connect(options, io);
  const { workflow, slot } = options;
  const path = `/v1/prompts/${encodeURIComponent(name)}`;
  const begun = await client.post<PreviewDocument>(`${path}/preview`, { ...what, workflow, runs, ...(slot === undefined ? {} : { slot }) }); // prettier-ignore
  const found = await followed(client, `${path}/previews/${begun.preview_id}`, io);
  if (options.json === true) printJson(io, found);
  else printLines(io, previewLines(found, io));
  if (found.status !== "done") throw new Exit(EXIT.failed, found.failure ?? `The preview was ${found.status}.`);
}

async function whatOf(
  { file }: Options,
  version: string | undefined,
  io: Io,
): Promise<{ version: string } | { document: JsonObject }> {
  if (file === undefined && version === undefined)
    throw new UsageError("wrong_version", "Name a version (NAME@VERSION), or a file with --file.");
  if (file === undefined) return { version: version as string };
  const { value, problems } = parseSource(file, await readInput(file, io));
  const [mistake] = problems;
  if (mistake !== undefined) throw new UsageError("not_readable", `${file}:${mistake.line ?? 1}: ${mistake.message}`);
  if (!isObject(value)) throw new UsageError("not_readable", `${file} is no prompt version.`);
  return { document: value };
}

/** Ctrl-C ends it on the server too. */
async function followed(client: Client, path: string, io: Io): Promise<PreviewDocument> {
  const stopped = new AbortController();
  const onSignal = (): void => stopped.abort();
  process.once("SIGINT", onSignal);
  try {
    for (;;) {
      const present = await client.get<PreviewDocument>(path);
      if (io.interactive) io.err(`\r\x1b[K${present.status === "running" ? `${present.done} of ${present.total} runs, ${present.changed} decided otherwise` : ""}`); // prettier-ignore
      if (present.status !== "running") return present;
      if (stopped.signal.aborted) return await client.post<PreviewDocument>(`${path}/cancel`);
      await pause(POLL_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  } finally {
    process.removeListener("SIGINT", onSignal);
  }
}
