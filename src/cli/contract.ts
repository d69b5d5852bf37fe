import type { Command } from "commander";
import { resolveOwnName } from "../app/resolve.ts";
import { loadContracts } from "../contract/load.ts";
import type { LoadedContracts } from "../contract/load.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import { printJson, printLines, table } from "./print.ts";
import { errorsOf, folderOption, problemLines, projectDir, tally } from "./project-folder.ts";
import type { FolderOptions } from "./project-folder.ts";

type Options = FolderOptions & { json?: true };

/** `sluice contract list|check`. */
export function define(command: Command, io: Io): void {
  command.addHelpText("after", "\nExamples:\n  $ sluice contract list\n  $ sluice contract check --dir my-project");
  withExamples(folderOption(command.command("list")), [
    ["sluice contract list", "event types, their versions, and which one is the default"],
  ])
    .description("event types and their versions")
    .option("--json", "print them as JSON")
    .action(async (options: Options) => listContracts(options, io));
  withExamples(folderOption(command.command("check")), [
    ["sluice contract check --json", "the mistakes in events/ as JSON"],
  ])
    .description("the mistakes in events/")
    .option("--json", "print them as JSON")
    .action(async (options: Options) => checkContracts(options, io));
}

async function open(options: Options, io: Io): Promise<LoadedContracts> {
  resolveOwnName();
  return await loadContracts(projectDir(options, io));
}

async function listContracts(options: Options, io: Io): Promise<void> {
  const { contracts, problems } = await open(options, io);
  const all = contracts.types().flatMap((type) => contracts.versions(type));
  if (options.json) {
    const rows = all.map(({ type, version, upcast, file, schema }) => ({
      type,
      version,
      default: contracts.implied(type)?.version === version,
      upcast: upcast !== null,
      file,
      hash: schema.hash,
      schema: schema.source,
    }));
    printJson(io, rows);
  } else if (all.length === 0)
    io.out("There is no contract. Write events/TYPE/1.schema.json, the JSON Schema of a whole event.\n");
  else
    printLines(
      io,
      table(
        io,
        [{ title: "TYPE" }, { title: "VERSION" }, { title: "DEFAULT" }, { title: "UPCAST" }, { title: "FILE" }],
        all.map(({ type, version, upcast, file }) => [
          type,
          String(version),
          contracts.implied(type)?.version === version ? "yes" : "",
          upcast === null ? "" : `to ${version + 1}`,
          file,
        ]),
      ),
    );
  if (errorsOf(problems).length > 0) io.err(problemLines(errorsOf(problems), projectDir(options, io), io));
}

async function checkContracts(options: Options, io: Io): Promise<void> {
  const { contracts, problems } = await open(options, io);
  const errors = errorsOf(problems).length;
  if (options.json) printJson(io, { ok: errors === 0, errors, warnings: problems.length - errors, problems });
  else {
    io.out(problemLines(problems, projectDir(options, io), io));
    io.out(`${tally(problems)}: ${contracts.types().length} event type(s) in order.\n`);
  }
  if (errors > 0) throw new Exit(EXIT.failed);
}
