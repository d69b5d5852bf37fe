import { Command, CommanderError } from "commander";
import { ProjectError, UsageError, formatProblem } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import { COMMANDS } from "./commands.ts";
import type { CommandEntry } from "./commands.ts";
import { EXIT, Exit } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { processIo } from "./io.ts";
import type { Io } from "./io.ts";
import { version } from "./version.ts";

const EXAMPLES = `
Examples:
  $ sluice init my-project && cd my-project     a project to start from
  $ sluice serve                                run it
  $ sluice trigger event.json --wait 20s        send an event and wait for the decision
  $ sluice login                                a link to the console of the running server
  $ sluice why RUN                              everything about one decision, on one screen

Exit codes: 0 done, 1 a gate or check failed, 2 wrong use or bad input, 3 inconclusive.
`;

/** Options that most commands take, and that may stand before the command too. */
const GOES_BEFORE = /^--(dir|data|url|token)(=.*)?$/s;

/** Puts them where the command looks for them: behind everything else, but before a bare `--`. */
function inOrder(given: readonly string[]): string[] {
  let at = 0;
  for (let match; (match = GOES_BEFORE.exec(given[at] ?? "")) !== null;) at += match[2] === undefined ? 2 : 1;
  const [before, rest] = [given.slice(0, at), given.slice(at)];
  const end = rest.indexOf("--");
  return end < 0 ? [...rest, ...before] : [...rest.slice(0, end), ...before, ...rest.slice(end)];
}

/** Runs one command line (without node and script) and resolves to its exit code. */
export async function main(given: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  const argv = inOrder(given);
  try {
    const asked = argv.find((word) => !word.startsWith("-"));
    const entry = COMMANDS.find(({ name }) => name === asked);
    if (asked !== undefined && asked !== "help" && entry === undefined)
      throw new Exit(
        EXIT.wrongUse,
        `There is no command "${asked}". ${didYouMean(
          asked,
          COMMANDS.map(({ name }) => name),
        )}`,
      );
    const program = await programFor(entry ?? helpTopic(argv), io);
    if (argv.length === 0) io.out(program.helpInformation() + EXAMPLES);
    else await program.parseAsync([...argv], { from: "user" });
    return EXIT.done;
  } catch (error) {
    return report(error, io);
  }
}

/** `sluice help runs` needs the definition of `runs`. */
function helpTopic(argv: readonly string[]): CommandEntry | undefined {
  const words = argv.filter((word) => !word.startsWith("-"));
  return words[0] === "help" ? COMMANDS.find(({ name }) => name === words[1]) : undefined;
}

async function programFor(asked: CommandEntry | undefined, io: Io): Promise<Command> {
  const program = new Command("sluice")
    .description("Runs AI workflows in production: observable, testable, reversible and measurable.")
    .version(version(), "-V, --version")
    // A command may have an option of the same name: release rollback --version.
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what it takes, with examples)")
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHelpWidth: () => Math.min(io.width, 120),
      getErrHelpWidth: () => Math.min(io.width, 120),
      getOutHasColors: () => io.colour,
    });
  for (const entry of COMMANDS) {
    // `command()` hands the settings above down to the subcommand.
    const command = program.command(entry.name).description(entry.summary);
    if (entry === asked) (await entry.load()).define(command, io);
  }
  return program;
}

/** Says what went wrong on standard error, without a stack trace for a user's mistake. */
function report(error: unknown, io: Io): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has said it already; help and version are no mistakes.
    return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
  }
  if (error instanceof Exit) {
    if (error.message !== "") io.err(`${error.message}\n`);
    return error.code;
  }
  if (error instanceof ProjectError) {
    io.err(`${error.problems.map(formatProblem).join("\n")}\n`);
    return EXIT.wrongUse;
  }
  if (error instanceof UsageError) {
    io.err(`${error.message}\n`);
    for (const { pointer, message } of error.errors ?? [])
      io.err(`  ${pointer === "" ? "(whole)" : pointer}: ${message}\n`);
    return EXIT.wrongUse;
  }
  return reportBug(error, io);
}

function reportBug(error: unknown, io: Io): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  io.err(`Sluice stopped at an error it did not expect: ${message}\n`);
  if (io.env["SLUICE_DEBUG"] === undefined) io.err("Set SLUICE_DEBUG=1 to see where, and please report it.\n");
  else if (error instanceof Error) io.err(`${error.stack ?? ""}\n`);
  return EXIT.failed;
}
